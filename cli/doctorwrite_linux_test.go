package cli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestTheDoctorSaysThatTheDatabaseCannotBeWritten to an ordinary user, as whom a thread
// opens files even where tests run as root.
func TestTheDoctorSaysThatTheDatabaseCannotBeWritten(t *testing.T) {
	tn := open(t)
	for _, made := range []bool{true, false} {
		config := tn.configure(t, nil)
		folder := filepath.Dir(config)
		if made {
			if code, _, stderr := run(t, "serve", "--check", "--config", config); code != 0 {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
		}
		done := make(chan string)
		for at, mode := range map[string]os.FileMode{filepath.Dir(folder): 0o755, config: 0o644, folder: 0o555} {
			if err := os.Chmod(at, mode); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
		if made {
			if err := os.Chmod(filepath.Join(folder, "graphwarden.db"), 0o444); err != nil {
				t.Fatal(err)
			}
		}
		go func() {
			defer close(done)
			if os.Geteuid() == 0 {
				runtime.LockOSThread() // never unlocked: Go discards the thread
				if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0); errno != 0 {
					t.Error(errno)
					return
				}
			}
			_, out, _ := run(t, "doctor", "--config", config)
			done <- out
		}()
		if out := <-done; !strings.Contains(out, "fail     The database "+filepath.Join(folder, "graphwarden.db")+" cannot be written") {
			t.Errorf("made %t, it says:\n%s", made, out)
		}
	}
}
