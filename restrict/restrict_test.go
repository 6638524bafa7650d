package restrict_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/restrict"
)

// house is a gateway before a simulated tenant, with a flow in one mailbox.
type house struct {
	*testing.T
	*simulated.Tenant
	simulated.Rooms
	in, out graphwarden.Mailbox
}

func open(t *testing.T, step func(string, func() error) error) *house {
	t.Helper()
	return openBy(t, "calendar", flow.Kind{}, step)
}

// openBy gives one whose flow is of a kind, by an app of the tenant.
func openBy(t *testing.T, app string, kind flow.Kind, step func(string, func() error) error) *house {
	t.Helper()
	n := simulated.New(t)
	mailbox := func(i int) graphwarden.Mailbox {
		return graphwarden.Mailbox{ID: n.Ready.Users[i].ID, UPN: n.Ready.Users[i].UserPrincipalName}
	}
	h := &house{T: t, Tenant: n, in: mailbox(1), out: mailbox(2)}
	d := n.Door(t, app)
	d.Kind = kind
	d.Mailboxes, d.Now, d.Step = graphwarden.MailboxScope{h.in}, n.World.Clock().Now, step
	h.Rooms = n.Knock(t, d)
	err := h.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return h.Store.PinMailbox(ctx, tx, "contoso", h.in)
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) apply(a restrict.Asked) restrict.Outcome {
	h.Helper()
	out, err := h.Restrict.Apply(h.Context(), "contoso", "main", a)
	if err != nil {
		h.Fatal(err)
	}
	return out
}

// later moves the tenant's clock, and has everything looked at again.
func (h *house) later(span string) *restrict.State {
	h.Helper()
	h.Ask(h.T, http.MethodPost, "/sim/clock", map[string]any{"advance": span})
	if _, err := h.Restrict.Look(h.Context()); err != nil {
		h.Fatal(err)
	}
	v, err := h.Restrict.Show(h.Context(), "contoso", "main")
	if err != nil {
		h.Fatal(err)
	}
	return v.State
}

// does lists what is done, by its first word and a word that tells it.
func does(list []restrict.Change) string {
	var out []string
	for _, c := range list {
		for _, word := range []string{"service principal", "management scope", "role", "consent", "access polic"} {
			if strings.Contains(c.What, word) {
				out = append(out, c.Do+" "+word)
				break
			}
		}
	}
	return strings.Join(out, ", ")
}

// TestAnAppIsKeptToItsMailboxes from the first look at the difference to the proof,
// with the consent that defeats a role taken away in between.
func TestAnAppIsKeptToItsMailboxes(t *testing.T) {
	h := open(t, nil)
	const begin = "add service principal, add management scope, add role, later consent"
	if out := h.apply(restrict.Asked{DryRun: true}); does(out.Changes) != begin || out.Applied || out.State != nil {
		t.Fatalf("rehearsed: %s, %+v", does(out.Changes), out.State)
	}
	if out := h.apply(restrict.Asked{}); does(out.Changes) != begin || out.State.State != "waiting" || out.State.Inside != h.in.UPN || out.State.Outside == "" {
		t.Fatalf("applied: %s, %+v", does(out.Changes), out.State)
	}
	if out := h.apply(restrict.Asked{}); does(out.Changes) != "later consent" {
		t.Errorf("again, at once: %s", does(out.Changes))
	}
	if s := h.later("10m"); s.State != "waiting" || s.Code != "" {
		t.Errorf("after ten minutes: %+v", s)
	}
	if s := h.later("2h"); s.State != "consent left" || s.Code != restrict.CodeConsentLeft {
		t.Errorf("after two hours: %+v", s)
	}
	if out := h.apply(restrict.Asked{By: "somebody"}); does(out.Changes) != "remove consent" || !out.Applied {
		t.Errorf("the second time: %s", does(out.Changes))
	}
	if s := h.later("10m"); s.State != "proven" || s.Code != "" {
		t.Errorf("at the end: %+v", s)
	}
	if out := h.apply(restrict.Asked{DryRun: true}); len(out.Changes) > 0 {
		t.Errorf("nothing is left to do: %s", does(out.Changes))
	}
	if _, err := h.Graph.Calendars(t.Context(), h.Flow, h.in); err != nil {
		t.Errorf("inside: %v", err)
	}
	if s := h.consentAgain(); s.State != "consent left" && s.State != "waiting" {
		t.Errorf("somebody consented for every mailbox: %+v", s)
	}
}

