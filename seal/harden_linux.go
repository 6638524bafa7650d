package seal

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Harden turns core dumps off and makes the process unreadable to others of the
// same user (prctl(2), PR_SET_DUMPABLE; getrlimit(2), RLIMIT_CORE). It holds until
// the process ends.
func Harden() error {
	return errors.Join(
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0),
	)
}

// Hardened asks the system how it is.
func Hardened() Hardening {
	h := Hardening{unknown, unknown}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CORE, &limit) == nil {
		h.CoreDumps = answer(limit.Cur > 0)
	}
	if dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err == nil {
		h.Readable = answer(dumpable != 0)
		if dumpable == 0 {
			h.CoreDumps = no
		}
	}
	return h
}

func answer(is bool) string {
	if is {
		return yes
	}
	return no
}
