package store_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/graphwarden/graphwarden/internal/pg"
)

// TestThePostgreSQLStoreKeepsTheSameContract runs all tests of this package once
// more, on a PostgreSQL server; those about SQLite's file leave themselves out.
func TestThePostgreSQLStoreKeepsTheSameContract(t *testing.T) {
	t.Parallel()
	if onServer() {
		return
	}
	pg.Need(t)
	args := []string{"-test.timeout=15m", "-test.short=" + boolean(testing.Short()), "-test.v"}
	if *update {
		args = append(args, "-update")
	}
	again := exec.CommandContext(t.Context(), os.Args[0], args...)
	again.Env = append(os.Environ(), engineName+"=postgres")
	said, err := again.CombinedOutput()
	if err != nil {
		t.Errorf("on PostgreSQL: %v\n%s", err, said)
	}
}

func boolean(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}
