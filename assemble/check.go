package assemble

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/lookup"
)

// check refuses a configuration that cannot work, naming every place where.
func (c *Config) check() error {
	var found []error
	add := func(err error) { found = append(found, err) }
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		add(wrong("listen", "%q is not an address such as 127.0.0.1:8080", c.Listen))
	}
	if _, _, err := net.SplitHostPort(c.OperateAt); err != nil && c.OperateAt != off {
		add(wrong("operate", "%q is not an address such as 127.0.0.1:8081, nor off", c.OperateAt))
	}
	if _, _, err := net.SplitHostPort(c.AppsAt); err != nil && c.AppsAt != off {
		add(wrong("apps", "%q is not an address such as 127.0.0.1:8082, nor off", c.AppsAt))
	}
	if c.AppsRate < 1 {
		add(wrong("apps_rate", "it is how many requests a key may make in a minute, 1 or more"))
	}
	add(c.checkDatabase())
	if c.PublicURL != "" {
		add(checkURL("public_url", c.PublicURL))
	}
	add(c.checkNotices())
	add(c.Integrity.check())
	if c.Keep < 0 {
		add(wrong("keep", "it is a length of time such as 30d, not below zero"))
	}
	if c.Sweep.Woken < 0 || c.Sweep.Alone < 0 {
		add(wrong("sweep", "it is a length of time, not below zero"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		add(c.checkTenant("tenants."+name, c.Tenants[name]))
	}
	if len(c.Flows) == 0 {
		add(wrong("flows", "there is none, so there is nothing to do"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		add(c.checkFlow("flows."+name, c.Flows[name]))
	}
	return errors.Join(found...)
}

func (c *Config) checkTenant(at string, t *Tenant) error {
	if t == nil || t.ID == "" {
		return wrong(at+".id", "the tenant's GUID or a verified domain is missing")
	}
	found := []error{t.Cloud.check(at + ".cloud")}
	for _, name := range slices.Sorted(maps.Keys(t.Registrations)) {
		if strings.ContainsAny(name, "#@/") {
			found = append(found, wrong(at+".registrations."+name, "its name contains one of # @ /"))
			continue
		}
		found = append(found, t.Registrations[name].check(at+".registrations."+name))
	}
	return errors.Join(found...)
}

func (c *Config) checkFlow(at string, f *Flow) error {
	if f == nil {
		return wrong(at, "it is empty")
	}
	t := c.Tenants[f.Tenant]
	_, known := flow.Named(f.Kind)
	switch {
	case f.App == "":
		return wrong(at+".app", "the app's name is missing")
	case !known:
		return wrong(at+".kind", "%q is not a kind of flow; there is: calendar, presence", f.Kind)
	case t == nil:
		return wrong(at+".tenant", "there is no tenant %q%s", f.Tenant, perhaps(f.Tenant, c.Tenants))
	case t.Registrations[f.Registration] == nil:
		return wrong(at+".registration", "tenant %s has no registration %q%s", f.Tenant, f.Registration, perhaps(f.Registration, t.Registrations))
	case f.People != (t.Registrations[f.Registration].People != nil):
		return wrong(at+".people", "a flow for people uses a registration with people, and no other flow does")
	case f.People && len(f.Mailboxes)+len(f.Groups) > 0:
		return wrong(at+".people", "the flow touches the mailboxes of those who sign in, and can name no others")
	case f.People && c.PublicURL == "":
		return wrong("public_url", "it is missing, and %s needs it: people come back there from Microsoft's sign-in page", at)
	case !f.People && len(f.Mailboxes)+len(f.Groups) == 0:
		return wrong(at+".mailboxes", "it names no mailbox and no group, and a flow touches only those it names")
	}
	for _, group := range f.Groups {
		if _, err := flow.ListMembers().Build("", flow.Args{"group": group}); err != nil {
			return wrong(at+".groups", "%q is not the object id of a group, a GUID; names can be given to another group", group)
		}
	}
	if f.Private != "" && !slices.Contains([]lookup.Privacy{lookup.TimeOnly, lookup.Full, lookup.Drop}, lookup.Privacy(f.Private)) {
		return wrong(at+".private", "%q is none of time-only, full, drop", f.Private)
	}
	if _, err := f.Window.span(time.Unix(0, 0)); err != nil {
		return wrong(at+".window", "%s", err)
	}
	if err := f.checkPresence(at); err != nil {
		return err
	}
	if err := f.checkWriting(at); err != nil {
		return err
	}
	return f.checkSinks(at)
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

func checkURL(at, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return wrong(at, "%q is not an address such as https://app.example/changes", text)
	}
	return nil
}

func wrong(at, format string, args ...any) error {
	said := fmt.Sprintf(format, args...)
	return &misplaced{at, said, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "config.wrong",
		Say: fmt.Sprintf("In the configuration, %s: %s.", at, said), Do: "Mend it; docs/configuration.md explains each setting."}}
}
