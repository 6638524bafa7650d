package state

import (
	"encoding/json"
	"fmt"
	"sort"
)

// Log is an append-only table: values under a key, in the order of the
// transactions that appended them.
type Log[T any] struct {
	name   string
	values map[string][]logged[T]
}

type logged[T any] struct {
	Seq   uint64 `json:"seq"`
	Value T      `json:"value"`
}

// NewLog makes the log called name in s. It is called before Open.
func NewLog[T any](s *Store, name string) *Log[T] {
	if _, taken := s.tables[name]; taken {
		panic(fmt.Sprintf("state: two tables are called %q", name))
	}
	l := &Log[T]{name: name, values: map[string][]logged[T]{}}
	s.tables[name] = l
	return l
}

// Append puts value at the end of what is under key.
func (l *Log[T]) Append(tx *Tx, key string, value T) {
	v := logged[T]{tx.seq, value}
	l.values[key] = append(l.values[key], v)
	tx.wrote(write{
		undo: func() { l.values[key] = l.values[key][:len(l.values[key])-1] },
		journal: func() (entry, error) {
			b, err := json.Marshal(v)
			return entry{Table: l.name, ID: key, Value: b}, err
		},
	})
}

// After gives what transactions later than seq appended under key, oldest
// first. The result must not be changed.
func (l *Log[T]) After(_ *Tx, key string, seq uint64) []T {
	all := l.values[key]
	from := sort.Search(len(all), func(i int) bool { return all[i].Seq > seq })
	out := make([]T, 0, len(all)-from)
	for _, v := range all[from:] {
		out = append(out, v.Value)
	}
	return out
}

func (l *Log[T]) restore(key string, raw json.RawMessage) error {
	var v logged[T]
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	l.values[key] = append(l.values[key], v)
	return nil
}

func (l *Log[T]) forget(key string) { delete(l.values, key) }
