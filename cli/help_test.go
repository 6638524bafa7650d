package cli_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestEveryHelpHasTwoExamples walks the commands by what their help lists, and
// holds each example against the help of the command that it names.
func TestEveryHelpHasTwoExamples(t *testing.T) {
	listed := regexp.MustCompile(`(?m)^  ([a-z-]+) +\S`)
	walked := 0
	var walk func(path []string)
	walk = func(path []string) {
		code, help, stderr := run(t, append(path, "--help")...)
		name := strings.Join(append([]string{"graphwarden"}, path...), " ")
		if code != cli.ExitOK {
			t.Errorf("%s --help ended with %d: %s", name, code, stderr)
			return
		}
		walked++
		_, rest, _ := strings.Cut(help, "Examples:\n")
		examples, rest, _ := strings.Cut(rest, "\n\n")
		lines := strings.Split(strings.TrimSpace(examples), "\n")
		if len(lines) < 2 {
			t.Errorf("%s has %d examples", name, len(lines))
		}
		for _, line := range lines {
			runnable(t, name, strings.Fields(line))
		}
		if _, commands, has := strings.Cut(rest, "Available Commands:\n"); has {
			commands, _, _ = strings.Cut(commands, "\n\n")
			for _, m := range listed.FindAllStringSubmatch(commands, -1) {
				if m[1] != "help" {
					walk(append(path[:len(path):len(path)], m[1]))
				}
			}
		}
	}
	walk(nil)
	if walked < 28 {
		t.Errorf("only %d commands were found", walked)
	}
}

// runnable says what would keep an example from running: it is of another
// command, or one of its flags does not exist.
func runnable(t *testing.T, name string, words []string) {
	t.Helper()
	line := strings.Join(words, " ")
	if name != "graphwarden" && line != name && !strings.HasPrefix(line, name+" ") || len(words) == 0 || words[0] != "graphwarden" {
		t.Errorf("%s has the example %q", name, line)
		return
	}
	if code, _, stderr := run(t, append(words[1:len(words):len(words)], "--help")...); code != cli.ExitOK {
		t.Errorf("%s: %q does not run: %s", name, line, stderr)
	}
}

func TestTheVersionIsShown(t *testing.T) {
	_, out, _ := run(t, "version", "--json")
	var b struct{ Version, Go, System string }
	if err := json.Unmarshal([]byte(out), &b); err != nil || b.Version == "" || !strings.HasPrefix(b.Go, "go1.") || !strings.Contains(b.System, "/") {
		t.Errorf("%v in %s", err, out)
	}
	if _, out, _ := run(t, "version"); !strings.HasPrefix(out, "graphwarden "+b.Version+" (") {
		t.Errorf("said: %s", out)
	}
}
