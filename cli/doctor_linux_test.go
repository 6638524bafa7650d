package cli_test

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestDoctorSaysThatACrashWritesSecretsToDisk(t *testing.T) {
	tn := open(t)
	config := tn.server(t, nil)
	var was unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &was); err != nil {
		t.Fatal(err)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &was)
		_ = unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(dumpable), 0, 0, 0)
	}()
	for _, s := range []struct {
		limit uint64
		want  string
	}{{0, "pass"}, {1 << 20, "warn"}} {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: s.limit, Max: max(was.Max, s.limit)}); err != nil {
			t.Skipf("this user may not permit core dumps: %v", err)
		}
		if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
			t.Fatal(err)
		}
		if _, results, _ := diagnosis(t, config); results["doctor.core_dumps"] != s.want {
			t.Errorf("with a limit of %d: %s", s.limit, results["doctor.core_dumps"])
		}
	}
}
