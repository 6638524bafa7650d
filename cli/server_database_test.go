package cli_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/pg"
)

// TestAServerRunsOnPostgreSQL has a gateway read its feeds into a server's database,
// and looks at it with the commands.
func TestAServerRunsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	tn := open(t)
	url := pg.New(t)
	config := tn.server(t, func(s *settings) { s.database = url })
	for _, args := range [][]string{{"feeds", "--config", config}, {"deliveries", "--config", config}, {"check", "--config", config}, {"ledger", "verify", "--config", config}, {"ledger", "tail", "--end", "--config", config}} {
		if code, said, wrong := run(t, args...); code != cli.ExitOK || strings.Contains(said, "SQLSTATE") {
			t.Errorf("%v: %d %s %s", args, code, said, wrong)
		}
	}
}

// TestACheckEndsWithoutBeingMourned: no process finds one that has died where a check
// has ended.
func TestACheckEndsWithoutBeingMourned(t *testing.T) {
	t.Parallel()
	tn := open(t)
	url := pg.New(t)
	config := tn.configure(t, func(s *settings) { s.database = url })
	if code, _, wrong := run(t, "serve", "--check", "--config", config); code != cli.ExitOK {
		t.Fatalf("exit code %d: %s", code, wrong)
	}
	pg.Exec(t, url, `SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) FROM holds WHERE name LIKE 'life/%'`)
}
