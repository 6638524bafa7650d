package cli_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAFileThatOthersReadIsWarnedOfAtStart, by group or by all; the key file is
// refused.
func TestAFileThatOthersReadIsWarnedOfAtStart(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such bits")
	}
	tn := open(t)
	config := tn.configure(t, nil)
	folder := filepath.Dir(config)
	const says = "others can read or write a file with a secret"
	if code, out, stderr := run(t, "serve", "--check", "--config", config); code != cli.ExitOK || strings.Contains(out+stderr, says) {
		t.Fatalf("with modes as they should be: exit code %d:\n%s%s", code, out, stderr)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(filepath.Join(folder, "calendar.secret"), mode); err != nil {
			t.Fatal(err)
		}
		if code, out, stderr := run(t, "serve", "--check", "--config", config); code != cli.ExitOK || !strings.Contains(out+stderr, says) || !strings.Contains(out+stderr, "calendar.secret") {
			t.Errorf("mode %04o: exit code %d:\n%s%s", mode, code, out, stderr)
		}
	}
	if err := os.Chmod(filepath.Join(folder, "graphwarden.key"), 0o640); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", config); code == cli.ExitOK || !strings.Contains(stderr, "seal.key_exposed") {
		t.Errorf("the key file: exit code %d:\n%s", code, stderr)
	}
}
