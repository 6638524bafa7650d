package grants_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/grants"
	"github.com/graphwarden/graphwarden/internal/simulated"
)

const graphApp = "00000003-0000-0000-c000-000000000000"

// house is a gateway before a simulated tenant, with a flow in one mailbox, by an app
// that was granted just what the flow needs.
type house struct {
	*testing.T
	*simulated.Tenant
	simulated.Rooms
	mailbox graphwarden.Mailbox
	app, of string // object ids: of our app, of Microsoft Graph
}

func open(t *testing.T, step func(string, func() error) error) *house {
	t.Helper()
	return openAs(t, graphwarden.BySecret, step)
}

// openAs is open with an app that signs in in a way of its own.
func openAs(t *testing.T, mode graphwarden.SignIn, step func(string, func() error) error) *house {
	t.Helper()
	n := simulated.New(t)
	d := n.Door(t, "calendar")
	d.Mode = mode
	u := n.Ready.Users[1]
	h := &house{T: t, Tenant: n, mailbox: graphwarden.Mailbox{ID: u.ID, UPN: u.UserPrincipalName}}
	d.Mailboxes, d.Now, d.Step, d.Every = graphwarden.MailboxScope{h.mailbox}, n.World.Clock().Now, step, time.Hour
	h.Rooms = n.Knock(t, d)
	h.app, h.of = h.principal(h.Registration.ClientID), h.principal(graphApp)
	h.removes("Calendars.ReadWrite") // it is delivered with more than the flow needs
	h.adds("Calendars.Read")
	return h
}

// later moves the tenant's clock, and gives its people new tokens.
func (h *house) later(span string) {
	h.Helper()
	h.Ask(h.T, http.MethodPost, "/sim/clock", map[string]any{"advance": span})
	ready, err := h.Sim.Ready("https://tenant.example")
	if err != nil {
		h.Fatal(err)
	}
	h.Tenant.Ready = ready
}

// roleID is the id that a permission is granted by.
func roleID(t *testing.T, permission string) string {
	t.Helper()
	p, known := catalog.Load().PermissionOf(catalog.MicrosoftGraph, permission)
	info, exists := p.In(catalog.Application)
	if !known || !exists {
		t.Fatalf("no permission %s", permission)
	}
	return info.ID
}

// principal finds the object id of an app's service principal.
func (h *house) principal(client string) string {
	h.Helper()
	found, _ := h.Ask(h.T, http.MethodGet, "/v1.0/servicePrincipals?$filter=appId%20eq%20%27"+client+"%27&$select=id", nil)["value"].([]any)
	one, _ := found[0].(map[string]any)
	id, _ := one["id"].(string)
	return id
}

// adds has somebody grant the app a permission at Microsoft.
func (h *house) adds(permission string) {
	h.Helper()
	h.Ask(h.T, http.MethodPost, "/v1.0/servicePrincipals/"+h.app+"/appRoleAssignments", map[string]string{"principalId": h.app, "resourceId": h.of, "appRoleId": roleID(h.T, permission)})
}

// removes has somebody take one away.
func (h *house) removes(permission string) {
	h.Helper()
	list, _ := h.Ask(h.T, http.MethodGet, "/v1.0/servicePrincipals/"+h.app+"/appRoleAssignments", nil)["value"].([]any)
	for _, v := range list {
		if one, _ := v.(map[string]any); one["appRoleId"] == roleID(h.T, permission) {
			h.Ask(h.T, http.MethodDelete, "/v1.0/servicePrincipals/"+h.app+"/appRoleAssignments/"+one["id"].(string), nil)
		}
	}
}

// consents has an administrator consent to delegated permissions for everybody.
func (h *house) consents(scope string) {
	h.Helper()
	h.Ask(h.T, http.MethodPost, "/v1.0/oauth2PermissionGrants", map[string]any{"clientId": h.app, "consentType": "AllPrincipals", "principalId": nil, "resourceId": h.of, "scope": scope})
}

