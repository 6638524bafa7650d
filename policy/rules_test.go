package policy_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

var (
	known  = policy.Known{Apps: []string{"crm", "desk"}, Tenants: []string{"contoso"}, Flows: []string{"office", "desk"}, Operations: policy.Operations(flows())}
	monday = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
)

// under puts the test's flows in force under rules.
func under(t *testing.T, text string) *policy.InForce {
	t.Helper()
	r := &policy.Rules{}
	if err := r.Read("rules.cedar", []byte(text), known); err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(flows())
	if err != nil {
		t.Fatal(err)
	}
	f := policy.Under(r)
	f.Replace(p)
	return f
}

func TestARuleForbidsWhatAFlowPermits(t *testing.T) {
	in := policy.Circumstances{Tenant: "contoso", At: monday, Network: netip.MustParseAddr("10.1.2.3")}
	at := func(change func(*policy.Circumstances)) policy.Circumstances {
		c := in
		change(&c)
		return c
	}
	for _, test := range []struct {
		rule string
		in   policy.Circumstances
		want string
	}{
		{`@id("all") forbid(principal, action, resource);`, in, "forbid:all"},
		{`forbid(principal, action, resource);`, in, "forbid:rules.cedar:1"},
		{`@id("app") forbid(principal == App::"crm", action, resource);`, in, "forbid:app"},
		{`@id("app") forbid(principal == App::"desk", action, resource);`, in, "flow:office"},
		{`@id("reads") forbid(principal, action == Action::"read", resource);`, in, "forbid:reads"},
		{`@id("writes") forbid(principal, action == Action::"write", resource);`, in, "flow:office"},
		{`@id("method") forbid(principal, action, resource) when { context.method == "GET" && context.version == "v1.0" };`, in, "forbid:method"},
		{`@id("operation") forbid(principal, action, resource) when { context.operation == "/users/{id}/calendars/{id}/calendarView/delta" };`, in, "forbid:operation"},
		{`@id("flow") forbid(principal, action, resource) when { context.flow like "off*" };`, in, "forbid:flow"},
		{`@id("tenant") forbid(principal, action, resource in Tenant::"contoso");`, in, "forbid:tenant"},
		{`@id("mailbox") forbid(principal, action, resource is Mailbox) when { resource.name == "alice@contoso.com" };`, in, "forbid:mailbox"},
		{`@id("mailbox") forbid(principal, action, resource is Mailbox) when { resource.name == "bob@contoso.com" };`, in, "flow:office"},
		{`@id("id") forbid(principal, action, resource == Mailbox::"` + alice + `");`, in, "forbid:id"},
		{`@id("network") forbid(principal, action, resource) unless { context has network && context.network.isInRange(ip("10.0.0.0/8")) };`, in, "flow:office"},
		{`@id("network") forbid(principal, action, resource) unless { context has network && context.network.isInRange(ip("10.0.0.0/8")) };`, at(func(c *policy.Circumstances) { c.Network = netip.MustParseAddr("192.0.2.1") }), "forbid:network"},
		{`@id("network") forbid(principal, action, resource) unless { context has network && context.network.isInRange(ip("10.0.0.0/8")) };`, at(func(c *policy.Circumstances) { c.Network = netip.MustParseAddr("::ffff:10.1.2.3") }), "flow:office"},
		{`@id("network") forbid(principal, action, resource) unless { context has network && context.network.isInRange(ip("10.0.0.0/8")) };`, at(func(c *policy.Circumstances) { c.Network = netip.Addr{} }), "forbid:network"},
		{`@id("night") forbid(principal, action, resource) when { context.at.toTime() < duration("7h") };`, in, "flow:office"},
		{`@id("night") forbid(principal, action, resource) when { context.at.toTime() < duration("7h") };`, at(func(c *policy.Circumstances) { c.At = monday.Add(-3 * time.Hour) }), "forbid:night"},
		{`@id("weekend") forbid(principal, action, resource) when { context.weekday > 5 };`, in, "flow:office"},
		{`@id("weekend") forbid(principal, action, resource) when { context.weekday > 5 };`, at(func(c *policy.Circumstances) { c.At = monday.AddDate(0, 0, -1) }), "forbid:weekend"},
		{`@id("person") forbid(principal, action, resource) when { context has person && context.person == "x" };`, at(func(c *policy.Circumstances) { c.Person = "x" }), "forbid:person"},
		{`@id("sum") forbid(principal, action, resource) when { context.weekday * 9223372036854775807 * 2 > 5 };`, in, "unjudged:sum"},
		{`@id("sum") forbid(principal, action, resource) when { context.weekday * 9223372036854775807 * 2 > 5 }; @id("first") forbid(principal, action, resource);`, in, "forbid:first"},
	} {
		d := under(t, test.rule).Judge("crm", "office", flow.CalendarDelta(), alice, test.in)
		if d.Rule != test.want || d.Allowed != strings.HasPrefix(test.want, "flow:") || !d.Allowed && (!policy.Forbidden(d) || !strings.Contains(d.Reason, "rules.cedar:1")) {
			t.Errorf("%s at %+v: %+v, want %s", test.rule, test.in, d, test.want)
		}
	}
	all := under(t, `forbid(principal, action, resource);`)
	if d := all.Judge(graphwarden.House, "reader/main", flow.GetUser(), "", in); !d.Allowed {
		t.Errorf("what Graphwarden does for itself: %+v", d)
	}
	if d := all.Judge("crm", "office", flow.CalendarDelta(), bob, in); d.Rule != "default/mailbox" {
		t.Errorf("what no flow permits: %+v", d)
	}
}

func TestARuleThatWouldDoNothingIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`permit(principal, action, resource);`:                                                                                   "rules.cedar:1:1: a rule only forbids",
		"forbid(principal, action, resource);\n  permit(principal, action, resource);":                                           "rules.cedar:2:3: a rule only forbids",
		`forbid(principal == App::"crmm", action, resource);`:                                                                    "crmm",
		`forbid(principal == User::"crm", action, resource);`:                                                                    "User",
		`forbid(principal, action == Action::"delete", resource);`:                                                               "delete",
		`forbid(principal, action, resource in Tenant::"fabrikam");`:                                                             "fabrikam",
		`forbid(principal, action, resource) when { context.colour == "red" };`:                                                  "colour",
		`forbid(principal, action, resource) when { context.network.isLoopback() };`:                                             "network",
		`forbid(principal, action, resource) when { resource.name == "x" };`:                                                     "name",
		`forbid(principal, action, resource) when { context.weekday == "monday" };`:                                              "rules.cedar:1:1",
		`forbid(principal, action, resource`:                                                                                     "rules.cedar: it is not Cedar",
		`@why("x") forbid(principal, action, resource);`:                                                                         "@why",
		`@id("") forbid(principal, action, resource);`:                                                                           "@id",
		`@id("a") forbid(principal, action, resource);@id("a") forbid(principal, action, resource);`:                             "rules.cedar:1:46: the rule at rules.cedar:1",
		`forbid(principal, action, resource) when { principal == App::"crmm" };`:                                                 "crmm",
		`forbid(principal, action, resource == Mailbox::"board@contoso.com");`:                                                   "by its object id",
		`forbid(principal, action, resource == Mailbox::"` + strings.ToUpper(alice) + `");`:                                      "small letters",
		`forbid(principal, action, resource is Mailbox) when { resource.name == "Board@contoso.com" };`:                          "small letters",
		`forbid(principal, action, resource is Mailbox) when { resource.name like "*@Contoso.com" };`:                            "small letters",
		`forbid(principal, action, resource) when { context.flow == "offise" };`:                                                 "did you mean office?",
		`forbid(principal, action, resource) when { context.flow like "shop*" };`:                                                "never like",
		`forbid(principal, action, resource) when { "get" == context.method };`:                                                  "context.method is never",
		`forbid(principal, action, resource) when { context.version != "V1.0" };`:                                                "context.version is never",
		`forbid(principal, action, resource) when { ["GET", "get"].contains(context.method) };`:                                  "context.method is never",
		`forbid(principal, action, resource) when { context.operation == "/users/{id}/calendars/{id}/calendarview/delta" };`:     "did you mean /users/{id}/calendars/{id}/calendarView/delta?",
		`forbid(principal, action, resource) when { context.operation == "GET /users/{id}/calendars/{id}/calendarView/delta" };`: "context.operation is never",
	} {
		if err := (&policy.Rules{}).Read("rules.cedar", []byte(text), known); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestWhatIsAnsweredIsRead: a rule about reading meets each call by which somebody gets
// to see what there is, and one about writing each by which it changes.
func TestWhatIsAnsweredIsRead(t *testing.T) {
	asked := []string{"GET /users/{id}/messages", "POST /users/{id}/messages", "PATCH /users/{id}/messages/{id}", "DELETE /users/{id}/messages/{id}", "POST /users/{id}/SendMail",
		"POST /users/{id}/messages/{id}/createForward", "POST /users/{id}/calendar/getSchedule"}
	var listed []flow.Operation
	for _, text := range asked {
		op, err := flow.ParseAsked(text)
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, op)
	}
	flows := []flow.Flow{{Name: "mail", App: "crm", Kind: flow.Through(listed), Tenant: "contoso", Mailboxes: graphwarden.MailboxScope{{ID: alice, UPN: "Alice@contoso.com"}}}}
	p, err := policy.New(flows)
	if err != nil {
		t.Fatal(err)
	}
	does := func(action string, op flow.Operation, looks bool) bool {
		r := &policy.Rules{}
		if err := r.Read("rules.cedar", []byte(`forbid(principal, action == Action::"`+action+`", resource is Mailbox) when { resource.name == "alice@contoso.com" };`), known); err != nil {
			t.Fatal(err)
		}
		f := policy.Under(r)
		f.Replace(p)
		return !f.Judge("crm", "mail", op, alice, policy.Circumstances{Tenant: "contoso", At: monday, Looks: looks}).Allowed
	}
	for i, want := range []string{"read", "read write", "read write", "write", "write", "read write", "read"} {
		looks := strings.HasSuffix(asked[i], "getSchedule")
		var got []string
		for _, action := range []string{"read", "write"} {
			if does(action, listed[i], looks) {
				got = append(got, action)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is %v, want %s", asked[i], got, want)
		}
	}
}

// TestARuleSpellsAnOperationAsItIsListed, however the app writes it: Graph reads paths in
// any case.
func TestARuleSpellsAnOperationAsItIsListed(t *testing.T) {
	listed, _ := flow.ParseAsked("GET /users/{id}/MailFolders/{id}/messages")
	flows := []flow.Flow{{Name: "mail", App: "crm", Kind: flow.Through([]flow.Operation{listed}), Tenant: "contoso", Mailboxes: graphwarden.MailboxScope{{ID: alice, UPN: "alice@contoso.com"}}}}
	r := &policy.Rules{}
	if err := r.Read("rules.cedar", []byte(`@id("folders") forbid(principal, action, resource) when { context.operation == "/users/{id}/MailFolders/{id}/messages" };`),
		policy.Known{Operations: policy.Operations(flows)}); err != nil {
		t.Fatal(err)
	}
	p, err := policy.New(flows)
	if err != nil {
		t.Fatal(err)
	}
	f := policy.Under(r)
	f.Replace(p)
	for _, text := range []string{"GET /users/{id}/mailFolders/{id}/messages", "GET /users/{id}/MAILFOLDERS/{id}/messages"} {
		asks, _ := flow.ParseAsked(text)
		if d := f.Judge("crm", "mail", asks, alice, policy.Circumstances{Tenant: "contoso", At: monday}); d.Rule != "forbid:folders" {
			t.Errorf("%s: %+v", text, d)
		}
	}
}

// BenchmarkAThousandAppsUnderFiftyRules is a decision in a large house.
func BenchmarkAThousandAppsUnderFiftyRules(b *testing.B) {
	var all []flow.Flow
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("app%d", i))
		all = append(all, flow.Flow{Name: fmt.Sprintf("flow%d", i), App: names[i], Kind: flow.Calendar(), Tenant: "contoso", Registration: "main", Mailboxes: graphwarden.MailboxScope{{ID: alice, UPN: "alice@contoso.com"}}})
	}
	r := &policy.Rules{}
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "@id(\"rule%d\") forbid(principal == App::\"app%d\", action, resource is Mailbox) when { resource.name like \"*@fabrikam.com\" || context.weekday > 5 };\n", i, i*20)
	}
	if err := r.Read("rules.cedar", []byte(text.String()), policy.Known{Apps: names, Tenants: known.Tenants}); err != nil {
		b.Fatal(err)
	}
	p, err := policy.New(all)
	if err != nil {
		b.Fatal(err)
	}
	f := policy.Under(r)
	f.Replace(p)
	in := policy.Circumstances{Tenant: "contoso", At: monday, Network: netip.MustParseAddr("10.1.2.3")}
	for b.Loop() {
		if d := f.Judge("app500", "flow500", flow.CalendarDelta(), alice, in); !d.Allowed {
			b.Fatal(d)
		}
	}
}
