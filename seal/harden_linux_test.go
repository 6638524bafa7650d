package seal_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/graphwarden/graphwarden/seal"
)

// TestAHardenedProcessCannotBeRead hardens a process of its own, because it holds
// until that ends.
func TestAHardenedProcessCannotBeRead(t *testing.T) {
	if os.Getenv("HARDEN_THIS") != "" {
		if err := seal.Harden(); err != nil {
			t.Fatal(err)
		}
		if h := seal.Hardened(); !h.Complete() {
			t.Errorf("hardened: %+v", h)
		}
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), "HARDEN_THIS=yes")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	if h := seal.Hardened(); h.Readable != "yes" {
		t.Errorf("this process, which was not hardened, says %+v", h)
	}
}
