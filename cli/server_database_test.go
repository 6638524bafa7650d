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
	tn := open(t)
	url := pg.New(t)
	config := tn.server(t, func(s *settings) { s.database = url })
	for _, args := range [][]string{{"feeds", "--config", config}, {"deliveries", "--config", config}, {"check", "--config", config}, {"ledger", "verify", "--config", config}} {
		if code, said, wrong := run(t, args...); code != cli.ExitOK || strings.Contains(said, "SQLSTATE") {
			t.Errorf("%v: %d %s %s", args, code, said, wrong)
		}
	}
}
