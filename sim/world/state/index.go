package state

import (
	"cmp"
	"iter"
	"slices"
)

// Index finds the values of a table by something other than their id. It is
// kept current by the table.
type Index[T any] struct {
	table *Table[T]
	keys  func(T) []string
	ids   map[string]map[string]struct{}
}

// NewIndex makes an index over t: a value is found under each key that keys
// gives for it. It is called before Open, or at least before t has values.
func NewIndex[T any](t *Table[T], keys func(T) []string) *Index[T] {
	x := &Index[T]{table: t, keys: keys, ids: map[string]map[string]struct{}{}}
	for id, r := range t.rows {
		x.add(id, r.value)
	}
	t.indexes = append(t.indexes, x)
	return x
}

// Find gives the ids and values under key, oldest id first.
func (x *Index[T]) Find(_ *Tx, key string) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, id := range x.sorted(key) {
			r, ok := x.table.rows[id]
			if ok && !yield(id, r.value) {
				return
			}
		}
	}
}

// First gives the oldest id and value under key.
func (x *Index[T]) First(tx *Tx, key string) (id string, value T, ok bool) {
	for id, value := range x.Find(tx, key) {
		return id, value, true
	}
	return "", value, false
}

// Count is the number of values under key.
func (x *Index[T]) Count(_ *Tx, key string) int { return len(x.ids[key]) }

func (x *Index[T]) sorted(key string) []string {
	set := x.ids[key]
	ids := make([]string, 0, len(set))
	for id := range set {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Compare(x.table.rows[a].place, x.table.rows[b].place)
	})
	return ids
}

func (x *Index[T]) add(id string, value T) {
	for _, key := range x.keys(value) {
		if x.ids[key] == nil {
			x.ids[key] = map[string]struct{}{}
		}
		x.ids[key][id] = struct{}{}
	}
}

func (x *Index[T]) remove(id string, value T) {
	for _, key := range x.keys(value) {
		delete(x.ids[key], id)
		if len(x.ids[key]) == 0 {
			delete(x.ids, key)
		}
	}
}
