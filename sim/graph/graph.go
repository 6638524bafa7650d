// Package graph is the simulated Microsoft Graph: the families of routes over
// one kernel. What no family knows is refused.
package graph

import (
	"fmt"
	"log/slog"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/calendar"
	"github.com/graphwarden/graphwarden/sim/graph/directory"
	"github.com/graphwarden/graphwarden/sim/graph/mail"
	"github.com/graphwarden/graphwarden/sim/graph/notice"
	"github.com/graphwarden/graphwarden/sim/graph/presence"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	calendars "github.com/graphwarden/graphwarden/sim/world/calendar"
	messages "github.com/graphwarden/graphwarden/sim/world/mail"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// Options say what a Graph serves and with whose help.
type Options struct {
	World   *world.World
	Tokens  wire.Tokens
	Witness wire.Witness
	Limits  wire.Limits
	Weather Weather
	// Receivers sends to notification receivers; PlainHTTP admits those without
	// TLS on this machine. ValidationToken signs what comes with resource data.
	Receivers       *http.Client
	PlainHTTP       bool
	ValidationToken func(appID string) (string, error)
	Log             *slog.Logger
}

// Weather is what goes wrong with notifications and with the single requests of a
// $batch.
type Weather interface {
	notice.Weather
	Entry(http.Handler) http.Handler
}

// Graph is simulated Microsoft Graph.
type Graph struct {
	http.Handler
	Mailboxes *mailbox.Mailboxes
	Calendars *calendars.Calendars
	Mail      *messages.Mail
	Presences *presence.Presences
	// Uploads are the upload sessions of large files; UploadHandler serves their addresses.
	Uploads       *upload.Sessions
	UploadHandler http.Handler
	// Board sends change notifications while its Run runs.
	Board *notice.Board
}

// New makes a Graph. It is called before the world is opened, because it keeps
// tables in it.
func New(o Options) (*Graph, error) {
	g := &Graph{Mailboxes: mailbox.New(o.World)}
	g.Calendars = calendars.New(o.World, g.Mailboxes)
	g.Mail = messages.New(o.World, g.Mailboxes)
	g.Presences = presence.New(o.World)
	g.Uploads = upload.New(o.World)
	g.UploadHandler = &uploads{g, o.World, o.Witness, o.Log}
	g.Board = notice.New(notice.Options{World: o.World, Client: o.Receivers, PlainHTTP: o.PlainHTTP, Weather: o.Weather,
		Render: g.render, ID: itemID, Calendar: g.calendar, Token: o.ValidationToken, Log: o.Log})
	var kernel *wire.Kernel
	g.Board.Holds = func(tx *state.Tx, s notice.Subscription) bool {
		return kernel.Follows(tx, live(o.World, tx, s), s.Target.Path(), s.Target.Mailbox)
	}
	var err error
	kernel, err = wire.New(wire.Options{World: o.World, Tokens: o.Tokens, Witness: o.Witness, Limits: o.Limits,
		Shared: g.Mailboxes.Shared, Entry: o.Weather.Entry, Log: o.Log},
		directory.Routes(), calendar.Routes(g.Mailboxes, g.Calendars, g.Uploads), mail.Routes(g.Mailboxes, g.Mail, g.Uploads), g.Board.Routes(), g.Presences.Routes())
	if err != nil {
		return nil, fmt.Errorf("putting simulated Graph together: %w", err)
	}
	g.Handler = kernel
	return g, nil
}

// live is whoever made a subscription, with what is consented now.
func live(w *world.World, tx *state.Tx, s notice.Subscription) world.Caller {
	c := world.Caller{AppID: s.AppID, User: s.User, Tenant: w.TenantID}
	principal, ok := w.ServicePrincipal(tx, s.AppID)
	graph, _ := w.ServicePrincipal(tx, world.GraphAppID)
	if !ok || principal.Doc["accountEnabled"] == false {
		return c
	}
	c.Principal = principal.ID
	if s.User == "" {
		c.Roles = w.RolesOf(tx, principal.ID, graph)
	} else {
		c.Scopes = w.ScopesOf(tx, principal.ID, graph.ID, s.User)
	}
	return c
}

// render gives an event of a mailbox by its key, as the owner sees it.
func (g *Graph) render(tx *state.Tx, mailbox, key string) (world.Doc, bool) {
	e, err := g.Calendars.Get(tx, mailbox, key)
	if err != nil {
		return nil, false
	}
	d := e.Doc(g.Calendars, tx, calendars.View{})
	d["@odata.etag"] = e.ETag()
	return d, true
}

// calendar finds a calendar's key by its id, "" for the whole mailbox.
func (g *Graph) calendar(tx *state.Tx, mailbox, id string) (string, error) {
	if _, err := g.Mailboxes.Get(tx, mailbox); err != nil || id == "" {
		return "", err
	}
	x, err := g.Mailboxes.CalendarByID(tx, mailbox, id)
	return x.Key, err
}

func itemID(id world.ItemID, immutable bool) string {
	if immutable {
		return id.Immutable()
	}
	return id.Rest()
}
