package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestSecretsThatARotationLeftAreToldOfAndRemoved: by the doctor, whose server has a
// reader that may see them, and by an administrator, after a question.
func TestSecretsThatARotationLeftAreToldOfAndRemoved(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path := tn.granted(t, folder)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := tn.app(t, "everything")
	text := strings.NewReplacer("operate: off", "operate: "+freePort(t), tn.app(t, "reader").ClientID, all.ClientID).Replace(string(raw))
	for file, content := range map[string]string{path: text, filepath.Join(folder, "reader.secret"): all.ClientSecret} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var apps struct{ Value []struct{ ID string } }
	_, client, _ := strings.Cut(text, "ours: {client_id: \"")
	client, _, _ = strings.Cut(client, `"`)
	tn.graph(t, "GET", "/applications?$filter=appId%20eq%20'"+client+"'", nil, &apps)
	tn.graph(t, "POST", "/applications/"+apps.Value[0].ID+"/addPassword", map[string]any{"passwordCredential": map[string]any{"displayName": "graphwarden 2026-01-02"}}, nil)

	server := start(t, "serve", "--config", path)
	server.err.await(t, `running`)
	const finds = "The app of contoso/ours has 1 secret that a rotation left behind."
	if _, out, _ := run(t, "doctor", "--config", path); !strings.Contains(out, finds) || !strings.Contains(out, "graphwarden connect tidy contoso ours") {
		t.Errorf("the doctor finds:\n%s", out)
	}
	for _, sure := range []bool{false, true} {
		args := []string{"connect", "tidy", "contoso", "ours", "--config", path, "--administrator-client", tn.app(t, "public").ClientID}
		if sure {
			args = append(args, "--yes")
		}
		command := start(t, args...)
		m := command.err.await(t, `Open (https://\S+) on any device and enter the code (\w+)`)
		person := tn.person(0)
		person.Code = m[2]
		if _, _, err := person.Open(m[1], ""); err != nil {
			t.Fatal(err)
		}
		if !sure {
			command.ends(t, cli.ExitUsage)
			if !strings.Contains(command.err.String(), "cli.unconfirmed") {
				t.Errorf("said:\n%s", command.err)
			}
			continue
		}
		command.ends(t, cli.ExitOK)
		if !strings.Contains(command.out.String(), "1 unused secret removed.") {
			t.Errorf("said:\n%s", command.out)
		}
	}
	if _, out, _ := run(t, "doctor", "--config", path); strings.Contains(out, finds) || !strings.Contains(out, "The app of contoso/ours has no secrets that a rotation left behind.") {
		t.Errorf("afterwards the doctor finds:\n%s", out)
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}
