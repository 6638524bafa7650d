package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

func TestAConfigurationIsValidated(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	code, out, stderr := run(t, "config", "validate", config)
	if code != cli.ExitOK || !strings.Contains(out, "nothing is wrong") || stderr != "" {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	_, out, _ = run(t, "config", "validate", config, "--json")
	validates(t, "config validate", out)
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(filepath.Dir(config), "wrong.yaml")
	text := strings.NewReplacer("listen:", "listne:", "kind: calendar", "kind: calender").Replace(string(raw))
	if err := os.WriteFile(wrong, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr = run(t, "config", "validate", wrong)
	if code != cli.ExitUsage || !strings.Contains(out, "wrong.yaml:3:1: listne: there is no such setting, did you mean listen?") ||
		!strings.Contains(out, "flows.office.kind") || !strings.Contains(stderr, "2 mistakes") || !strings.Contains(stderr, "config.syntax") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	_, out, _ = run(t, "config", "validate", wrong, "--json")
	validates(t, "config validate", out)
	var v cli.Validated
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Valid || len(v.Mistakes) != 2 || v.Mistakes[0].Line != 3 {
		t.Errorf("%v: %+v", err, v)
	}
	if code, _, stderr := run(t, "serve", "--config", wrong); code != cli.ExitUsage || !strings.Contains(stderr, "wrong.yaml:3:1: listne") {
		t.Errorf("serve says: %s", stderr)
	}
	if code, _, stderr := run(t, "config", "validate", wrong+"2"); code != cli.ExitUsage || !strings.Contains(stderr, "config.unreadable") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	published, err := os.ReadFile("../docs/config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ := run(t, "config", "schema"); out != string(published) {
		t.Error("config schema does not print docs/config.schema.json")
	}
}
