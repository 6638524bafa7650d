package state

import (
	"encoding/json"
	"fmt"
	"iter"
)

// Table holds values of one type by id. A stored value is never changed in
// place: to change it, put another. Iteration follows the order in which ids
// first appeared, so pages of a collection are stable.
type Table[T any] struct {
	name    string
	rows    map[string]row[T]
	order   []place // ids as they first appeared; dropped ones stay until compacted
	next    uint64
	touched uint64 // how often a row was set or removed
	indexes []*Index[T]
}

type row[T any] struct {
	value T
	place uint64 // when the id first appeared, counted in ids
}

// place is an id where it first appeared. It is dead once the id's row is gone
// or stands elsewhere.
type place struct {
	id string
	at uint64
}

// NewTable makes the table called name in s. It is called before Open.
func NewTable[T any](s *Store, name string) *Table[T] {
	if _, taken := s.tables[name]; taken {
		panic(fmt.Sprintf("state: two tables are called %q", name))
	}
	t := &Table[T]{name: name, rows: map[string]row[T]{}}
	s.tables[name] = t
	return t
}

// Get gives the value stored under id.
func (t *Table[T]) Get(_ *Tx, id string) (T, bool) {
	r, ok := t.rows[id]
	return r.value, ok
}

// Has says whether something is stored under id.
func (t *Table[T]) Has(_ *Tx, id string) bool {
	_, ok := t.rows[id]
	return ok
}

// Len is the number of values.
func (t *Table[T]) Len(*Tx) int { return len(t.rows) }

// Touched counts what was done to the table in this process: where it has not
// moved, nothing has changed.
func (t *Table[T]) Touched(*Tx) uint64 { return t.touched }

// Put stores value under id, in place of what was there.
func (t *Table[T]) Put(tx *Tx, id string, value T) {
	old, had := t.rows[id]
	t.set(id, value)
	tx.wrote(write{
		undo: func() {
			if had {
				t.set(id, old.value)
			} else {
				t.forget(id)
			}
		},
		journal: func() (entry, error) {
			b, err := json.Marshal(value)
			if err != nil {
				return entry{}, fmt.Errorf("%s %s: %w", t.name, id, err)
			}
			return entry{Table: t.name, ID: id, Value: b}, nil
		},
	})
}

// Delete removes what is stored under id, if anything.
func (t *Table[T]) Delete(tx *Tx, id string) {
	old, had := t.rows[id]
	if !had {
		return
	}
	t.forget(id)
	tx.wrote(write{
		undo:    func() { t.set(id, old.value) },
		journal: func() (entry, error) { return entry{Table: t.name, ID: id}, nil },
	})
}

// All gives every id and value, oldest id first.
func (t *Table[T]) All(*Tx) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, p := range t.order {
			if r, ok := t.rows[p.id]; ok && r.place == p.at && !yield(p.id, r.value) {
				return
			}
		}
	}
}

func (t *Table[T]) set(id string, value T) {
	t.touched++
	old, had := t.rows[id]
	r := row[T]{value: value, place: old.place}
	if !had {
		t.next++
		r.place = t.next
		t.order = append(t.order, place{id, r.place})
	}
	t.rows[id] = r
	for _, x := range t.indexes {
		if had {
			x.remove(id, old.value)
		}
		x.add(id, value)
	}
}

func (t *Table[T]) forget(id string) {
	old, had := t.rows[id]
	if !had {
		return
	}
	t.touched++
	delete(t.rows, id)
	for _, x := range t.indexes {
		x.remove(id, old.value)
	}
	if len(t.order) > 2*len(t.rows)+64 {
		t.compact()
	}
}

// compact drops the dead places. It makes a new slice, because somebody may be
// walking the old one.
func (t *Table[T]) compact() {
	live := make([]place, 0, len(t.rows))
	for _, p := range t.order {
		if r, ok := t.rows[p.id]; ok && r.place == p.at {
			live = append(live, p)
		}
	}
	t.order = live
}

func (t *Table[T]) restore(id string, raw json.RawMessage) error {
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		return err
	}
	t.set(id, value)
	return nil
}

// wrote takes down a change, so that it can be undone and journaled.
func (tx *Tx) wrote(w write) {
	if tx.writable {
		tx.writes = append(tx.writes, w)
	}
}
