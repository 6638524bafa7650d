//go:build unix

package state

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the journal for this process until its file is closed, which a kill
// does too.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrTaken
	}
	return err
}
