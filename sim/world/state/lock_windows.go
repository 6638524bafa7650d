package state

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the journal for this process until its file is closed, which a kill
// does too. The byte that it locks lies beyond any journal's end, because Windows
// keeps others from reading what is locked.
func lock(f *os.File) error {
	beyond := windows.Overlapped{OffsetHigh: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &beyond)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ErrTaken
	}
	return err
}
