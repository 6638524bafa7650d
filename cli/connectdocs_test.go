package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestTheDocumentedCommandsConnect runs the commands of docs/connecting.md, one
// after the other, in a folder with a configuration of contoso. Those that wait
// for a person have tests of their own.
func TestTheDocumentedCommandsConnect(t *testing.T) {
	text := strings.Join(snippets(documents(t)["connecting.md"], "sh"), "\n")
	tn := open(t)
	path := tn.configure(t, nil)
	t.Chdir(filepath.Dir(path))
	ran := 0
	for line := range strings.Lines(text) {
		args := strings.Fields(line)
		if strings.Contains(line, "doctor --online") {
			continue // TestDoctorCallsWhatIsConfigured
		}
		if strings.Contains(line, "people link") || strings.Contains(line, "people revoke") {
			continue // TestPeopleAreInvitedListedAndRevoked
		}
		if len(args) == 0 || strings.Contains(line, "--device") || strings.Contains(line, "rotate contoso") && !strings.Contains(line, "--new") {
			continue
		}
		if strings.Contains(line, "--new") {
			var apps struct{ Value []struct{ ID string } }
			var fresh struct{ SecretText string }
			tn.graph(t, "GET", "/applications?$filter=appId%20eq%20'"+tn.app(t, "calendar").ClientID+"'", nil, &apps)
			tn.graph(t, "POST", "/applications/"+apps.Value[0].ID+"/addPassword", map[string]any{}, &fresh)
			if err := os.WriteFile("new.secret", []byte(fresh.SecretText), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		ran++
		if code, out, stderr := run(t, args[1:]...); code != cli.ExitOK {
			t.Errorf("%s: exit code %d:\n%s%s", strings.TrimSpace(line), code, out, stderr)
		}
	}
	if ran < 10 {
		t.Errorf("only %d commands ran", ran)
	}
}
