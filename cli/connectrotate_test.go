package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAWrongSecretOfARotationIsReplacedByTheRightOne: the wait for the wrong one says what may
// be wrong, Ctrl-C leaves it, and the command with the right one tries that; also of
// an app for people, to which nobody has signed in.
func TestAWrongSecretOfARotationIsReplacedByTheRightOne(t *testing.T) {
	for _, mode := range []string{"secret, secret_file: ours.secret", `code, secret_file: ours.secret, people: {return_to: ["https://crm.example/connected"]}`} {
		tn, folder := open(t), t.TempDir()
		write := func(name, content string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		secret := write("ours.secret", "x")
		own := func(client string) string {
			path := tn.own(t, folder, client, mode, "")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := string(raw)
			if strings.Contains(mode, "people") {
				text = strings.Replace(text, "listen: 127.0.0.1:0", "listen: 127.0.0.1:0\npublic_url: http://127.0.0.1:1", 1)
				text = regexp.MustCompile(`mailboxes: \[.*\]`).ReplaceAllString(text, "people: true")
			}
			return write(filepath.Base(path), text)
		}
		object, client := tn.register(t, own(nobody))
		path := own(client)
		var fresh struct{ SecretText string }
		tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &fresh)

		bad := start(t, "connect", "rotate", "contoso", "ours", "--new", write("bad", "pasted wrongly"), "--config", path)
		bad.err.await(t, `Entra does not know it yet; if it was pasted wrongly, stop and`)
		bad.stop()
		<-bad.code
		code, out, stderr := run(t, "connect", "rotate", "contoso", "ours", "--new", write("good", fresh.SecretText), "--config", path)
		if code != cli.ExitOK || strings.Count(stderr, "was replaced") != 1 || !strings.Contains(out, "The new credential is in use.") {
			t.Fatalf("exit code %d:\n%s%s", code, out, stderr)
		}
		if now, err := os.ReadFile(secret); err != nil || string(now) != fresh.SecretText {
			t.Errorf("the file holds %d bytes, %v", len(now), err)
		}
	}
}

// TestARotationThatCannotBeginSaysWhy: without a credential, which nobody has to sign in
// to hear, and without the app that an administrator signs in to.
func TestARotationThatCannotBeginSaysWhy(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	for mode, wants := range map[string]string{"device": "connect.no_credential", "code": "connect.no_credential", "secret, secret_file: reader.secret": "--administrator-client"} {
		path := tn.own(t, folder, nobody, mode, "")
		if code, out, stderr := run(t, "connect", "rotate", "contoso", "ours", "--config", path); code == cli.ExitOK || !strings.Contains(stderr, wants) {
			t.Errorf("%s: exit code %d:\n%s%s", mode, code, out, stderr)
		}
	}
}
