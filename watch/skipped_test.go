package watch_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/watch"
)

// troubled is what cannot be read.
type troubled struct {
	troubles []graphwarden.Trouble
	skipped  []graphwarden.Skipped
}

func (t troubled) Troubles(context.Context) ([]graphwarden.Trouble, error) { return t.troubles, nil }
func (t troubled) Skipped(context.Context, string) ([]graphwarden.Skipped, error) {
	return t.skipped, nil
}

func TestMailboxesThatAreNotReadAreToldByFlowAndReason(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	skip := func(flow, name, code string) graphwarden.Skipped {
		return graphwarden.Skipped{Flow: flow, Tenant: "contoso", Mailbox: graphwarden.Mailbox{UPN: name}, Code: code, Say: "No.", Since: now}
	}
	see := func(s troubled) (told []string) {
		list, err := watch.Refusals(s).See(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			told = append(told, x.Code+" "+x.Subject+" "+string(x.Severity))
			if x.Say == "" || x.Do == "" || !x.Since.Equal(now) {
				t.Errorf("something is missing: %+v", x)
			}
		}
		return told
	}
	if told := see(troubled{}); len(told) != 0 {
		t.Errorf("nothing is wrong: %v", told)
	}
	told := see(troubled{skipped: []graphwarden.Skipped{skip("office", "a@x", "graph.mailbox_not_enabled"), skip("office", "b@x", "graph.mailbox_not_enabled"),
		skip("office", "c@x", graphwarden.CodeGuest), skip("desk", "a@x", "graph.mailbox_not_enabled")}})
	want := "notice.mailbox_skipped desk graph.mailbox_not_enabled warning, notice.mailbox_skipped office graph.mailbox_not_enabled warning, notice.mailbox_skipped office " + graphwarden.CodeGuest + " warning"
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("told: %s", got)
	}
	group := graphwarden.Skipped{Flow: "team", Tenant: "contoso", Group: "99999999-8888-7777-6666-555555555555", Code: "graph.group_unknown", Say: "There is none.", Since: now}
	if told := see(troubled{skipped: []graphwarden.Skipped{group}}); len(told) != 1 || told[0] != "notice.group_unread team 99999999-8888-7777-6666-555555555555 critical" {
		t.Errorf("of a group: %v", told)
	}
	trouble := graphwarden.Trouble{Flow: "office", Mailbox: graphwarden.Mailbox{UPN: "a@x"}, Code: "graph.not_consented", Say: "No.", Since: now, Count: 1}
	if told := see(troubled{troubles: []graphwarden.Trouble{trouble}}); len(told) != 0 {
		t.Errorf("refused once: %v", told)
	}
	trouble.Count = 2
	if told := see(troubled{troubles: []graphwarden.Trouble{trouble}}); len(told) != 1 || told[0] != "notice.feed_refused office graph.not_consented critical" {
		t.Errorf("refused twice: %v", told)
	}
}
