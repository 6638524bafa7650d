package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/graphwarden/graphwarden"
)

// A process that shares a server's database says that it lives by an advisory
// lock of the connection that it listens on: the server ends that connection, and
// the lock with it, when the process ends, however it ends. A row of holds named
// "life/<holder>" says that there is such a lock to look for; who keeps nothing
// but leases has none and is never thought dead.
const (
	// lookEvery is how often a process looks who has died.
	lookEvery = time.Second
	// goneFor is how long a process is without its lock until it is thought dead:
	// longer than one that lives takes to connect again.
	goneFor = 3 * time.Second
	// lifeLock is the class of those locks: "GWLF".
	lifeLock = 'G'<<24 | 'W'<<16 | 'L'<<8 | 'F'
	// lifeQuery gives the names of those that have such a lock, each with 0, and the locks
	// that there are, without a name.
	lifeQuery = `SELECT holder, 0 FROM holds WHERE name >= 'life/' AND name < 'life0'
UNION ALL SELECT '', CAST(objid AS BIGINT) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND CAST(classid AS BIGINT) = ? AND objsubid = 2
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
)

// life is what a process knows of its own and the others' lives.
type life struct {
	mu     sync.Mutex
	holder string               // "" until Appear
	conn   *pgx.Conn            // of Appear, until Woken takes it
	gone   map[string]time.Time // who has no lock, and since when
	freed  chan struct{}        // closed when leases are free again
}

// lifeKey is a process's lock within the class. Should two have the same, the one
// that is dead is thought alive and its leases run out.
func lifeKey(holder string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(holder))
	return int64(h.Sum32())
}

// Appear says that the process called holder lives from now on, so that the
// others can take over what it holds as soon as it has died (Mourn). On SQLite
// there are no others.
func (s *Store) Appear(ctx context.Context, holder string) error {
	if s.listener == nil {
		return nil
	}
	s.life.mu.Lock()
	s.life.holder = holder
	s.life.mu.Unlock()
	conn, err := s.connectLife(ctx)
	if err != nil {
		return s.refuse(err)
	}
	s.life.mu.Lock()
	s.life.conn = conn
	s.life.mu.Unlock()
	closing := context.WithoutCancel(ctx)
	s.closing = append([]func() error{func() error {
		if conn := s.takeLife(); conn != nil {
			return conn.Close(closing)
		}
		return nil
	}}, s.closing...)
	return nil
}

// connectLife opens the connection whose end is this process's end. Crashed
// before the row is there, the process has nothing that a lock could free.
func (s *Store) connectLife(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.listener.Copy())
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4`)
	if holder := s.lives(); err == nil && holder != "" {
		// Shared, so that it never waits.
		_, err = conn.Exec(ctx, fmt.Sprintf(`SELECT pg_advisory_lock_shared(%d, %d)`, lifeLock, int32(lifeKey(holder))))
		if err == nil {
			err = s.register(ctx, holder)
		}
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx)) // what is wrong is known
		return nil, err
	}
	return conn, nil
}

func (s *Store) register(ctx context.Context, holder string) error {
	return s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := s.Hold(ctx, tx, "life/"+holder, holder, 0)
		return err
	})
}

// lives is this process's name among those that say that they live.
func (s *Store) lives() string {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	return s.life.holder
}

// takeLife gives the connection of Appear to who asks first.
func (s *Store) takeLife() *pgx.Conn {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	conn := s.life.conn
	s.life.conn = nil
	return conn
}

