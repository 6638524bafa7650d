package connect_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
)

const team = "99999999-8888-7777-6666-555555555555"

// grouping puts up a roster of a flow with names and the group team.
func grouping(t *testing.T, r *rig.Rig, names ...string) *connect.Roster {
	t.Helper()
	declared := r.Flow
	declared.Mailboxes, declared.Groups = nil, []string{team}
	for _, name := range names {
		declared.Mailboxes = append(declared.Mailboxes, graphwarden.Mailbox{UPN: name})
	}
	g := graph.New(r.Gate)
	out, err := connect.NewRoster(connect.RosterConfig{
		Declared: []flow.Flow{declared}, House: []flow.Flow{flow.ForReader(r.Registration), flow.ForSignIn(r.Registration), flow.ForMembers(r.Registration)},
		Pinned: r.Store, Users: g, InForce: r.Policy, Log: rig.Log(), Members: r.Store, Groups: g,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// company answers for users by name, and for the group team with members; nil:
// there is no such group.
func company(users map[string]string, members []map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.Contains(r.URL.Path, "/groups/"):
			directory(users)(w, r)
		case members == nil:
			rig.Says(http.StatusNotFound, `{"error":{"code":"Request_ResourceNotFound"}}`)(w, r)
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"value": members})
		}
	}
}

// skips are the codes of what is skipped, by name or group.
func skips(t *testing.T, r *rig.Rig) map[string]string {
	t.Helper()
	list, err := r.Store.Skipped(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, k := range list {
		if (k.Group == "") == (k.Mailbox.UPN == "") {
			t.Errorf("neither a mailbox nor a group, or both: %+v", k)
		}
		out[k.Mailbox.UPN+k.Group] = k.Code
	}
	return out
}

func wantSkips(t *testing.T, r *rig.Rig, want map[string]string) {
	t.Helper()
	got := skips(t, r)
	for name, code := range want {
		if got[name] != code {
			t.Errorf("%s is skipped with %q, want %q", name, got[name], code)
		}
	}
	if len(got) != len(want) {
		t.Errorf("skipped are %v", got)
	}
}

// TestAGroupThatThereIsNotIsToldUntilItIsThere: it was unknown from the start, came,
// and was deleted, when its members stay.
func TestAGroupThatThereIsNotIsToldUntilItIsThere(t *testing.T) {
	r := rig.New(t, nil)
	o := grouping(t, r)
	alice := []map[string]string{{"@odata.type": "#microsoft.graph.user", "id": rig.Alice, "userPrincipalName": "alice@contoso.com"}}
	r.Microsoft.Answer(company(nil, nil))
	if err := o.Pin(t.Context()); !graph.Is(err, "graph.group_unknown") {
		t.Errorf("Pin = %v", err)
	}
	wantSkips(t, r, map[string]string{team: "graph.group_unknown"})
	r.Microsoft.Answer(company(nil, alice))
	if err := o.Pin(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantSkips(t, r, nil)
	r.Microsoft.Answer(company(nil, nil))
	_ = o.Pin(t.Context())
	wantSkips(t, r, map[string]string{team: "graph.group_unknown"})
	if !allowed(r, rig.Alice) {
		t.Error("its members went with it")
	}
}

// TestAGroupThatWasNeverReadKeepsNobody: once Microsoft has said that there is no
// such group, who left the flow leaves; before that anybody may be in it. Another
// process hears of it, too.
func TestAGroupThatWasNeverReadKeepsNobody(t *testing.T) {
	r := rig.New(t, nil)
	whole := func(o *connect.Roster) bool {
		f, shown := o.Flow(r.Flow.Name)
		return shown && f.Whole
	}
	o := grouping(t, r)
	r.Microsoft.Answer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_ = o.Pin(t.Context())
	if whole(o) {
		t.Error("nobody has answered, and the flow counts as known")
	}
	before, err := r.Store.RosterVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.Microsoft.Answer(company(nil, nil))
	_ = o.Pin(t.Context())
	if !whole(o) {
		t.Error("a group that never was keeps everybody")
	}
	after, err := r.Store.RosterVersion(t.Context())
	if err != nil || after <= before {
		t.Errorf("the other processes do not hear of it: %d, %v", after, err)
	}
	_ = o.Pin(t.Context())
	if again, err := r.Store.RosterVersion(t.Context()); err != nil || again != after {
		t.Errorf("saying it again is news to them: %d, %v", again, err)
	}
}

// TestNobodyIsSkippedBecauseMicrosoftDoesNotAnswer: whether a name is right is not
// known, so nothing is said of it; what was known before stays.
func TestNobodyIsSkippedBecauseMicrosoftDoesNotAnswer(t *testing.T) {
	for name, down := range map[string]http.HandlerFunc{
		"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"half a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t, nil)
			o := grouping(t, r, "alice@contoso.com", "nobody@contoso.com")
			r.Microsoft.Answer(down)
			if err := o.Pin(t.Context()); err == nil {
				t.Fatal("pinned")
			}
			wantSkips(t, r, nil)
			r.Microsoft.Answer(company(map[string]string{"alice@contoso.com": rig.Alice}, []map[string]string{}))
			_ = o.Pin(t.Context())
			wantSkips(t, r, map[string]string{"nobody@contoso.com": "graph.user_unknown"})
			r.Microsoft.Answer(down)
			_ = o.Pin(t.Context())
			wantSkips(t, r, map[string]string{"nobody@contoso.com": "graph.user_unknown"})
		})
	}
}