// consentAgain has an administrator consent for every mailbox.
func (h *house) consentAgain() *restrict.State {
	h.Ask(h.T, http.MethodPost, "/sim/apps", map[string]any{"app": "calendar", "do": "consent"})
	return h.later("7h")
}

// TestNowTakesTheConsentAtOnce, and calls are refused until Exchange goes by the
// role.
func TestNowTakesTheConsentAtOnce(t *testing.T) {
	h := open(t, nil)
	if out := h.apply(restrict.Asked{Now: true, Outside: h.out.UPN}); !strings.HasSuffix(does(out.Changes), "remove consent") || out.State.Outside != h.out.UPN {
		t.Fatalf("%s, %+v", does(out.Changes), out.State)
	}
	if s := h.later("6m"); s.State != "waiting" || s.Code != "restrict.inside_refused" {
		t.Errorf("before Exchange goes by it: %+v", s)
	}
	if s := h.later("2h"); s.State != "proven" {
		t.Errorf("after: %+v", s)
	}
}

// TestTheFlowKeepsToItsMailboxesFromTheFirstSecond: Graphwarden refuses by itself,
// before anything reaches Microsoft, whatever Exchange does.
func TestTheFlowKeepsToItsMailboxesFromTheFirstSecond(t *testing.T) {
	h := open(t, nil)
	_, err := h.Graph.Calendars(t.Context(), h.Flow, h.out)
	var refusal *graphwarden.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != graphwarden.Denied {
		t.Fatalf("outside: %v", err)
	}
	sent := 0
	err = h.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Allowed {
			sent++
		}
		return nil
	})
	if err != nil || sent > 0 {
		t.Errorf("%d calls were allowed, %v", sent, err)
	}
}

// TestARestrictionThatDoesNotHoldIsTold: somebody else's role opens every mailbox.
func TestARestrictionThatDoesNotHoldIsTold(t *testing.T) {
	h := open(t, nil)
	h.apply(restrict.Asked{Now: true})
	h.cmdlet("New-ManagementRoleAssignment", map[string]any{"Name": "somebody's", "App": h.App(t, "calendar").ClientID, "Role": "Application Calendars.ReadWrite"})
	h.later("3h") // the consent is seen to be gone
	if s := h.later("20m"); s.State != "failed" || s.Code != "restrict.outside_reached" {
		t.Errorf("%+v", s)
	}
	if out := h.apply(restrict.Asked{DryRun: true}); does(out.Changes) != "warn role" {
		t.Errorf("%s", does(out.Changes))
	}
	h.cmdlet("Remove-ManagementRoleAssignment", map[string]any{"Identity": "somebody's", "Confirm": false})
	if s := h.later("3h"); s.State != "proven" {
		t.Errorf("mended: %+v", s)
	}
}

// cmdlet runs a command in Exchange as the administrator.
func (h *house) cmdlet(name string, parameters map[string]any) []any {
	h.Helper()
	out := h.AskAs(h.T, h.Ready.Tokens.Exchange, http.MethodPost, "/adminapi/beta/"+h.Ready.Tenant.ID+"/InvokeCommand",
		map[string]any{"CmdletInput": map[string]any{"CmdletName": name, "Parameters": parameters}})
	list, _ := out["value"].([]any)
	return list
}

