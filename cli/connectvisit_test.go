package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// withoutReader takes the reader out of a configuration.
func withoutReader(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	less := regexp.MustCompile(`(?m)^      reader: .*\n`).ReplaceAll(raw, nil)
	if len(less) == len(raw) {
		t.Fatal("the configuration has no reader")
	}
	if err := os.WriteFile(path, less, 0o600); err != nil {
		t.Fatal(err)
	}
}

// granted registers an app of ours as the guide says, with a secret in its file,
// and has an administrator consent to it.
func (tn *tenant) granted(t *testing.T, folder string) (path string) {
	t.Helper()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	path = tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
	_, out, _ := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--json")
	var guide struct {
		ConsentLink string `json:"consent_link"`
	}
	if err := json.Unmarshal([]byte(out), &guide); err != nil {
		t.Fatal(err)
	}
	if _, _, err := tn.person(0).Open(guide.ConsentLink, "http://localhost/"); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAnAdministratorSignsInOnceInPlaceOfAReader: by device code and, for tenants
// that block it, by a browser. Grants and ids come from the directory, the mailboxes
// stay pinned, and nothing of the administrator's is kept.
func TestAnAdministratorSignsInOnceInPlaceOfAReader(t *testing.T) {
	t.Parallel()
	for _, device := range []string{"true", "false"} {
		t.Run("device "+device, func(t *testing.T) {
			tn := open(t)
			path := tn.granted(t, t.TempDir())
			withoutReader(t, path)
			if code, _, stderr := run(t, "serve", "--check", "--config", path); code == cli.ExitOK || !strings.Contains(stderr, "--administrator") {
				t.Fatalf("without anybody to find mailboxes: exit code %d:\n%s", code, stderr)
			}
			command := start(t, "connect", "contoso", "ours", "--config", path, "--json", "--administrator", "--device="+device,
				"--administrator-client", tn.app(t, "public").ClientID)
			person := tn.person(0)
			link := ""
			if device == "true" {
				m := command.err.await(t, `Open (https://\S+) on any device and enter the code (\w+)`)
				link, person.Code = m[1], m[2]
			} else {
				link = command.err.await(t, `(https://\S+/oauth2/v2\.0/authorize\?\S+)`)[1]
			}
			if _, _, err := person.Open(link, ""); err != nil {
				t.Fatal(err)
			}
			command.ends(t, cli.ExitOK)
			var report struct {
				Source   string
				Granted  []string
				Complete bool
				Visit    struct {
					Pinned  int
					Missing []string
				}
			}
			if err := json.Unmarshal([]byte(command.out.String()), &report); err != nil || report.Source != "read by the administrator" ||
				!report.Complete || len(report.Granted) == 0 || report.Visit.Pinned != 1 || len(report.Visit.Missing) != 0 {
				t.Errorf("%v in:\n%s", err, command.out)
			}
			if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
				t.Errorf("the mailboxes are not pinned: exit code %d:\n%s", code, stderr)
			}
			if code, out, _ := run(t, "connect", "revoke", "contoso", "--yes", "--config", path); code != cli.ExitOK || !strings.Contains(out, "1 token deleted") {
				t.Errorf("more is kept than the app's own token:\n%s", out)
			}
		})
	}
}

// TestWhoIsNoAdministratorHearsIt: an ordinary person may not consent to reading
// the directory.
func TestWhoIsNoAdministratorHearsIt(t *testing.T) {
	t.Parallel()
	tn := open(t)
	path := tn.granted(t, t.TempDir())
	command := start(t, "connect", "contoso", "ours", "--config", path, "--administrator", "--device", "--administrator-client", tn.app(t, "public").ClientID, "--wait", "8s")
	m := command.err.await(t, `Open (https://\S+) on any device and enter the code (\w+)`)
	person := tn.person(1)
	person.Code = m[2]
	if _, _, err := person.Open(m[1], ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitCredential)
	if strings.Contains(command.out.String(), "Connected") {
		t.Errorf("connected:\n%s", command.out)
	}
	if code, _, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--administrator", "--no-input"); code != cli.ExitCredential || !strings.Contains(stderr, "cli.person_needed") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// TestAnAdministratorRotatesThroughABrowser, for tenants that block device codes.
func TestAnAdministratorRotatesThroughABrowser(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	path := tn.granted(t, folder)
	before, err := os.ReadFile(filepath.Join(folder, "ours.secret"))
	if err != nil {
		t.Fatal(err)
	}
	command := start(t, "connect", "rotate", "contoso", "ours", "--config", path, "--device=false", "--administrator-client", tn.app(t, "public").ClientID)
	link := command.err.await(t, `(https://\S+/oauth2/v2\.0/authorize\?\S+)`)[1]
	if _, _, err := tn.person(0).Open(link, ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
	if after, err := os.ReadFile(filepath.Join(folder, "ours.secret")); err != nil || string(after) == string(before) {
		t.Errorf("the file holds the old secret, %v", err)
	}
}
