package graphwarden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestMigrationsAreNumberedWithoutGaps wants the numbers of the migrations to be
// each one higher than the last, so that two that were written at the same time do
// not both become the next one. What is written for one engine only takes the place
// of a migration of the same name.
func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	list := migrationFiles(t, "store/migrations")
	if len(list) < 18 {
		t.Errorf("there are %d migrations, and 18 were released", len(list))
	}
	for _, wrong := range misnumbered(list) {
		t.Error(wrong)
	}
	for _, own := range migrationFiles(t, "store/migrations/postgres") {
		if !slices.Contains(list, own) {
			t.Errorf("postgres/%s takes the place of no migration", own)
		}
	}
}

// TestMisnumberedMigrationsAreSeen shows what must be found.
func TestMisnumberedMigrationsAreSeen(t *testing.T) {
	for name, list := range map[string][]string{
		"twice":     {"0001_a.sql", "0002_b.sql", "0002_c.sql"},
		"a gap":     {"0001_a.sql", "0003_b.sql"},
		"not first": {"0002_a.sql"},
		"no number": {"0001_a.sql", "b.sql"},
		"short":     {"1_a.sql"},
	} {
		if len(misnumbered(list)) == 0 {
			t.Errorf("%s: nothing was found in %v", name, list)
		}
	}
	if wrong := misnumbered([]string{"0001_a.sql", "0002_b.sql"}); len(wrong) != 0 {
		t.Error(wrong)
	}
}

// migrationName is the form of a migration's name.
var migrationName = regexp.MustCompile(`^(\d{4})_[a-z_]+\.sql$`)

// misnumbered says which of some names in order do not have the number that follows.
func misnumbered(list []string) (wrong []string) {
	for i, name := range list {
		m, want := migrationName.FindStringSubmatch(name), fmt.Sprintf("%04d", i+1)
		if m == nil || m[1] != want {
			wrong = append(wrong, fmt.Sprintf("%s should have the number %s: give a migration of yours the next free one", name, want))
		}
	}
	return wrong
}

func migrationFiles(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.FromSlash(folder))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
