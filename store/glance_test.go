package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/store"
)

// TestAQuickLookChangesNothing looks at a database that is sound, of an older
// schema, and damaged.
func TestAQuickLookChangesNothing(t *testing.T) {
	h := lived(t)
	look := func() store.Glance {
		t.Helper()
		g, err := store.Look(t.Context(), store.Options{Path: h.path, URL: h.url}, true)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if g := look(); len(g.Wrong) > 0 || g.Version != g.Newest || !g.Upkeep.Backup.IsZero() {
		t.Errorf("a sound one: %+v", g)
	}
	h.meddle(t, `DELETE FROM schema_migrations WHERE version > 5`)
	if g := look(); g.Version != 5 || g.Newest <= 5 {
		t.Errorf("an older one: %+v", g)
	}
	if h.url != "" {
		return
	}
	h.meddle(t, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(h.path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 16 << 10
	copy(content[3*page:], strings.Repeat("\xff", page))
	if err := os.WriteFile(h.path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if g, err := store.Look(t.Context(), store.Options{Path: h.path}, true); err == nil && len(g.Wrong) == 0 {
		t.Error("damage is not seen")
	}
}
