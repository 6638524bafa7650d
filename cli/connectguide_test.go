package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/cli"
)

// TestGuidesAreWellFormed: bash reads what the guide for the Azure CLI says, the
// PowerShell has every bracket and quote closed, and the ids and JSON of all are what
// Microsoft's table calls the permissions. No shell runs them: a tenant of Microsoft's
// would be needed.
func TestGuidesAreWellFormed(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	for _, file := range []string{"keys.pem", "hush.txt"} {
		if file == "keys.pem" {
			run(t, "connect", "contoso", "ours", "--config", tn.own(t, folder, nobody, "certificate", ", certificate_file: keys.pem"), "--guide", "--make-certificate")
		} else if err := os.WriteFile(filepath.Join(folder, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []string{"certificate, certificate_file: keys.pem", "secret, secret_file: hush.txt", "code", "device", "code, certificate_file: keys.pem"} {
		for _, public := range []string{"", "public_url: https://gw.example.com\n"} {
			path := tn.own(t, folder, nobody, mode, "")
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, append([]byte(public), raw...), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, out, _ := run(t, "connect", "contoso", "ours", "--config", path, "--guide"); strings.Contains(mode, "_file") && !strings.Contains(out, folder) || !strings.Contains(out, "for the client_id "+nobody) {
				t.Errorf("%s portal: neither the file nor whose the link is:\n%s", mode, out)
			}
			for how, ids := range map[string]*regexp.Regexp{
				"az":         regexp.MustCompile(`"id":"([0-9a-f-]{36})","type":"(\w+)"`),
				"powershell": regexp.MustCompile(`@\{Id='([0-9a-f-]{36})'; Type='(\w+)'\}`),
				"graph":      regexp.MustCompile(`"id": "([0-9a-f-]{36})",\s+"type": "(\w+)"`),
			} {
				code, out, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--how", how)
				if code != cli.ExitOK {
					t.Fatalf("%s %s: exit code %d:\n%s", mode, how, code, stderr)
				}
				found := ids.FindAllStringSubmatch(out, -1)
				if len(found) == 0 {
					t.Errorf("%s %s names no permission:\n%s", mode, how, out)
				}
				for _, m := range found {
					p, _, known := catalog.Load().ByID(m[1])
					want := map[bool]string{true: "Role", false: "Scope"}[strings.HasPrefix(mode, "certificate") || strings.HasPrefix(mode, "secret")]
					if !known || p.Name != "Calendars.Read" || m[2] != want {
						t.Errorf("%s %s: %s is %q, of the type %s", mode, how, m[1], p.Name, m[2])
					}
				}
				if strings.Contains(out, "https://gw.example.com/connect/consent") != (public != "") {
					t.Errorf("%s %s: the public address:\n%s", mode, how, out)
				}
				if told := strings.Contains(out, "az cloud register --name graphwarden-contoso") || strings.Contains(out, "Add-MgEnvironment -Name 'graphwarden-contoso'"); told != (how != "graph") {
					t.Errorf("%s %s: the tool is told of a cloud that it does not know: %t", mode, how, told)
				}
				file := map[bool]string{true: "keys.pem.cer", false: "hush.txt"}[strings.Contains(mode, "keys.pem")]
				if named := strings.Contains(out, filepath.Join(folder, file)); strings.Contains(mode, "_file") && !named {
					t.Errorf("%s %s: the file %s of the configuration is not named:\n%s", mode, how, file, out)
				}
				if how != "az" && !strings.Contains(out, "for the client_id "+nobody) {
					t.Errorf("%s %s does not say whose the link is:\n%s", mode, how, out)
				}
				wellFormed(t, how, out)
			}
		}
	}
}

// wellFormed reads a guide as its shell would, as far as that can be done here.
func wellFormed(t *testing.T, how, text string) {
	t.Helper()
	switch how {
	case "az":
		bash, err := exec.LookPath("bash")
		if err != nil {
			t.Skip("there is no bash")
		}
		read := exec.CommandContext(t.Context(), bash, "-n")
		read.Stdin = strings.NewReader(text)
		if said, err := read.CombinedOutput(); err != nil {
			t.Errorf("bash: %v %s in:\n%s", err, said, text)
		}
		access := regexp.MustCompile(`--required-resource-accesses '([^']*)'`).FindStringSubmatch(text)
		var list []map[string]any
		if access == nil || json.Unmarshal([]byte(access[1]), &list) != nil || len(list) != 1 || list[0]["resourceAppId"] != catalog.MicrosoftGraph {
			t.Errorf("the permissions are not JSON: %v", access)
		}
	case "powershell":
		bare := regexp.MustCompile(`(?m)#.*$|'[^']*'|"[^"]*"`).ReplaceAllString(text, "")
		for _, pair := range []string{"()", "{}", "[]"} {
			if strings.Count(bare, pair[:1]) != strings.Count(bare, pair[1:]) {
				t.Errorf("%s do not match in:\n%s", pair, text)
			}
		}
		if strings.ContainsAny(bare, `'"`) {
			t.Errorf("a quote is open in:\n%s", text)
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "`") && !strings.HasSuffix(line, " `\n") {
				t.Errorf("a line goes on that does not: %q", line)
			}
		}
	case "graph":
		_, body, _ := strings.Cut(text, "application/json\n")
		var app map[string]any
		if err := json.NewDecoder(strings.NewReader(body)).Decode(&app); err != nil || app["requiredResourceAccess"] == nil {
			t.Errorf("the registration is not JSON: %v in:\n%s", err, text)
		}
	}
}

// TestAGuideAsksForNothingThatAnotherPermissionCovers: a flow that lists calendars needs
// no more than one that reads them.
func TestAGuideAsksForNothingThatAnotherPermissionCovers(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "hush.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := tn.own(t, folder, nobody, "secret", ", secret_file: hush.txt")
	rewrite(t, path, "flows:\n", "flows:\n  listing: {app: portal, kind: graph, tenant: contoso, registration: ours, mailboxes: ["+tn.Users[1].UserPrincipalName+"], operations: [\"GET /users/{id}/calendars\"]}\n")
	if _, out, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide"); strings.Count(out, "Calendars.Read ") == 0 || strings.Contains(out, "Calendars.ReadBasic") {
		t.Errorf("the guide says:\n%s%s", out, stderr)
	}
	rewrite(t, path, "    registration: ours\n", "    registration: reader\n")
	if _, out, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide"); !strings.Contains(out, "Calendars.ReadBasic") {
		t.Errorf("of the listing flow alone, so that nothing was tried:\n%s%s", out, stderr)
	}
}
