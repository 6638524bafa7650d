package assemble

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/lookup"
)

// oftenest is how often a feed may be swept.
const oftenest = time.Second

// check finds all that is wrong with a configuration that cannot work.
func (c *Config) check(found *faults) {
	host := func(at, text, example string, or ...string) {
		_, _, err := net.SplitHostPort(text)
		found.when(err != nil && !slices.Contains(or, text), at, "%q is not an address such as 127.0.0.1:%s", text, example)
	}
	host("listen", c.Listen, "8080")
	host("operate", c.OperateAt, "8081, nor off", off)
	host("apps", c.AppsAt, "8082, nor off", off)
	c.checkDoors(found)
	found.when(c.AppsRate < 1, "apps_rate", "it is how many requests a key may make in a minute, 1 or more")
	c.checkDatabase(found)
	found.address("public_url", c.PublicURL)
	c.checkNotices(found)
	c.Integrity.check(found)
	c.Grants.check(found)
	c.Ledger.check(found, "ledger")
	for _, span := range []struct {
		at   string
		span Duration
	}{{"backup_within", *c.BackupWithin}, {"keep", c.Keep}, {"sweep.woken", c.Sweep.Woken}, {"sweep.alone", c.Sweep.Alone}} {
		found.when(span.span < 0, span.at, "it is a length of time such as 30d, not below zero")
		often := strings.HasPrefix(span.at, "sweep.") && span.span > 0 && span.span < Duration(oftenest)
		found.when(often, span.at, "%s is too often to read a feed that nothing wakes; it is %s at least", span.span, oftenest)
	}
	for i, address := range c.Admit {
		_, _, err := net.SplitHostPort(address)
		found.when(err != nil, "admit", "entry %d, %q, is not an address such as 127.0.0.1:8443", i+1, address)
	}
	c.checkPolicies(found)
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		found.nameable("tenants."+name, name)
		c.Tenants[name].check(found, "tenants."+name)
	}
	c.checkCallers(found)
	found.when(len(c.Flows) == 0, "flows", "there is none, so there is nothing to do")
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		found.nameable("flows."+name, name)
		c.checkFlow(found, "flows."+name, c.Flows[name])
	}
}

func (t *Tenant) check(found *faults, at string) {
	if t == nil || t.ID == "" {
		found.at(at+".id", "the tenant's GUID or a verified domain is missing")
	}
	if t == nil {
		return
	}
	t.Cloud.check(found, at+".cloud")
	t.checkAudiences(found, at)
	for _, name := range slices.Sorted(maps.Keys(t.Registrations)) {
		found.nameable(at+".registrations."+name, name)
		t.Registrations[name].check(found, at+".registrations."+name)
	}
}

// checkFlow finds all that is wrong with a flow.
func (c *Config) checkFlow(found *faults, at string, f *Flow) {
	if f == nil {
		found.at(at, "it is empty")
		return
	}
	c.checkUse(found, at, f)
	found.when(f.App == "", at+".app", "the app's name is missing")
	found.when(f.App == graphwarden.House, at+".app", "%s is what Graphwarden itself is called; an app needs another name", graphwarden.House)
	f.checkMailboxes(found, at)
	for _, group := range f.Groups {
		_, err := flow.ListMembers().Build("", flow.Args{"group": group})
		found.when(err != nil, at+".groups", "%q is not the object id of a group, a GUID; names can be given to another group", group)
	}
	f.Window.check(found, at+".window")
	known := found.word(at+".kind", f.Kind, flow.Names()...)
	found.word(at+".private", f.Private, string(lookup.TimeOnly), string(lookup.Full), string(lookup.Drop))
	f.checkWriting(found, at)
	f.checkPresence(found, at, known)
	f.checkMail(found, at, known)
	f.checkThrough(found, at, known, c.Table())
	f.checkSinks(found, at, known)
}

// checkUse finds what is wrong with the registration through which a flow works, and
// with whose mailboxes it names.
func (c *Config) checkUse(found *faults, at string, f *Flow) {
	mixed := false
	switch t := c.Tenants[f.Tenant]; {
	case t == nil:
		found.at(at+".tenant", "there is no tenant %q%s", f.Tenant, perhaps(f.Tenant, c.Tenants))
	case t.Registrations[f.Registration] == nil:
		found.at(at+".registration", "tenant %s has no registration %q%s", f.Tenant, f.Registration, perhaps(f.Registration, t.Registrations))
	case f.People != (t.Registrations[f.Registration].People != nil):
		mixed = true
		found.at(at+".people", "a flow for people uses a registration with people, and no other flow does")
	}
	named := len(f.Mailboxes) + len(f.Groups)
	found.when(f.People && c.PublicURL == "", "public_url", "it is missing, and %s needs it: people come back there from Microsoft's sign-in page", at)
	switch {
	case mixed: // whose mailboxes those should be is not known
	case f.People && named > 0:
		found.at(at+".people", "the flow touches the mailboxes of those who sign in, and can name no others")
	case !f.People && named == 0:
		found.at(at+".mailboxes", "it names no mailbox and no group, and a flow touches only those it names")
	}
}

func (w Window) check(found *faults, at string) {
	found.when(w.Past < 0, at+".past", "it is a length of time such as 30d, not below zero")
	found.when(w.Future < 0, at+".future", "it is a length of time such as 30d, not below zero")
	dates := true
	for _, day := range []struct{ at, text string }{{at + ".from", w.From}, {at + ".to", w.To}} {
		_, err := time.Parse(time.DateOnly, day.text)
		dates = dates && (day.text == "" || err == nil)
		found.when(day.text != "" && err != nil, day.at, "%q is not a date such as 2026-01-31", day.text)
	}
	if _, err := w.span(time.Unix(0, 0)); err != nil && dates && w.Past >= 0 && w.Future >= 0 {
		found.at(at, "%s", err)
	}
}

// span is the window at a time.
func (w Window) span(now time.Time) (graphwarden.Window, error) {
	if w.From == "" && w.To == "" {
		if w.Past < 0 || w.Future < 0 {
			return graphwarden.Window{}, fmt.Errorf("past and future are lengths of time, not below zero")
		}
		return graphwarden.Window{Start: now.Add(-time.Duration(w.Past)), End: now.Add(time.Duration(w.Future))}, nil
	}
	from, err1 := time.Parse(time.DateOnly, w.From)
	to, err2 := time.Parse(time.DateOnly, w.To)
	if err1 != nil || err2 != nil || !from.Before(to) {
		return graphwarden.Window{}, fmt.Errorf("from %q to %q is not a span between two dates such as 2026-01-31", w.From, w.To)
	}
	return graphwarden.Window{Start: from, End: to}, nil
}
