package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
)

// TestSendingWorksAsDocumented runs the snippets of docs/sending.md, in their order,
// with the flow that stands there, in the mode that takes large files, too, against a
// gateway that is served.
func TestSendingWorksAsDocumented(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not here")
	}
	apps := freePort(t)
	text := documents(t)["sending.md"]
	tn := open(t)
	from, to := tn.Users[0].UserPrincipalName, tn.Users[1].UserPrincipalName
	here := strings.NewReplacer("support@contoso.com", from, "anna@contoso.com", to, "[contoso.com]", "["+to[strings.IndexByte(to, '@')+1:]+"]", "127.0.0.1:8082", apps, "mode: least", "mode: exactly-once")
	mail := tn.app(t, "mail-once")
	_, shown, _ := strings.Cut(snippets(text, "yaml")[0], "flows:\n")
	config := tn.configure(t, func(s *settings) {
		s.operate, s.more = freePort(t), here.Replace(shown)+"\napps: "+apps+"\n"
	})
	written, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{config: strings.Replace(string(written), "flows:\n", fmt.Sprintf("      mail: {client_id: %q, secret_file: mail.secret}\nflows:\n", mail.ClientID), 1),
		filepath.Join(filepath.Dir(config), "mail.secret"): mail.ClientSecret} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tn.serve(t, config)
	t.Chdir(filepath.Dir(config))
	code, key, wrong := run(t, "apps", "key", "create", "helpdesk", "--scope", "write")
	if code != cli.ExitOK {
		t.Fatal(wrong)
	}
	if err := os.WriteFile("helpdesk.key", []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("drawings.zip", bytes.Repeat([]byte("drawing "), 500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, block := range snippets(text, "sh") {
		for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", "")) {
			line = here.Replace(strings.TrimSpace(line))
			if args, ours := strings.CutPrefix(line, "graphwarden "); ours {
				if code, out, wrong := run(t, strings.Fields(args)...); code != cli.ExitOK {
					t.Errorf("%s: %d %s%s", line, code, out, wrong)
				}
				continue
			}
			asked++
			if strings.Contains(line, "/uploads") {
				out, err := exec.CommandContext(t.Context(), "bash", "-c", line).Output()
				var up api.Upload
				if err != nil || json.Unmarshal(out, &up) != nil || up.Size != 4_000_000 {
					t.Fatalf("%s: %s %v", line, out, err)
				}
				t.Setenv("UPLOAD", up.ID)
				continue
			}
			answered(t, line)
			if strings.Contains(line, "/messages") { // what the next line asks for
				out, err := exec.CommandContext(t.Context(), "bash", "-c", line).Output()
				var sent api.Write
				if err != nil || json.Unmarshal(out, &sent) != nil || sent.State != "done" || sent.Reference != "ticket-17" {
					t.Fatalf("%s: %s %v", line, out, err)
				}
				t.Setenv("WRITE", sent.ID)
			}
		}
	}
	if asked < 4 {
		t.Errorf("only %d snippets ask", asked)
	}
}
