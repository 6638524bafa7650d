package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

// documents are the repository's pages for users.
func documents(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, err := filepath.Glob("../docs/*.md")
	if err != nil || len(paths) < 4 {
		t.Fatalf("the documents: %v, %v", paths, err)
	}
	blueprints, err := filepath.Glob("../docs/blueprints/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(append(paths, blueprints...), "../README.md") {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(p)
		if _, taken := out[name]; taken { // a blueprint's page beside the page of what it is for
			name = "blueprints/" + name
		}
		out[name] = string(raw)
	}
	return out
}

// snippets are the fenced blocks of a language in a document.
func snippets(text, language string) []string {
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

func TestEveryCommandInTheDocumentsExists(t *testing.T) {
	command := regexp.MustCompile(`(?:^|[^\w./-])(?:graphwarden|go run \./cmd/graphwarden) ([a-z]+(?:-[a-z]+)*(?: [a-z]+){0,2})((?: +[^\s#|)]+)*)`)
	flag := regexp.MustCompile(`--[a-z-]+`)
	checked := 0
	for name, text := range documents(t) {
		var lines []string
		for _, s := range snippets(text, "sh") {
			lines = append(lines, strings.Split(s, "\n")...)
		}
		for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[1], "graphwarden ") {
				lines = append(lines, m[1])
			}
		}
		for _, line := range lines {
			for _, m := range command.FindAllStringSubmatch(line, -1) {
				checked++
				_, help, stderr := run(t, append(strings.Fields(m[1]), "--help")...)
				if !strings.Contains(help, "graphwarden "+strings.Fields(m[1])[0]) {
					t.Errorf("%s: %q: there is no such command: %s", name, line, stderr)
				}
				for _, f := range flag.FindAllString(m[2], -1) {
					if !strings.Contains(help, f+" ") && !strings.Contains(help, f+"\n") {
						t.Errorf("%s: %q: %s has no flag %s", name, line, m[1], f)
					}
				}
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d commands found in the documents", checked)
	}
}

func TestTheDocumentedConfigurationIsRight(t *testing.T) {
	blocks := snippets(documents(t)["configuration.md"], "yaml")
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of YAML", len(blocks))
	}
	cloud := "    id: 11111111-2222-3333-4444-555555555555   # the tenant's GUID or a verified domain\n"
	for name, text := range map[string]string{"the whole file": blocks[0], "with another cloud": strings.Replace(blocks[0], cloud, cloud+blocks[1], 1)} {
		path := filepath.Join(t.TempDir(), "graphwarden.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := assemble.Load(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Tenants["contoso"].Cloud.Graph != ""; got != (name == "with another cloud") {
			t.Errorf("%s: the cloud is %+v", name, c.Tenants["contoso"].Cloud)
		}
	}
}

func TestTheDocumentedSteeringWorks(t *testing.T) {
	tn := open(t)
	call := regexp.MustCompile(`curl --cacert \S+ https://127\.0\.0\.1:8443(\S+)(?: -d '([^']*)')?`)
	found := call.FindAllStringSubmatch(strings.Join(snippets(documents(t)["simulator.md"], "sh"), "\n"), -1)
	if len(found) < 3 {
		t.Fatalf("%d calls found", len(found))
	}
	for _, m := range found {
		method := http.MethodGet
		if m[2] != "" {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), method, tn.Graph+m[1], strings.NewReader(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := tn.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s answered %s", m[0], answer.Status)
		}
	}
}

func TestExitCodesAreDocumented(t *testing.T) {
	text := documents(t)["exit-codes.md"]
	for _, code := range []int{cli.ExitOK, cli.ExitInternal, cli.ExitUsage, cli.ExitUnhealthy, cli.ExitCredential, cli.ExitUnreachable, cli.ExitStorage, cli.ExitConflict, cli.ExitCutShort} {
		if !strings.Contains(text, fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("docs/exit-codes.md does not explain %d", code)
		}
	}
}