func (h *house) show() grants.Report {
	h.Helper()
	r, err := h.Grants.Show(h.Context(), "contoso", "main", grants.Asked{Administrator: "boss"})
	if err != nil {
		h.Fatal(err)
	}
	return r
}

func (h *house) apply(a grants.Asked) grants.Outcome {
	h.Helper()
	a.Administrator = "boss"
	out, err := h.Grants.Apply(h.Context(), "contoso", "main", a)
	if err != nil {
		h.Fatal(err)
	}
	return out
}

// drifts lists how lines are not as they should be.
func drifts(r grants.Report) string {
	var out []string
	for _, l := range r.Lines {
		if l.Drift != "" {
			out = append(out, l.Permission+" "+l.Drift)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestGrantedNeededAndUsedStandSideBySide: what was granted comes from Microsoft, what
// is needed from the flow, and what was used from the ledger.
func TestGrantedNeededAndUsedStandSideBySide(t *testing.T) {
	h := open(t, nil)
	if r := h.show(); drifts(r) != "" || len(r.Lines) != 1 || r.Lines[0].Permission != "Calendars.Read" || r.Lines[0].Calls != 0 || r.Lines[0].Last != nil || r.Source != "the administrator" {
		t.Fatalf("at first: %+v", r)
	}
	for range 3 {
		if _, err := h.Graph.Calendars(t.Context(), h.Flow, h.mailbox); err != nil {
			t.Fatal(err)
		}
	}
	if l := h.show().Lines[0]; l.Calls != 3 || l.First == nil || l.Last == nil || !slices.Equal(l.Flows, []string{"office"}) || l.Class != "high" {
		t.Errorf("after three calls: %+v", l)
	}
	h.adds("Mail.ReadWrite")
	h.consents("User.Read Mail.Send openid")
	if r := h.show(); drifts(r) != "Mail.ReadWrite beyond, Mail.Send beyond, User.Read beyond" || r.Lines[0].Permission != "Mail.ReadWrite" {
		t.Errorf("after somebody added: %s", drifts(r))
	}
	h.later("2200h")
	if r := h.show(); !strings.Contains(drifts(r), "Calendars.Read unused") {
		t.Errorf("after 91 days: %s", drifts(r))
	}
}

// TestAWiderPermissionIsReplaced: the narrower one is granted before the wider is
// taken away, so that nothing is refused in between.
func TestAWiderPermissionIsReplaced(t *testing.T) {
	h := open(t, nil)
	h.adds("Calendars.ReadWrite")
	h.removes("Calendars.Read")
	r := h.show()
	if drifts(r) != "Calendars.ReadWrite wider" {
		t.Fatal(drifts(r))
	}
	if len(r.Changes) != 2 || r.Changes[0].Do != "add" || r.Changes[1].Do != "remove" {
		t.Fatalf("%+v", r.Changes)
	}
	if out := h.apply(grants.Asked{DryRun: true}); out.Applied || len(out.Left) != 2 || drifts(h.show()) != "Calendars.ReadWrite wider" {
		t.Errorf("rehearsed: %+v", out)
	}
	if out := h.apply(grants.Asked{By: "somebody"}); !out.Applied || !out.Proven || drifts(out.Report) != "" {
		t.Errorf("applied: %+v", out)
	}
}

// TestWhatIsMissingIsGranted, and what is too much in consents to delegated
// permissions goes while what signs people in stays.
func TestWhatIsMissingIsGranted(t *testing.T) {
	h := open(t, nil)
	h.removes("Calendars.Read")
	h.consents("Mail.Send openid")
	if d := drifts(h.show()); d != "Calendars.Read missing, Mail.Send beyond" {
		t.Fatal(d)
	}
	if out := h.apply(grants.Asked{}); !out.Proven || drifts(out.Report) != "" {
		t.Errorf("%+v", out)
	}
	left, _ := h.Ask(t, http.MethodGet, "/v1.0/servicePrincipals/"+h.app+"/oauth2PermissionGrants", nil)["value"].([]any)
	if one, _ := left[0].(map[string]any); len(left) != 1 || one["scope"] != "openid" {
		t.Errorf("left: %v", left)
	}
}

// cuts is a cut before or after a step, until it is mended.
type cuts struct {
	step, when string
	mended     bool
}

func (c *cuts) do(name string, act func() error) error {
	switch {
	case c.mended || name != c.step:
		return act()
	case c.when == "before":
		return faulty.ErrCut
	}
	if err := act(); err != nil {
		return err
	}
	return faulty.ErrCut
}

// TestSettingGrantsGoesOnAfterACut before and after each of its steps: the next run
// reads what is left, does it once, and Microsoft holds what the flows need.
func TestSettingGrantsGoesOnAfterACut(t *testing.T) {
	for _, step := range []string{"grants:begin", "grants:assign", "grants:consent", "grants:revoke", "grants:scopes", "grants:store"} {
		for _, when := range []string{"before", "after"} {
			t.Run(step+" "+when, func(t *testing.T) {
				cut, mode := &cuts{step: step, when: when}, graphwarden.BySecret
				if step == "grants:consent" {
					mode = graphwarden.ByDevice
				}
				h := openAs(t, mode, cut.do)
				if mode == graphwarden.BySecret {
					h.adds("Calendars.ReadWrite")
					h.adds("Mail.Read")
					h.removes("Calendars.Read")
					h.consents("Mail.Send openid")
				}
				_, err := h.Grants.Apply(t.Context(), "contoso", "main", grants.Asked{Administrator: "boss"})
				if !errors.Is(err, faulty.ErrCut) {
					t.Fatalf("%v, want the cut", err)
				}
				if code, _ := graphwarden.Explain(err); step != "grants:begin" && step != "grants:store" && code != "grant.cut_off" {
					t.Errorf("the cut is told with the code %q: %v", code, err)
				}
				cut.mended = true
				if out := h.apply(grants.Asked{}); !out.Proven || drifts(out.Report) != "" {
					t.Errorf("the second run: %+v", out)
				}
				if out := h.apply(grants.Asked{}); len(out.Changes) != 0 || !out.Proven {
					t.Errorf("the third run: %+v", out.Changes)
				}
			})
		}
	}
}

// TestALookThatIsCutSeesTheSame the next time: what somebody changed at Microsoft is told
// whether or not the first look at it was written down.
func TestALookThatIsCutSeesTheSame(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		cut := &cuts{step: "grants:see", when: when, mended: true}
		h := open(t, cut.do)
		h.adds("Directory.Read.All")
		if err := h.Grants.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.adds("Mail.Read")
		h.later("1h")
		cut.mended = false
		if err := h.Grants.Look(t.Context()); !errors.Is(err, faulty.ErrCut) {
			t.Fatalf("%s: %v, want the cut", when, err)
		}
		cut.mended = true
		if err := h.Grants.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := h.Store.GrantsSeen(t.Context())
		if err != nil || len(list) != 1 || strings.Join(list[0].Added, " ") != "application/Mail.Read" {
			t.Errorf("%s: %+v, %v", when, list, err)
		}
	}
}

// TestAChangeAtMicrosoftIsSeen by the server's look, once it is due, with what was
// added and taken away; who read it first finds no change.
func TestAChangeAtMicrosoftIsSeen(t *testing.T) {
	h := open(t, nil)
	for _, permission := range []string{"Directory.Read.All"} {
		h.adds(permission) // the registration is its own reader here
	}
	look := func() graphwarden.GrantsSeen {
		t.Helper()
		if err := h.Grants.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := h.Store.GrantsSeen(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	first := look()
	if first.Problem != "" || first.ReadAt.IsZero() || len(first.Added) > 0 || strings.Join(first.Beyond, " ") != "application/Directory.Read.All" {
		t.Fatalf("at first: %+v", first)
	}
	h.adds("Mail.Read")
	h.removes("Calendars.Read")
	if again := look(); !again.ReadAt.Equal(first.ReadAt) {
		t.Errorf("it is not due: %+v", again)
	}
	h.later("1h")
	now := look()
	if strings.Join(now.Added, " ") != "application/Mail.Read" || strings.Join(now.Removed, " ") != "application/Calendars.Read" || strings.Join(now.Missing, " ") != "application/Calendars.Read" {
		t.Errorf("after somebody's change: %+v", now)
	}
	h.removes("Directory.Read.All")
	h.later("30h")
	if last := look(); last.Problem == "" || !last.ReadAt.Equal(now.ReadAt) || len(last.Held) != len(now.Held) {
		t.Errorf("who may not read any more: %+v", last)
	}
	r, err := h.Grants.Show(t.Context(), "contoso", "main", grants.Asked{})
	if err != nil || r.Unread == "" || r.ReadAt == nil || len(r.Changes) != 0 {
		t.Errorf("shown as it was last seen: %+v, %v", r, err)
	}
}

// TestWhatAnotherFlowsPermissionCoversIsNotNeeded: a second flow that lists calendars
// needs no more than the one that reads them. A role in Exchange is for the mailboxes of
// its own flow, and does not stand in for it.
func TestWhatAnotherFlowsPermissionCoversIsNotNeeded(t *testing.T) {
	h := open(t, nil)
	listing := h.Flow
	listing.Name, listing.Kind = "desks", flow.Through([]flow.Operation{flow.ListCalendars()})
	h.Grants.Flows = append(h.Grants.Flows, listing)
	if r := h.show(); drifts(r) != "" || len(r.Lines) != 1 || r.Lines[0].Permission != "Calendars.Read" || !slices.Equal(r.Lines[0].Flows, []string{"desks", "office"}) {
		t.Fatalf("needed are %+v", r.Lines)
	}
	h.adds("Calendars.ReadBasic.All")
	r := h.show()
	if drifts(r) != "Calendars.ReadBasic.All beyond" || r.Lines[0].Say != "Calendars.Read, which the flows need, includes it." {
		t.Errorf("both are granted: %+v", r.Lines)
	}
	h.Grants.Narrowed = func(context.Context, graphwarden.Registration, []string) ([]string, error) {
		return []string{"Calendars.Read"}, nil
	}
	h.removes("Calendars.Read")
	if r := h.show(); drifts(r) != "" || len(r.Lines) != 2 {
		t.Errorf("in Exchange: %+v", r.Lines)
	}
}

// TestTheReaderNeedsNothingBesidesTheDirectory: what opens all that flows do is enough,
// and what opens a part of it is neither missing nor added.
func TestTheReaderNeedsNothingBesidesTheDirectory(t *testing.T) {
	h := open(t, nil)
	h.Grants.Tries = func(flow.Flow) bool { return false }
	h.Grants.Flows = []flow.Flow{flow.ForReader(h.Registration), flow.ForGrants(h.Registration)}
	h.removes("Calendars.Read")
	h.adds("Directory.Read.All")
	r := h.show()
	if drifts(r) != "" || len(r.Lines) != 1 || len(r.Changes) != 0 || !slices.Equal(r.Lines[0].Flows, []string{"grants/contoso/main", "reader/contoso/main"}) {
		t.Fatalf("with Directory.Read.All: %+v, %+v", r.Lines, r.Changes)
	}
	h.Grants.Flows = h.Grants.Flows[:1] // it finds mailboxes, and looks at no grants
	r = h.show()
	if drifts(r) != "Directory.Read.All wider" {
		t.Errorf("it opens what the flow does, and more: %s", drifts(r))
	}
	for _, l := range r.Lines {
		if l.Permission == "User.ReadBasic.All" && (l.Drift != "" || l.Say != "Directory.Read.All, which is granted, opens all that the flows do by it.") {
			t.Errorf("of what it stands in for: %+v", l)
		}
	}
	if out := h.apply(grants.Asked{}); !out.Proven || len(out.Report.Lines) != 1 || out.Report.Lines[0].Permission != "User.ReadBasic.All" {
		t.Errorf("applied: %+v", out)
	}
}

// TestWhatExchangeGivesIsNotAskedForInEntra: granting it there is for every mailbox, and
// would undo the restriction; each form says so.
func TestWhatExchangeGivesIsNotAskedForInEntra(t *testing.T) {
	h := open(t, nil)
	id := roleID(t, "Calendars.Read")
	if text := grants.Manifest(h.show(), h.Grants.Table); !strings.Contains(text, id) {
		t.Fatalf("before it is restricted:\n%s", text)
	}
	h.Grants.Narrowed = func(context.Context, graphwarden.Registration, []string) ([]string, error) {
		return []string{"Calendars.Read"}, nil
	}
	h.removes("Calendars.Read")
	r := h.show()
	if text := grants.Manifest(r, h.Grants.Table); strings.Contains(text, id) || !strings.Contains(text, `"requiredResourceAccess": []`) || !strings.Contains(r.Warning(), "undoes the restriction") {
		t.Errorf("restricted, the manifest is\n%s\nand the warning %q", text, r.Warning())
	}
	for _, form := range []func(grants.Report) (string, error){grants.ByAz, grants.ByPowerShell} {
		if text, err := form(r); err != nil || strings.Contains(text, id) || !strings.Contains(text, "# Roles in Exchange give Calendars.Read to some mailboxes. Do not grant it in Entra as well") {
			t.Errorf("%v in:\n%s", err, text)
		}
	}
}

// TestNoScriptIsWrittenOfWhatIsUnknown: one that holds nothing would look as if nothing
// had to be changed. What was seen earlier is as good as unknown.
func TestNoScriptIsWrittenOfWhatIsUnknown(t *testing.T) {
	h := open(t, nil)
	h.adds("Mail.Read")
	for _, seen := range []bool{false, true} {
		if seen {
			h.adds("Directory.Read.All") // the registration is its own reader here
			h.later("30h")               // until its token holds it
			if err := h.Grants.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.removes("Directory.Read.All")
			h.later("30h") // until no token holds it
		}
		r, err := h.Grants.Show(t.Context(), "contoso", "main", grants.Asked{})
		if err != nil || r.Unread == "" || strings.Contains(r.Unread, "mailbox") || (r.ReadAt != nil) != seen {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, form := range []func(grants.Report) (string, error){grants.ByAz, grants.ByPowerShell} {
			text, err := form(r)
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != "grant.unread" || !strings.Contains(refusal.Do, "--administrator") || text != "" {
				t.Errorf("seen %v: %v with:\n%s", seen, err, text)
			}
		}
	}
	if text, err := grants.ByPowerShell(h.show()); err != nil || !strings.Contains(text, "Connect-MgGraph -TenantId '"+h.Rooms.Tenant.ID+"' -Scopes") {
		t.Errorf("%v in:\n%s", err, text)
	}
}

// TestWhatNobodyGrantedIsNotUsed: calls that Microsoft refused, or served by what is gone,
// are no use of what is missing. Where nobody knows what is granted, the needs count.
func TestWhatNobodyGrantedIsNotUsed(t *testing.T) {
	h := open(t, nil)
	for range 3 {
		if _, err := h.Graph.Calendars(t.Context(), h.Flow, h.mailbox); err != nil {
			t.Fatal(err)
		}
	}
	r, err := h.Grants.Show(t.Context(), "contoso", "main", grants.Asked{})
	if err != nil || r.Unread == "" || len(r.Lines) != 1 || r.Lines[0].Calls != 3 {
		t.Errorf("nobody knows what is granted: %+v, %v", r.Lines, err)
	}
	h.removes("Calendars.Read")
	if l := h.show().Lines[0]; l.Permission != "Calendars.Read" || l.Drift != grants.Missing || l.Calls != 0 || l.Last != nil {
		t.Errorf("nobody granted it: %+v", l)
	}
}
