package store

import (
	"strings"
	"sync"
)

// chunks cuts a list into pieces that one statement each handles. There are few
// sizes, so that few statements are prepared; more than 64 rows at once gain
// nothing (measured).
func chunks[T any](list []T) [][]T {
	var out [][]T
	for _, size := range [...]int{64, 16, 4, 1} {
		for len(list) >= size {
			out = append(out, list[:size])
			list = list[size:]
		}
	}
	return out
}

// memoized remembers the statements for each size of a chunk.
func memoized(write func(n int) string) func(n int) string {
	var known sync.Map
	return func(n int) string {
		if query, ok := known.Load(n); ok {
			return query.(string)
		}
		query := write(n)
		known.Store(n, query)
		return query
	}
}

// marks gives n placeholders for a list of values.
func marks(n int) string { return tuples(n, "?") }

// tuples gives n copies of one row's placeholders.
func tuples(n int, one string) string { return strings.Repeat(one+", ", n-1) + one }
