package connect_test

import (
	"context"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/simulated"
)

// TestRolesInExchangeStandForTheirOwnFlowsOnly: what another permission covers is not
// needed besides, but where Exchange has a role for the mailboxes of one flow.
func TestRolesInExchangeStandForTheirOwnFlowsOnly(t *testing.T) {
	tn := simulated.New(t)
	r := tn.Knock(t, tn.Door(t, "calendar"))
	r.Desk.Needed = func(graphwarden.Registration) ([]string, error) {
		return []string{"Calendars.Read", "Calendars.ReadBasic.All"}, nil
	}
	r.Desk.Together = func(graphwarden.Registration) ([]string, error) { return []string{"Calendars.Read"}, nil }
	for roles, want := range map[string]string{"": "Calendars.Read", "Calendars.Read": "Calendars.Read Calendars.ReadBasic.All"} {
		r.Desk.Narrowed = func(context.Context, graphwarden.Registration, []string) ([]string, error) {
			return strings.Fields(roles), nil
		}
		v, err := r.Desk.One(t.Context(), "contoso", "main")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, n := range v.Needed {
			names = append(names, n.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("with the roles %q it needs %s, want %s", roles, got, want)
		}
	}
}
