package gate_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// TestWhoIsAskedAboutIsDecidedOneByOne has one case for each guard; without the
// guard the request would be sent.
func TestWhoIsAskedAboutIsDecidedOneByOne(t *testing.T) {
	alice, bob := graphwarden.Mailbox{ID: rig.Alice, UPN: "alice@contoso.com"}, graphwarden.Mailbox{ID: rig.Bob, UPN: "bob@contoso.com"}
	other := graphwarden.Mailbox{ID: carol, UPN: "carol@contoso.com"}
	body := func(who ...graphwarden.Mailbox) []byte {
		ids := make([]string, len(who))
		for i, w := range who {
			ids[i] = `"` + w.ID + `"`
		}
		return []byte(`{"ids":[` + strings.Join(ids, ",") + `]}`)
	}
	for situation, test := range map[string]struct {
		through string
		people  []graphwarden.Mailbox
		body    []byte
		rule    string // "" when it is sent
	}{
		"both of the scope":              {rig.Alice, []graphwarden.Mailbox{alice, bob}, body(alice, bob), ""},
		"through somebody else":          {carol, []graphwarden.Mailbox{alice}, body(alice), "default/mailbox"},
		"somebody else among them":       {rig.Alice, []graphwarden.Mailbox{alice, other}, body(alice, other), "default/mailbox"},
		"a body listing somebody else":   {rig.Alice, []graphwarden.Mailbox{alice}, body(alice, other), "gate/body"},
		"a body listing one not decided": {rig.Alice, []graphwarden.Mailbox{alice}, body(bob), "gate/body"},
		"nobody":                         {rig.Alice, nil, body(alice), "gate/body"},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			r.Flow.Kind = flow.Presence(flow.PresenceWants{Teams: true})
			p, err := policy.New(r.Flows())
			if err != nil {
				t.Fatal(err)
			}
			r.Policy.Replace(p)
			answer, err := r.Gate.Do(t.Context(), gate.Call{App: "crm", Flow: "office", Operation: flow.GetPresences(),
				Mailbox: test.through, Others: test.people, Body: test.body})
			if test.rule == "" {
				finish(t, answer, err)
				if sent := m.Requests(); len(sent) != 1 || sent[0].Method != http.MethodPost || sent[0].URL.Path != "/v1.0/communications/getPresencesByUserId" {
					t.Errorf("sent %v", sent)
				}
				if e := r.Entries(t)[0]; !e.Allowed || e.Note != "about "+rig.Alice+" "+rig.Bob {
					t.Errorf("recorded %+v", e)
				}
				return
			}
			if err == nil || len(m.Requests()) != 0 {
				t.Errorf("sent: %v", err)
			}
			if e := r.Entries(t)[0]; e.Allowed || e.Rule != test.rule {
				t.Errorf("recorded %+v, want the rule %s", e, test.rule)
			}
		})
	}
}