// TestWhatIsTakenBackIsTakenBackWhole, and the wrong object id is mended.
func TestUndoTakesBackWhatWasMade(t *testing.T) {
	h := open(t, nil)
	client := h.App(t, "calendar").ClientID
	h.cmdlet("New-ServicePrincipal", map[string]any{"AppId": client, "ObjectId": client})
	if out := h.apply(restrict.Asked{}); !strings.HasPrefix(does(out.Changes), "remove service principal, add service principal, add management scope") {
		t.Errorf("a pointer to nothing: %s", does(out.Changes))
	}
	h.apply(restrict.Asked{Undo: true, By: "somebody"})
	for _, what := range []string{"Get-ServicePrincipal", "Get-ManagementScope", "Get-ManagementRoleAssignment"} {
		if left := h.cmdlet(what, nil); len(left) > 0 {
			t.Errorf("%s gives %v", what, left)
		}
	}
	if s := h.later("1m"); s != nil {
		t.Errorf("%+v", s)
	}
}

// TestAnAccessPolicyKeepsToo, for those who still use them: the consent stays, and
// the proof is the same.
func TestAnAccessPolicyKeepsToo(t *testing.T) {
	h := open(t, nil)
	if out := h.apply(restrict.Asked{Kind: "access-policy"}); does(out.Changes) != "add access polic" {
		t.Fatal(does(out.Changes))
	}
	if s := h.later("10m"); s.State != "waiting" || s.Code != "restrict.outside_reached" {
		t.Errorf("before: %+v", s)
	}
	if s := h.later("2h"); s.State != "proven" || s.By != "access-policy" {
		t.Errorf("after: %+v", s)
	}
	if out := h.apply(restrict.Asked{Kind: "access-policy"}); len(out.Changes) > 0 {
		t.Errorf("again: %s", does(out.Changes))
	}
	h.apply(restrict.Asked{Kind: "access-policy", Undo: true})
	if left := h.cmdlet("Get-ApplicationAccessPolicy", nil); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestARunThatIsCutOffIsGoneOnWith: cut before or after each step, the next run
// ends where an undisturbed one does, with everything there once.
func TestARunThatIsCutOffIsGoneOnWith(t *testing.T) {
	errCut := errors.New("cut")
	for _, name := range restrict.Steps() {
		for _, when := range []string{"before", "after"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				met, armed := false, true
				h := open(t, func(step string, act func() error) error {
					if step != name || met || !armed {
						return act()
					}
					met = true
					if when == "after" {
						if err := act(); err != nil {
							return err
						}
					}
					return errCut
				})
				for _, a := range provoke(name) {
					_, err := h.Restrict.Apply(t.Context(), "contoso", "main", a)
					if err != nil && !errors.Is(err, errCut) {
						t.Fatal(err)
					}
				}
				if _, err := h.Restrict.Look(t.Context()); err != nil && !errors.Is(err, errCut) {
					t.Fatal(err)
				}
				if name == "restrict:look" {
					h.Ask(t, http.MethodPost, "/sim/clock", map[string]any{"advance": "10m"})
					_, _ = h.Restrict.Look(t.Context()) // cut
				}
				if !met {
					t.Fatal("the step was never met")
				}
				h.apply(restrict.Asked{Now: true})
				h.later("3h")
				if s := h.later("10m"); s == nil || s.State != "proven" {
					t.Errorf("in the end: %+v", s)
				}
				for _, what := range []string{"Get-ServicePrincipal", "Get-ManagementScope", "Get-ManagementRoleAssignment"} {
					if list := h.cmdlet(what, nil); len(list) != 1 {
						t.Errorf("%s gives %d", what, len(list))
					}
				}
			})
		}
	}
}

// provoke are runs that come to a step.
func provoke(step string) []restrict.Asked {
	switch step {
	case "restrict:policy":
		return []restrict.Asked{{Kind: "access-policy"}}
	case "restrict:unpolicy":
		return []restrict.Asked{{Kind: "access-policy"}, {Kind: "access-policy", Undo: true}}
	case "restrict:unassign", "restrict:unscope":
		return []restrict.Asked{{}, {Undo: true}}
	case "restrict:revoke":
		return []restrict.Asked{{Now: true}}
	}
	return []restrict.Asked{{}}
}

