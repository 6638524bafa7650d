//go:build !unix && !windows

package store

// names cannot be counted here.
func names(string) (uint64, error) { return 1, nil }
