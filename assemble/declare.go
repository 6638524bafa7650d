package assemble

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/presence"
	"github.com/graphwarden/graphwarden/seal"
)

// declared is the configuration in the words of the house, with credentials
// read and checked.
type declared struct {
	connections []connect.Connection
	flows       []flow.Flow // of apps
	house       []flow.Flow // of the house itself
	routes      map[string]gate.Route
	targets     []deliver.Target
	plans       []presence.Plan
	admit       []string
	authorities map[string]string // by tenant: a CA file, or ""
	sinkCAs     []string          // of each target
	table       *catalog.Catalog
}

// declare reads the files that the configuration names and says in the house's
// words what it wants.
func (c *Config) declare(now time.Time, log *slog.Logger) (*declared, error) {
	d := &declared{authorities: map[string]string{}, admit: slices.Clone(c.Admit), table: c.Table()}
	var tenants []graphwarden.Tenant
	var registrations []graphwarden.Registration
	for _, name := range slices.Sorted(maps.Keys(c.Tenants)) {
		t := c.Tenants[name]
		tenant := graphwarden.Tenant{Name: name, ID: t.ID, Cloud: t.Cloud.cloud()}
		tenants = append(tenants, tenant)
		d.house = append(d.house, forPeople(tenant)...)
		if len(t.Audiences) > 0 {
			d.house = append(d.house, flow.ForCallers(tenant))
		}
		if t.CA != "" {
			d.authorities[name] = c.path(t.CA)
		}
		for _, r := range slices.Sorted(maps.Keys(t.Registrations)) {
			if err := c.connect(d, tenant, r, t.Registrations[r], now); err != nil {
				return nil, err
			}
			registrations = append(registrations, d.connections[len(d.connections)-1].Registration)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Flows)) {
		if err := c.declareFlow(d, name, c.Flows[name], now, log); err != nil {
			return nil, err
		}
	}
	if err := c.scope(d); err != nil {
		return nil, err
	}
	var err error
	d.houseFeeds(registrations)
	d.routes, err = gate.Routes(slices.Concat(d.flows, d.house), tenants, registrations)
	return d, err
}

func (c *Config) declareFlow(d *declared, name string, f *Flow, now time.Time, log *slog.Logger) error {
	kind, _ := flow.Named(f.Kind)
	reach := graphwarden.Reach{Past: time.Duration(f.Window.Past), Future: time.Duration(f.Window.Future)}
	if f.Window.From != "" {
		span, err := f.Window.span(now)
		if err != nil {
			return err
		}
		reach = graphwarden.Reach{Fixed: span}
	}
	declared := flow.Flow{Name: name, App: f.App, Kind: kind, Tenant: f.Tenant, Registration: registrationName(f.Tenant, f.Registration), Reach: reach, People: f.People}
	declared.Groups, declared.Conflicts = f.Groups, flow.Conflicts(f.Conflicts)
	declared.ShowsPrivate = f.Private == string(lookup.Full)
	if f.Kind == presenceKind {
		if err := c.declarePresence(d, &declared, f); err != nil {
			return err
		}
	}
	if f.Kind == mailKind {
		declared.Kind, declared.Recipients, declared.Reach = flow.MailSend(flow.MailMode(f.Mail.Mode)), f.Mail.Recipients, graphwarden.Reach{}
	}
	if f.Kind == throughKind {
		declared.Kind, declared.Reach = flow.Through(f.through()), graphwarden.Reach{}
	}
	if f.Kind == flow.Calendar().Name() {
		declared.Kind = flow.CalendarWriting(flow.Direction(f.Direction))
	}
	for _, m := range f.Mailboxes {
		declared.Mailboxes = append(declared.Mailboxes, graphwarden.Mailbox{UPN: m})
	}
	d.flows = append(d.flows, declared)
	return c.declareSinks(d, name, f, log)
}

// readSecret reads a client secret from its file.
func readSecret(path string) (seal.Secret, error) {
	text, err := readText(path, "the client secret")
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.FromString(text), nil
}

// readText reads a file that holds one line.
func readText(path, what string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "config.secret_file", Cause: err,
			Say: fmt.Sprintf("%s cannot be read from %s.", capital(what), path),
			Do:  "Put it there, in a file that only Graphwarden's user can read."}
	}
	text := strings.TrimSpace(string(raw))
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return "", &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "config.secret_file",
			Say: fmt.Sprintf("%s in %s is empty or has several lines.", capital(what), path), Do: "The file holds the secret and nothing else."}
	}
	return text, nil
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
