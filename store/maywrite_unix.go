//go:build linux || darwin || freebsd

package store

import "golang.org/x/sys/unix"

// writable says why this process may not write to a file, or in a folder.
func writable(name string) error {
	return unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS)
}
