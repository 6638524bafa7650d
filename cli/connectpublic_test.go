package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// visit opens an address and gives what the page says.
func visit(t *testing.T, address string) (status int, text string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Referrer-Policy") != "no-referrer" || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%s answers with %v", address, answer.Header)
	}
	return answer.StatusCode, string(raw)
}

// TestConsentComesToOurOwnPublicAddress: the command asks and is left, another asks
// and is told no, a third is told yes by the first one's link. Each link answers
// once, and a guessed one never.
func TestConsentComesToOurOwnPublicAddress(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	listen, operate := freePort(t), freePort(t)
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	own := func(client string) string {
		path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("listen: 127.0.0.1:0", fmt.Sprintf("listen: %s\npublic_url: http://%s", listen, listen), "operate: off", "operate: "+operate).Replace(string(raw))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	object, client := tn.register(t, own(nobody))
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	path := own(client)
	server := start(t, "serve", "--config", path)
	server.err.await(t, `running`)

	link := func(r *running) string {
		return r.err.await(t, `(https://\S+/v2\.0/adminconsent\?\S*connect%2Fconsent\S*)`)[1]
	}
	for _, how := range []string{"--guide", "--no-input"} {
		if _, out, said := run(t, "connect", "contoso", "ours", "--config", path, how); !strings.Contains(out+said, "connect%2Fconsent") || strings.Contains(out+said, "by-hand") {
			t.Errorf("%s links to another address than a server's that runs:\n%s%s", how, out, said)
		}
	}
	first := start(t, "connect", "contoso", "ours", "--config", path)
	mailed := link(first)
	first.stop()
	first.ends(t, cli.ExitOK)

	if status, text := visit(t, "http://"+listen+"/connect/consent?admin_consent=True&tenant=x&state=guessed"); status != http.StatusBadRequest || !strings.Contains(text, "not the answer") {
		t.Errorf("a guessed state: %d %s", status, text)
	}
	second := start(t, "connect", "contoso", "ours", "--config", path)
	refusing := tn.person(0)
	refusing.Declines = true
	end, _, err := refusing.Open(link(second), "http://"+listen)
	if err != nil {
		t.Fatal(err)
	}
	if status, text := visit(t, end); status != http.StatusOK || !strings.Contains(text, "No consent was given. Entra says: consent_required.") {
		t.Errorf("declined: %d %s", status, text)
	}
	second.ends(t, cli.ExitCredential)
	if !strings.Contains(second.err.String(), "cli.consent_declined") {
		t.Errorf("said:\n%s", second.err)
	}

	third := start(t, "connect", "contoso", "ours", "--config", path)
	third.err.await(t, "was asked before and did not consent")
	link(third)
	if end, _, err = tn.person(0).Open(mailed, "http://"+listen); err != nil {
		t.Fatal(err)
	}
	if status, text := visit(t, end); status != http.StatusOK || !strings.Contains(text, "the consent has arrived") {
		t.Errorf("given: %d %s", status, text)
	}
	third.ends(t, cli.ExitOK)
	if status, text := visit(t, end); status != http.StatusConflict || !strings.Contains(text, "answered before") {
		t.Errorf("given twice: %d %s", status, text)
	}
	u, err := url.Parse(end)
	if err != nil {
		t.Fatal(err)
	}
	if _, out, _ := run(t, "connect", "contoso", "--config", path, "--json"); strings.Contains(out, u.Query().Get("state")) {
		t.Error("the state shows")
	}
	server.stop()
	server.ends(t, cli.ExitOK)
	if strings.Contains(server.err.String(), "asking our own notification address") {
		t.Errorf("the address answers, whether or not other addresses of its network are admitted:\n%s", server.err)
	}
}