// TestWhatIsCorrectedIsNotSkippedAnyMore: names and groups that the configuration
// has no more, guests who left.
func TestWhatIsCorrectedIsNotSkippedAnyMore(t *testing.T) {
	for _, at := range []faulty.Moment{"", faulty.Before, faulty.After} {
		t.Run("cut "+string(at), func(t *testing.T) {
			r := rig.New(t, nil)
			guest := []map[string]string{{"@odata.type": "#microsoft.graph.user", "id": rig.Bob, "userPrincipalName": "bob_fabrikam.com#EXT#@contoso.com"}}
			r.Microsoft.Answer(company(map[string]string{"alice@contoso.com": rig.Alice}, guest))
			_ = grouping(t, r, "alcie@contoso.com").Pin(t.Context())
			wantSkips(t, r, map[string]string{"alcie@contoso.com": "graph.user_unknown", "bob_fabrikam.com#EXT#@contoso.com": graphwarden.CodeGuest})

			if err := r.Store.Close(); err != nil {
				t.Fatal(err)
			}
			plan := faulty.NewPlan(t)
			if at != "" {
				plan = faulty.NewPlan(t, faulty.Cut{Step: "commit", Nth: 5, At: at}) // decisions, pin and members come before
			}
			r.Open(t, plan)
			config := r.Config(t, r.Net.Client())
			r.Gate = gate.New(config).With(rig.Lender{})
			o := grouping(t, r, "alice@contoso.com")
			r.Microsoft.Answer(company(map[string]string{"alice@contoso.com": rig.Alice}, []map[string]string{}))
			for range 3 {
				if o.Pin(t.Context()) == nil {
					break
				}
			}
			wantSkips(t, r, nil)
		})
	}
}

func TestATenantWithoutAReaderSaysSoOfItsNamesAndGroups(t *testing.T) {
	r := rig.New(t, nil)
	declared := r.Flow
	declared.Groups = []string{team}
	o, err := connect.NewRoster(connect.RosterConfig{Declared: []flow.Flow{declared}, Pinned: r.Store, Users: graph.New(r.Gate), InForce: r.Policy, Log: rig.Log(), Members: r.Store})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Pin(t.Context()); !graph.Is(err, "connect.reader_missing") {
		t.Errorf("Pin = %v", err)
	}
	wantSkips(t, r, map[string]string{"alice@contoso.com": "connect.reader_missing", "bob@contoso.com": "connect.reader_missing", team: "connect.reader_missing"})
}
