package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/docs/blueprints"
)

// TestEveryShellIsCompleted: the scripts are kept as they are, so that a change of
// theirs is seen, and bash reads its own.
func TestEveryShellIsCompleted(t *testing.T) {
	for shell, says := range map[string]string{"bash": "complete -o default", "zsh": "#compdef graphwarden", "fish": "complete -c graphwarden",
		"powershell": "Register-ArgumentCompleter"} {
		code, script, stderr := run(t, "completion", shell)
		if code != cli.ExitOK || !strings.Contains(script, says) || !strings.Contains(script, "__complete") {
			t.Errorf("%s: exit code %d: %s", shell, code, stderr)
		}
		golden(t, filepath.Join("testdata", "completion."+shell), []byte(script))
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.CommandContext(t.Context(), bash, "-n", "testdata/completion.bash").CombinedOutput(); err != nil {
			t.Errorf("bash does not read its script: %v\n%s", err, out)
		}
	}
}

// completed is what a shell is offered after some words.
func completed(t *testing.T, words ...string) (list []string) {
	t.Helper()
	_, out, _ := run(t, append([]string{"__complete"}, words...)...)
	for line := range strings.Lines(out) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if word != "" && word[0] != ':' {
			list = append(list, word)
		}
	}
	return list
}

// TestCommandsFlagsAndNamesAreCompleted: with the names of the configuration that
// --config names.
func TestCommandsFlagsAndNamesAreCompleted(t *testing.T) {
	text, err := blueprints.Read("crm")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "graphwarden.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	has := func(wants []string, words ...string) {
		t.Helper()
		got := completed(t, words...)
		for _, want := range wants {
			if !slices.Contains(got, want) {
				t.Errorf("%q is completed to %v, without %s", words, got, want)
			}
		}
	}
	for _, c := range cli.Table(nobodys()) { // every command and every flag of the table
		path := strings.Fields(c.Name)
		has(path[len(path)-1:], append(slices.Clone(path[:len(path)-1]), path[len(path)-1][:1])...)
		for name := range c.Flags {
			has([]string{"--" + name}, append(slices.Clone(path), "--"+name[:1])...)
		}
	}
	for words, wants := range map[string][]string{
		"connect --config C ":                    {"contoso"},
		"connect --config C contoso ":            {"people"},
		"restrict --config C contoso ":           {"people"},
		"connect people link --config C ":        {"contoso"},
		"trigger --config C ":                    {"crm-calendars"},
		"deliveries replay --config C ":          {"crm-calendars"},
		"deliveries --config C --sink ":          {"crm-calendars"},
		"listen --config C --flow ":              {"crm-calendars"},
		"apps key create --config C ":            {"crm"},
		"writes --config C --state ":             {"uncertain"},
		"feeds --config C --tenant ":             {"contoso"},
		"logs tail --config C --filter ":         {"flow=", "status="},
		"connect --config C contoso x --how ":    {"az", "portal", "powershell", "graph"},
		"blueprint show ":                        {"crm", "presence"},
		"demo ":                                  {"presence"},
		"deliveries replay --config C x --kind ": {"created", "deleted"},
	} {
		args := strings.Split(words, " ")
		for i := range args {
			if args[i] == "C" {
				args[i] = config
			}
		}
		has(wants, args...)
	}
	if got := completed(t, "trigger", "--config", config, "x", ""); len(got) > 0 {
		t.Errorf("a second argument is completed to %v", got)
	}
	if got := completed(t, "trigger", "--config", filepath.Join(t.TempDir(), "nowhere.yaml"), ""); len(got) > 0 {
		t.Errorf("of no configuration: %v", got)
	}
}

// TestEveryCommandHasAManualPage that man's own program reads without a complaint.
func TestEveryCommandHasAManualPage(t *testing.T) {
	t.Parallel()
	pages := cli.ManPages(nobodys())
	for _, c := range cli.Table(nobodys()) {
		page := pages["graphwarden-"+strings.ReplaceAll(c.Name, " ", "-")+".1"]
		for flag := range c.Flags {
			if !strings.Contains(page, strings.ReplaceAll("--"+flag, "-", `\-`)) {
				t.Errorf("the page of %s lacks --%s", c.Name, flag)
			}
		}
		for _, e := range c.Examples {
			if !strings.Contains(page, strings.ReplaceAll(e, "-", `\-`)) {
				t.Errorf("the page of %s lacks the example %s", c.Name, e)
			}
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("there is no groff here that reads the pages")
	}
	for file, page := range pages {
		read := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tutf8")
		read.Stdin = strings.NewReader(page)
		var wrong strings.Builder
		read.Stderr = &wrong
		out, err := read.Output()
		if err != nil || wrong.Len() > 0 || len(out) < 300 {
			t.Errorf("%s: %v: %s", file, err, wrong.String())
		}
	}
	folder := t.TempDir()
	says(t, cli.ExitOK, "Nothing was changed", "man", "--to", filepath.Join(folder, "man1"), "--dry-run")
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("the rehearsal made %v", left)
	}
	out := says(t, cli.ExitOK, "files", "man", "--to", filepath.Join(folder, "man1"), "--json")
	validates(t, "man", out)
	if written, _ := os.ReadDir(filepath.Join(folder, "man1")); len(written) != len(pages) || len(pages) < 50 {
		t.Errorf("%d files of %d pages", len(written), len(pages))
	}
	if page := says(t, cli.ExitOK, ".TH", "man", "deliveries", "replay"); page != pages["graphwarden-deliveries-replay.1"] {
		t.Errorf("it prints:\n%s", page)
	}
	says(t, cli.ExitOK, `.TH "GRAPHWARDEN"`, "man")
	says(t, cli.ExitUsage, "did you mean", "man", "deliveris")
}
