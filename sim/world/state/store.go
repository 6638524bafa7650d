// Package state is the simulator's memory: typed tables changed in
// transactions, each committed transaction one line of an append-only journal.
// It promises that a transaction is applied and journaled whole or not at all,
// and that opening a journal after the process was killed gives back every
// transaction whose Update returned. It knows nothing of Microsoft 365 and
// shares nothing with the gateway's store.
package state

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Options say how a Store is opened.
type Options struct {
	// Path is the journal's file; empty means that nothing outlives the process.
	Path string
	// Base says what the base of Open builds, for people; a journal begun on one
	// base is not opened on another.
	Base string
	// Seed makes the ids that transactions draw; the same seed, the same ids.
	Seed uint64
	// Now is the time outside the simulator; nil means time.Now.
	Now func() time.Time
}

// Store holds the tables of one simulated tenant. Reads run side by side,
// transactions that write run one at a time.
type Store struct {
	mu       sync.RWMutex
	options  Options
	clock    Clock
	tables   map[string]table
	seq      uint64
	journal  *os.File
	whole    int64 // where the journal's last whole line ends
	watchers []func(*Tx)
}

// table is what the journal needs of a Table, whatever its values.
type table interface {
	restore(id string, value json.RawMessage) error
	forget(id string)
}

// New gives an empty store. Tables are made next, then Open is called.
func New(o Options) *Store {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{options: o, tables: map[string]table{}}
	s.clock.outside = o.Now
	return s
}

// Clock is the tenant's clock. It may be read and set at any time.
func (s *Store) Clock() *Clock { return &s.clock }

// Watch has f called after each committed transaction, in order, while the
// store is still locked: f must only take notes and return.
func (s *Store) Watch(f func(*Tx)) { s.watchers = append(s.watchers, f) }

// Open fills the store: base builds the tenant as it is before its first
// transaction, then the journal is replayed. Nothing of base is journaled but
// its time: for the same seed and the same time it must build the same. A last
// line that was cut short by a kill is dropped: its Update never returned. A
// journal that another process has open is refused, and so is one with a line
// that is not as it was written.
func (s *Store) Open(base func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, begun, err := s.openJournal()
	if err != nil {
		return err
	}
	if err := base(&Tx{store: s, at: begun}); err != nil {
		return fmt.Errorf("building the tenant: %w", err)
	}
	if f == nil {
		return nil
	}
	whole, err := s.replay(f)
	if err != nil {
		return errors.Join(fmt.Errorf("replaying %s: %w", s.options.Path, err), f.Close())
	}
	if err := f.Truncate(whole); err != nil {
		return errors.Join(fmt.Errorf("cutting the journal's torn end: %w", err), f.Close())
	}
	if _, err := f.Seek(whole, io.SeekStart); err != nil {
		return errors.Join(fmt.Errorf("finding the journal's end: %w", err), f.Close())
	}
	s.journal, s.whole = f, whole
	return nil
}

func (s *Store) apply(l line) error {
	for _, e := range l.Wrote {
		t, ok := s.tables[e.Table]
		if !ok {
			return fmt.Errorf("transaction %d names the table %q, which this version does not have", l.Seq, e.Table)
		}
		if e.Value == nil {
			t.forget(e.ID)
			continue
		}
		if err := t.restore(e.ID, e.Value); err != nil {
			return fmt.Errorf("transaction %d, %s %s: %w", l.Seq, e.Table, e.ID, err)
		}
	}
	s.seq = l.Seq
	s.clock.restore(l.Skew)
	return nil
}

// Close closes the journal. The store must not be used afterwards.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

// View runs f on a state that does not change meanwhile. f must not write.
func (s *Store) View(f func(*Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(&Tx{store: s, at: s.clock.Now(), seq: s.seq})
}

// Update runs f and keeps what it changed if it returns nil, else nothing. When
// Update has returned, the change survives the process being killed.
func (s *Store) Update(f func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx := &Tx{store: s, at: s.clock.Now(), seq: s.seq + 1, writable: true}
	if err := f(tx); err != nil {
		tx.undo()
		return err
	}
	if len(tx.writes) == 0 {
		return nil
	}
	if err := s.record(tx); err != nil {
		tx.undo()
		return fmt.Errorf("writing the journal: %w", err)
	}
	s.seq = tx.seq
	for _, w := range s.watchers {
		w(tx)
	}
	return nil
}

func (s *Store) record(tx *Tx) error {
	if s.journal == nil {
		return nil
	}
	l := line{Seq: tx.seq, At: tx.at, Skew: s.clock.skew()}
	for _, w := range tx.writes {
		e, err := w.journal()
		if err != nil {
			return err
		}
		l.Wrote = append(l.Wrote, e)
	}
	b, err := l.sealed()
	if err != nil {
		return err
	}
	n, err := s.journal.Write(b)
	if err != nil {
		// On a full disk part of the line may be there: what follows must not join it.
		return errors.Join(err, s.journal.Truncate(s.whole), s.seekEnd())
	}
	s.whole += int64(n)
	return nil
}

func (s *Store) seekEnd() error {
	_, err := s.journal.Seek(s.whole, io.SeekStart)
	return err
}

// id derives the n-th id of a transaction: 16 bytes that no other transaction
// of this seed draws.
func (s *Store) id(seq, n uint64) [16]byte {
	var in [24]byte
	binary.BigEndian.PutUint64(in[0:], s.options.Seed)
	binary.BigEndian.PutUint64(in[8:], seq)
	binary.BigEndian.PutUint64(in[16:], n)
	sum := sha256.Sum256(in[:])
	return [16]byte(sum[:16])
}
