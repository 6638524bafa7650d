package notice

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// Target is what a subscription follows.
type Target struct {
	Kind     string   `json:"kind"` // "event", "user", "group"
	Mailbox  string   `json:"mailbox,omitempty"`
	Calendar string   `json:"calendar,omitempty"` // one calendar, or "" for all of the mailbox
	Object   string   `json:"object,omitempty"`   // one directory object, or "" for all
	Select   []string `json:"select,omitempty"`
}

// followed is the key under which the changes that the target follows are found.
func (t Target) followed() string {
	if t.Mailbox != "" {
		return t.Mailbox
	}
	return t.Kind + "s"
}

// covers says whether a change is one of what the target follows.
func (t Target) covers(c world.Change) bool {
	if t.Mailbox == "" {
		return c.Scope == t.followed() && (t.Object == "" || t.Object == c.ID)
	}
	calendar, ok := strings.CutPrefix(c.Scope, "calendar:")
	return ok && c.Owner == t.Mailbox && (t.Calendar == "" || t.Calendar == calendar)
}

// lifetime is how long a subscription to the target may live
// (graph-facts §4.2; what Outlook really refuses, not what is documented).
func (t Target) lifetime(rich bool) time.Duration {
	switch {
	case t.Mailbox != "" && rich:
		return 1440 * time.Minute
	case t.Mailbox != "":
		return 10070 * time.Minute
	}
	return 41760 * time.Minute
}

// Path is the resource whose permission a subscription wants.
func (t Target) Path() string {
	switch {
	case t.Calendar != "":
		return "/users/{id}/calendars/{id}/events"
	case t.Mailbox != "":
		return "/users/{id}/events"
	case t.Object != "":
		return "/" + t.Kind + "s/{id}"
	}
	return "/" + t.Kind + "s"
}

// target reads the resource of a subscription. What the tenant does not know it
// refuses.
func (b *Board) target(c *wire.Call, resource string) (Target, error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(resource, "/"), "?")
	p, err := odata.ParsePath("/" + path)
	if err != nil {
		return Target{}, wire.Refuse(400, "ExtensionError", "The resource '%s' is not valid.", resource)
	}
	t, err := b.follow(c, p)
	if err != nil {
		return Target{}, err
	}
	if query == "" {
		return t, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Target{}, wire.Refuse(400, "ExtensionError", "The resource '%s' is not valid.", resource)
	}
	for name := range values {
		if !strings.EqualFold(name, "$select") {
			return Target{}, wire.Refuse(400, "ExtensionError", "The query option '%s' is not supported in the resource of a subscription.", name)
		}
		t.Select = strings.Split(values.Get(name), ",")
	}
	return t, nil
}

// follow finds what a resource path means.
func (b *Board) follow(c *wire.Call, p odata.Path) (Target, error) {
	if len(p) > 0 && p[0].Is("me") {
		if !c.Caller.Delegated() {
			return Target{}, wire.BadRequest("/me request is only valid with delegated authentication flow.")
		}
		p = append(odata.Path{{Kind: odata.Name, Text: "users"}, {Kind: odata.Key, Text: c.Caller.User}}, p[1:]...)
	}
	switch {
	case len(p) == 1 && p[0].Is("users"):
		return Target{Kind: "user"}, nil
	case len(p) == 1 && p[0].Is("groups"):
		return Target{Kind: "group"}, nil
	case len(p) == 2 && p[0].Is("users"), len(p) == 2 && p[0].Is("groups"):
		return followObject(c, p)
	case len(p) > 2 && p[0].Is("users"):
		return b.followEvents(c, p[1].Text, p[2:])
	}
	return Target{}, wire.Refuse(400, "InvalidRequest", "The resource '%s' does not support subscriptions.", strings.TrimPrefix(p.String(), "/"))
}

func followObject(c *wire.Call, p odata.Path) (Target, error) {
	kind := strings.TrimSuffix(strings.ToLower(p[0].Text), "s")
	o, ok := c.World.Object(c.Tx, p[1].Text, kind)
	if !ok && kind == "user" {
		o, ok = c.World.User(c.Tx, p[1].Text)
	}
	if !ok {
		return Target{}, wire.NoResource(p[1].Text)
	}
	return Target{Kind: kind, Object: o.ID}, nil
}

// followEvents reads what follows the user: events, calendar/events or
// calendars/{id}/events.
func (b *Board) followEvents(c *wire.Call, user string, p odata.Path) (Target, error) {
	o, ok := c.World.User(c.Tx, user)
	if !ok {
		return Target{}, wire.Refuse(404, "ErrorInvalidUser", "The requested user '%s' is invalid.", user)
	}
	t := Target{Kind: "event", Mailbox: o.ID}
	switch {
	case len(p) == 1 && p[0].Is("events"), len(p) == 2 && p[0].Is("calendar") && p[1].Is("events"):
		_, err := b.Calendar(c.Tx, o.ID, "")
		return t, worded(err)
	case len(p) == 3 && p[0].Is("calendars") && p[2].Is("events"):
		var err error
		t.Calendar, err = b.Calendar(c.Tx, o.ID, p[1].Text)
		return t, worded(err)
	}
	return Target{}, wire.Refuse(400, "InvalidRequest", "The resource '%s' does not support subscriptions.", strings.TrimPrefix(p.String(), "/"))
}

// worded makes of what a mailbox says what Graph answers.
func worded(err error) error {
	var p *outlook.Problem
	if errors.As(err, &p) {
		return wire.Refuse(p.Status, p.Code, "%s", p.Message)
	}
	return err
}
