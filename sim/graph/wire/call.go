package wire

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Call is one request on its way through the kernel and its handler.
type Call struct {
	Request *http.Request
	Method  string
	Caller  world.Caller
	World   *world.World
	// Tx is the transaction that the handler runs in, Now its time.
	Tx  *state.Tx
	Now time.Time

	Route *Route
	Args  map[string]string // the path's keys and a function's arguments, by name
	Cast  string            // the type of a cast segment, without namespace, or ""
	Query *odata.Query
	Body  Doc
	// Raw is the body's bytes where the route reads no JSON.
	Raw []byte
	// Mailbox is the object id of the mailbox that the route touches, or "".
	Mailbox string
	// Base is the API's root as the client sees it, e.g. "https://host/v1.0".
	Base string

	RequestID, ClientRequestID string

	kernel   *Kernel
	path     string // as requested, below the version
	me       bool   // the path began with /me
	counting bool   // the path ended in /$count
	alt      map[string]string
	lastKey  string
	touched  []world.Effect
}

func (k *Kernel) newCall(r *http.Request, version string) *Call {
	now := k.World.Clock().Now()
	id := r.Header.Get("client-request-id")
	c := &Call{Request: r, Method: r.Method, World: k.World, Now: now, kernel: k,
		Base: Origin(r) + version, RequestID: requestID(), ClientRequestID: id, Query: &odata.Query{}}
	if c.ClientRequestID == "" {
		c.ClientRequestID = c.RequestID
	}
	return c
}

// Origin is scheme and host as the client sees them.
func Origin(r *http.Request) string {
	scheme := "https"
	if p := r.Header.Get("X-Forwarded-Proto"); p == "http" || p == "https" {
		scheme = p
	}
	return scheme + "://" + r.Host
}

// Arg gives a key of the path or an argument of its function.
func (c *Call) Arg(name string) string { return c.Args[name] }

// AltKey says by which property a key was given, as in
// applications(appId='…'); "" for the plain key.
func (c *Call) AltKey(name string) string { return c.alt[name] }

// Me says whether the path began with /me.
func (c *Call) Me() bool { return c.me }

// Param gives a parameter of the operation itself, such as startDateTime.
func (c *Call) Param(name string) string {
	v, _ := c.Query.Param(name)
	return v
}

// Prefer gives the value of a preference, without quotes, and whether the
// request states it (RFC 7240).
func (c *Call) Prefer(name string) (string, bool) {
	for _, header := range c.Request.Header.Values("Prefer") {
		for _, p := range splitPreferences(header) {
			key, value, _ := strings.Cut(p, "=")
			if strings.EqualFold(strings.TrimSpace(key), name) {
				return strings.Trim(strings.TrimSpace(value), `"`), true
			}
		}
	}
	return "", false
}

// splitPreferences cuts a Prefer header at its commas and semicolons, but not
// inside quotes.
func splitPreferences(header string) []string {
	quoted := false
	return strings.FieldsFunc(header, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ',' || r == ';')
	})
}

// Immutable says whether the client wants immutable ids.
func (c *Call) Immutable() bool {
	v, _ := c.Prefer("IdType")
	return strings.EqualFold(v, "ImmutableId")
}

// Eventual says whether the client asked for the directory's advanced queries.
func (c *Call) Eventual() bool {
	return strings.EqualFold(c.Request.Header.Get("ConsistencyLevel"), "eventual")
}

// Touch takes down that the request has an effect on an object, in a mailbox or
// ("") in the directory.
func (c *Call) Touch(mailbox, object string, kind world.EffectKind) {
	c.touched = append(c.touched, world.Effect{
		ClientRequestID: c.ClientRequestID, App: c.Caller.AppID, Principal: c.Caller.OID(),
		Method: c.Method, Path: c.path, Mailbox: mailbox, Object: object, Effect: kind,
	})
}

// IfMatch refuses when the request names another version of the item than this
// one (RFC 9110 §13.1.1; graph-facts §2.5).
func (c *Call) IfMatch(etag string) error {
	want := c.Request.Header.Get("If-Match")
	if want == "" || want == "*" {
		return nil
	}
	given := strings.Split(want, ",")
	if slices.ContainsFunc(given, func(e string) bool { return strings.TrimSpace(e) == etag }) {
		return nil
	}
	return Refuse(http.StatusPreconditionFailed, "ErrorIrresolvableConflict",
		"The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.")
}

// Has says whether the caller's token holds one of the permissions.
func (c *Call) Has(permissions ...string) bool {
	held := c.Caller.Permissions()
	return slices.ContainsFunc(permissions, func(p string) bool { return slices.Contains(held, p) })
}
