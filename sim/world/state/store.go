// Package state is the simulator's memory: typed tables changed in
// transactions, each committed transaction one line of an append-only journal.
// It promises that a transaction is applied and journaled whole or not at all,
// and that opening a journal after the process was killed gives back every
// transaction whose Update returned. It knows nothing of Microsoft 365 and
// shares nothing with the gateway's store.
package state

import (
	"bufio"
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

// line is one journal line: a committed transaction.
type line struct {
	Seq   uint64        `json:"seq"`
	At    time.Time     `json:"at"`
	Skew  time.Duration `json:"skew,omitempty"`
	Base  string        `json:"base,omitempty"` // only in the first line
	Wrote []entry       `json:"wrote"`
}

// entry is one write of a transaction; without a value it is a deletion.
type entry struct {
	Table string          `json:"table"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Open fills the store: base builds the tenant as it is before its first
// transaction, then the journal is replayed. Nothing of base is journaled but
// its time: for the same seed and the same time it must build the same. A last
// line that was cut short by a kill is dropped: its Update never returned.
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

// openJournal opens the journal's file, if there is to be one, and gives the time
// of its first line: when the tenant was made. A new journal gets that line.
func (s *Store) openJournal() (*os.File, time.Time, error) {
	now := s.clock.Now()
	if s.options.Path == "" {
		return nil, now, nil
	}
	f, err := os.OpenFile(s.options.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, now, fmt.Errorf("opening the journal: %w", err)
	}
	first, err := begin(f, line{At: now, Base: s.options.Base, Wrote: []entry{}})
	if err == nil && first.Base != s.options.Base {
		err = fmt.Errorf("it was begun with %s, not with %s: start with the same again, or with another journal", first.Base, s.options.Base)
	}
	if err != nil {
		return nil, now, errors.Join(fmt.Errorf("reading %s: %w", s.options.Path, err), f.Close())
	}
	return f, first.At, nil
}

// begin gives the journal's first line, which it writes into a new one, and
// leaves the file at its start.
func begin(f *os.File, first line) (line, error) {
	raw, err := bufio.NewReader(f).ReadBytes('\n')
	switch {
	case err == nil:
		first = line{}
		if err := json.Unmarshal(raw, &first); err != nil {
			return first, fmt.Errorf("its first line: %w", err)
		}
	case errors.Is(err, io.EOF):
		if raw, err = json.Marshal(first); err != nil {
			return first, err
		}
		if err := f.Truncate(0); err != nil {
			return first, err
		}
		if _, err := f.WriteAt(append(raw, '\n'), 0); err != nil {
			return first, err
		}
	default:
		return first, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return first, err
}

// replay applies every whole line and says where the last of them ends.
func (s *Store) replay(f *os.File) (int64, error) {
	lines := bufio.NewReader(f)
	var whole int64
	for {
		raw, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return whole, nil
		case err != nil:
			return whole, err
		}
		var l line
		if err := json.Unmarshal(raw, &l); err != nil {
			return whole, fmt.Errorf("line after transaction %d: %w", s.seq, err)
		}
		if err := s.apply(l); err != nil {
			return whole, err
		}
		whole += int64(len(raw))
	}
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
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	n, err := s.journal.Write(append(b, '\n'))
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
