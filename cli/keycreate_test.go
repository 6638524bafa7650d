package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestALostKeyFileIsNoDeadEnd: a new one is made, the doctor says what does not open
// with it, and connecting anew mends that.
func TestALostKeyFileIsNoDeadEnd(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, nil)
	says(t, cli.ExitOK, "", "serve", "--check", "--config", config)
	if _, results, _ := diagnosis(t, config); results["doctor.sealed"] != "pass" {
		t.Errorf("with the key file: %v", results)
	}
	key := filepath.Join(filepath.Dir(config), "graphwarden.key")
	says(t, cli.ExitConflict, "cli.key_exists", "key", "create", "--config", config)
	says(t, cli.ExitConflict, "cli.key_exists", "key", "create", "--dry-run", "--config", config)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, results, _ := diagnosis(t, config); results["doctor.sealed"] != "fail" {
		t.Errorf("without a key file: %v", results)
	}
	if _, err := os.Stat(key); err == nil {
		t.Fatal("the doctor made a key file")
	}
	if _, _, wrong := run(t, "serve", "--check", "--config", config); !strings.Contains(wrong, "seal.key_missing") || !strings.Contains(wrong, "graphwarden key create") {
		t.Errorf("a server without it: %s", wrong)
	}
	says(t, cli.ExitOK, "back it up", "key", "create", "--config", config)
	if _, results, _ := diagnosis(t, config); results["doctor.sealed"] != "fail" {
		t.Errorf("with another key file: %v", results)
	}
	for _, registration := range []string{"calendar", "reader", "signed"} {
		_, _, _ = run(t, "connect", "contoso", registration, "--no-input", "--config", config)
	}
	if _, results, _ := diagnosis(t, config); results["doctor.sealed"] != "pass" {
		t.Errorf("connected anew: %v", results)
	}
}