// Mourn calls died with the name of each process that has died, until ctx ends;
// died frees what it held (Free). Every process mourns, so it may be called for
// one that another has freed already.
func (s *Store) Mourn(ctx context.Context, died func(ctx context.Context, holder string) error) error {
	if s.listener == nil {
		<-ctx.Done()
		return nil
	}
	for {
		dead, err := s.dead(ctx, time.Now())
		for _, holder := range dead {
			s.Log.Warn("another process has died; what it held is free", "process", holder)
			if err == nil {
				err = died(ctx, holder)
			}
		}
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("looking for processes that have died", "reason", s.refuse(err))
		}
		timer := time.NewTimer(lookEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// dead gives the processes that have been without their lock for long enough.
// While this process has none itself, after the server's restart perhaps, it
// judges nobody.
func (s *Store) dead(ctx context.Context, now time.Time) (list []string, err error) {
	var named []string
	locks := map[int64]bool{}
	err = s.reads.rows(ctx, lifeQuery, []any{lifeLock}, func(row scanner) error {
		var holder string
		var key int64
		err := row.Scan(&holder, &key)
		if holder != "" {
			named = append(named, holder)
		} else {
			locks[key] = true
		}
		return err
	})
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	before := s.life.gone
	s.life.gone = map[string]time.Time{}
	if err != nil || s.life.holder != "" && !locks[lifeKey(s.life.holder)] {
		return nil, err
	}
	for _, holder := range named {
		if locks[lifeKey(holder)] {
			continue
		}
		since, known := before[holder]
		if !known {
			since = now
		}
		s.life.gone[holder] = since
		if now.Sub(since) >= goneFor {
			list = append(list, holder)
		}
	}
	return list, nil
}

// Others is how many processes besides holder live on this database, as far as it is
// known: one that has just died may still be counted, none that works is left out. On
// SQLite there are no others.
func (s *Store) Others(ctx context.Context, holder string) (int, error) {
	if s.listener == nil {
		return 0, nil
	}
	var named []string
	locks := map[int64]bool{}
	err := s.reads.rows(ctx, lifeQuery+` UNION ALL SELECT SUBSTR(name, 9), -1 FROM holds WHERE name >= 'process/' AND name < 'process0' AND until > ?`,
		[]any{lifeLock, micros(s.Now())}, func(row scanner) error {
			var name string
			var key int64
			err := row.Scan(&name, &key)
			switch {
			case name == "":
				locks[key] = true
			case key < 0:
				locks[lifeKey(name)] = true // it said so within the last seconds
			default:
				named = append(named, name)
			}
			return err
		})
	n := 0
	for _, name := range named {
		if name != holder && locks[lifeKey(name)] {
			n++
		}
	}
	return n, s.refuse(err)
}

// Free frees all that a process held which has died or ends: feeds, held items,
// writes, duties, the places of its calls. One that lives on all the same, against all
// appearances, finds that others have it, as it does when a lease has run out.
func (s *Store) Free(ctx context.Context, tx graphwarden.Tx, holder string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE removals SET holder = '', due_at = ? WHERE holder = ?`, micros(t.now), holder); err != nil {
		return fmt.Errorf("freeing what %s held: %w", holder, err)
	}
	// A write keeps its holder's name: that it was left without a word is how it is known
	// that it may have taken effect.
	if _, err := t.exec(ctx, `UPDATE intents SET due_at = ? WHERE holder = ? AND state = 'open'`, micros(t.now), holder); err != nil {
		return fmt.Errorf("freeing what %s held: %w", holder, err)
	}
	for _, query := range []string{`DELETE FROM leases WHERE holder = ?`, `DELETE FROM places WHERE holder = ?`, `DELETE FROM holds WHERE holder = ?`} {
		if _, err := t.exec(ctx, query, holder); err != nil {
			return fmt.Errorf("freeing what %s held: %w", holder, err)
		}
	}
	t.touch(TouchedMarks)
	t.touch(touchedHolds)
	tx.AfterCommit(s.tellFreed)
	return nil
}

// Freed gives a channel that is closed when leases of a process that is gone are
// free, whichever process freed them: who waits for one tries again.
func (s *Store) Freed() <-chan struct{} {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	if s.life.freed == nil {
		s.life.freed = make(chan struct{})
	}
	return s.life.freed
}

func (s *Store) tellFreed() {
	s.life.mu.Lock()
	defer s.life.mu.Unlock()
	if s.life.freed != nil {
		close(s.life.freed)
		s.life.freed = nil
	}
}
