package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/pg"
)

// TestTheDatabaseIsLookedAfterAsDocumented runs the commands of docs/operations.md
// about the database, in their order, each where its section says that one stands:
// beside a server, without one, with the database gone, on PostgreSQL.
func TestTheDatabaseIsLookedAfterAsDocumented(t *testing.T) {
	sections := map[string][]string{}
	for section := range strings.SplitSeq(documents(t)["operations.md"], "\n## ") {
		title, text, _ := strings.Cut(section, "\n")
		sections[title] = snippets(text, "sh")
	}
	tn := open(t)
	config := tn.server(t, nil)
	t.Chdir(filepath.Dir(config))
	follow := func(title string) {
		t.Helper()
		if len(sections[title]) == 0 {
			t.Errorf("there is nothing to run under %q", title)
		}
		for _, block := range sections[title] {
			for line := range strings.Lines(block) {
				args := strings.Fields(line)
				if len(args) < 2 || args[0] != "graphwarden" {
					t.Errorf("%s: %q is no command of ours", title, line)
					continue
				}
				if code, said, wrong := run(t, args[1:]...); code != cli.ExitOK {
					t.Errorf("%s: %s ended with %d: %s%s", title, strings.TrimSpace(line), code, said, wrong)
				}
			}
		}
	}
	reconfigure := func(database string) {
		t.Helper()
		raw, err := os.ReadFile("graphwarden.yaml")
		if err != nil {
			t.Fatal(err)
		}
		rest := strings.TrimPrefix(string(raw), "\n")
		_, rest, _ = strings.Cut(rest, "\n") // the line of the database
		if err := os.WriteFile("graphwarden.yaml", []byte("database: "+database+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	follow("Check it")
	follow("Back up")
	reconfigure("moved-away.db") // there is none of this name: the database is gone
	follow("Restore")
	follow("Upgrade")
	if pg.There() || os.Getenv("CI") == "true" {
		reconfigure(pg.New(t))
		follow("From SQLite to PostgreSQL")
	}
}
