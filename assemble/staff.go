package assemble

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/staff"
	"github.com/graphwarden/graphwarden/store"
)

// newStaff knows the personal tokens of operators.
func newStaff(c *Config, s *store.Store, l *ledger.Ledger, now func() time.Time) *staff.Desk {
	return staff.New(staff.Config{Store: s, Ledger: l, Now: now, Random: rand.Reader, Tenants: slices.Sorted(maps.Keys(c.Tenants))})
}
