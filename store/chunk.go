package store

import "strings"

// chunkSizes are how many rows one statement handles. Few sizes, so that few
// statements are prepared; more than 64 rows at once gain nothing (measured).
var chunkSizes = [...]int{64, 16, 4, 1}

// chunks cuts a list into pieces of those sizes.
func chunks[T any](list []T) [][]T {
	var out [][]T
	for _, size := range chunkSizes {
		for len(list) >= size {
			out = append(out, list[:size])
			list = list[size:]
		}
	}
	return out
}

// marks gives n placeholders for a list of values.
func marks(n int) string { return tuples(n, "?") }

// tuples gives n copies of one row's placeholders.
func tuples(n int, one string) string { return strings.Repeat(one+", ", n-1) + one }
