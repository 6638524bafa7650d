package assemble

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// TestNobodyHidesBehindAnothersFlood: strangers, keys that are not let in, and apps and
// operators that were let in have room for their denials each, whatever the others do.
func TestNobodyHidesBehindAnothersFlood(t *testing.T) {
	home := netip.MustParseAddr("192.0.2.200")
	one := map[string]api.Denial{
		"a key that nobody knows":       {Face: "apps", Path: "/graph/", Code: "api.key_unknown", Status: http.StatusUnauthorized},
		"a revoked key":                 {Face: "apps", App: "portal", Key: "k1", Path: "/graph/", Code: "api.key_revoked", Status: http.StatusUnauthorized, From: home},
		"a key of another network":      {Face: "apps", App: "portal", Key: "k2", Path: "/graph/", Code: "api.key_network", Status: http.StatusForbidden, From: home},
		"a key whose app is no more":    {Face: "apps", App: "portal", Key: "k3", Path: "/graph/", Code: "api.key_unknown", Status: http.StatusUnauthorized, From: home},
		"an app that may only read":     {Face: "apps", App: "portal", Key: "k4", Path: "/v1/changes", Code: "api.key_scope", Status: http.StatusForbidden},
		"an operator who may only look": {Face: "operators", Operator: "anna", Key: "t1", Path: "/v1/flows", Code: "api.role", Status: http.StatusForbidden},
		"an operator's token, revoked":  {Face: "operators", Operator: "bert", Key: "t2", Path: "/v1/flows", Code: "api.token_revoked", Status: http.StatusUnauthorized},
	}
	for name, flooding := range one {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			d := newDenials(s, ledger.New(s), slog.New(slog.DiscardHandler))
			const kinds = 3 * denialsAtOnce
			for i := range kinds {
				x := flooding
				x.Path = fmt.Sprintf("/flood/%d", i)
				if x.From.IsValid() {
					x.From = netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
				}
				d.Refused(x)
			}
			for _, x := range one {
				d.Refused(x)
			}
			d.Write(t.Context())
			seen, floods, rest := map[string]int{}, 0, 0
			if err := s.EntriesAfter(t.Context(), 0, 10_000, func(e graphwarden.Entry, _ [32]byte) error {
				switch {
				case strings.HasPrefix(e.Path, "/flood/"):
					floods++
				case e.Rule == "denied":
					_, err := fmt.Sscanf(e.Note, "%d more", &rest)
					return err
				default:
					seen[e.Rule+" "+e.Note]++
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			hidden := 0
			for other, x := range one {
				e := entryOf(x, 1)
				switch n := seen[e.Rule+" "+e.Note]; {
				case groupOf(x) == groupOf(flooding):
					hidden += 1 - n
				case n != 1:
					t.Errorf("%s has %d entries: %v", other, n, seen)
				}
			}
			if floods != denialsAtOnce || rest != kinds-denialsAtOnce+hidden {
				t.Errorf("%d entries of a flood of %d kinds, and %d more of which %d are others'", floods, kinds, rest, hidden)
			}
		})
	}
	groups := map[group]int{}
	for _, x := range one {
		groups[groupOf(x)]++
	}
	if groups[strangers] != 2 || groups[shut] != 3 || groups[guests] != 2 {
		t.Errorf("the groups are %v", groups)
	}
}
