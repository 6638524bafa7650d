package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAnAddressThatIsNotAdmittedIsTheConfigurationsFault and no credential's.
func TestAnAddressThatIsNotAdmittedIsTheConfigurationsFault(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	raw = regexp.MustCompile(`(?m)^admit: .*$`).ReplaceAll(raw, []byte("admit: []"))
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", config); code != cli.ExitUsage || !strings.Contains(stderr, "outbound.address") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}