func TestWhatCannotBeRestrictedIsSaid(t *testing.T) {
	h := open(t, nil)
	for _, c := range []struct {
		registration string
		asked        restrict.Asked
		code         string
	}{
		{"nobody", restrict.Asked{}, "restrict.unknown"},
		{"main", restrict.Asked{Kind: "prayer"}, "restrict.kind"},
		{"main", restrict.Asked{Outside: h.in.UPN}, "restrict.outside_is_inside"},
		{"main", restrict.Asked{Outside: "nobody@contoso.example"}, "exchange.unknown"},
	} {
		_, err := h.Restrict.Apply(t.Context(), "contoso", c.registration, c.asked)
		var refusal *graphwarden.Refusal
		if !errors.As(err, &refusal) || refusal.Code != c.code {
			t.Errorf("%+v: %v, want %s", c, err, c.code)
		}
	}
}

// TestTheLedgerSaysWhoRestricted, and every command that Exchange was given.
func TestTheLedgerSaysWhoRestricted(t *testing.T) {
	h := open(t, nil)
	h.apply(restrict.Asked{By: "the boss"})
	var commands []string
	said := false
	err := h.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		said = said || e.Path == "restriction.set contoso/main" && e.Note == "the boss"
		if e.Kind == graphwarden.Decided && strings.HasPrefix(e.Flow, "exchange/") {
			commands = append(commands, e.Path[strings.LastIndexByte(e.Path, ' ')+1:])
		}
		return nil
	})
	if err != nil || !said || !slices.Contains(commands, "New-ManagementScope") {
		t.Errorf("%v %t %v", err, said, commands)
	}
}

func TestTheScriptIsForPowerShell(t *testing.T) {
	h := open(t, nil)
	v, err := h.Restrict.Show(t.Context(), "contoso", "main")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"$appId = '" + h.App(t, "calendar").ClientID + "'",
		"  New-ServicePrincipal -AppId $appId -ObjectId $app.Id -DisplayName $app.DisplayName",
		"$filter = \"ExternalDirectoryObjectId -eq '" + h.in.ID + "'\"",
		"  New-ManagementScope -Name 'Graphwarden main office' -RecipientRestrictionFilter $filter",
		"  New-ManagementRoleAssignment -Name 'Graphwarden main office Calendars.Read' -App $app.Id -Role 'Application Calendars.Read' -CustomResourceScope 'Graphwarden main office'",
		"$wide = $graph.AppRoles | Where-Object Value -in 'Calendars.Read', 'Calendars.ReadBasic.All', 'Calendars.ReadWrite'",
	} {
		if !strings.Contains(v.Script, line+"\n") {
			t.Errorf("no line %q in:\n%s", line, v.Script)
		}
	}
	if strings.Count(v.Script, "{") != strings.Count(v.Script, "}") || strings.Count(regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(v.Script, ""), "'")%2 != 0 {
		t.Errorf("something is not closed in:\n%s", v.Script)
	}
	if len(v.Scopes) != 1 || !slices.Equal(v.Scopes[0].Roles, []string{"Application Calendars.Read"}) || v.State != nil {
		t.Errorf("%+v", v)
	}
}

// TestRestrictingGoesOnAfterARestart: what was begun stands in the store.
func TestRestrictingGoesOnAfterARestart(t *testing.T) {
	h := open(t, nil)
	h.apply(restrict.Asked{Now: true})
	again := restrict.New(h.Restrict.Config) // the process that comes after
	h.Ask(t, http.MethodPost, "/sim/clock", map[string]any{"advance": "3h"})
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- again.Run(ctx) }()
	for ctx.Err() == nil {
		if v, err := again.Show(t.Context(), "contoso", "main"); err != nil || v.State.State == "proven" {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	v, err := again.Show(t.Context(), "contoso", "main")
	stop()
	if err != nil || v.State.State != "proven" || <-ended != nil {
		t.Errorf("%+v %v", v.State, err)
	}
}
