package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/seal"
)

// Caller is who asks: an operator, or an app with one of its keys.
type Caller struct {
	Operator bool
	Owner    bool                      // an operator who has shown the token of the owner's file
	Token    graphwarden.OperatorToken // of any other operator
	Key      graphwarden.AppKey        // the zero AppKey for operators
}

// Doorkeeper knows the keys of apps, and tokens that apps show in their place.
type Doorkeeper interface {
	// Admit gives the key that plain is or stands for, or a Refusal.
	Admit(ctx context.Context, plain string) (graphwarden.AppKey, error)
	// Still says whether a key that was admitted is good yet.
	Still(ctx context.Context, k graphwarden.AppKey) error
}

// Place is where in Microsoft 365 a request of an app is about something: what
// the {tenant} and {mailbox} of its path stand for. The frame has made sure that
// the app's flows name it.
type Place struct {
	Tenant  string
	Mailbox graphwarden.Mailbox // the zero Mailbox for a route without {mailbox}
	Flows   []flow.Flow         // of the app and its key, those of the tenant that name the mailbox
}

// callerOf gives who asks.
func callerOf(r *http.Request) Caller { return asked(r).caller }

// placeOf gives what a request's path is about.
func placeOf(r *http.Request) Place { return asked(r).place }

// admit finds out who asks.
func (f *face) admit(r *http.Request) (Caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	if !f.apps {
		given, own := seal.FromString(token), f.api.config.Token
		// In time that depends on lengths only.
		if !given.Empty() && !own.Empty() && own.Equal(given) {
			return Caller{Operator: true, Owner: true}, nil
		}
		if given.Empty() || own.Empty() || f.api.config.Staff == nil {
			return Caller{}, errNoToken()
		}
		personal, err := f.api.config.Staff.Admit(r.Context(), token)
		return Caller{Operator: true, Token: personal}, err
	}
	if token == "" || f.api.config.Keys == nil {
		return Caller{}, &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_missing",
			Say: "The app's key is missing.", Do: "Send it as Authorization: Bearer gwk_…; graphwarden apps key create makes one. A token of Entra's for Graphwarden's API may stand in its place."}
	}
	key, err := f.api.config.Keys.Admit(r.Context(), token)
	return Caller{Key: key}, err
}

// Flows gives the flows of a caller: all for an operator, for an app its own that
// its key is for.
func (a *API) flowsOf(c Caller) []flow.Flow {
	if a.config.Flows == nil {
		return nil
	}
	all := a.config.Flows()
	if c.Operator {
		return all
	}
	var own []flow.Flow
	for _, f := range all {
		if f.App == c.Key.App && (len(c.Key.Flows) == 0 || slices.Contains(c.Key.Flows, f.Name)) {
			own = append(own, f)
		}
	}
	return own
}

// placeOf finds what {tenant} and {mailbox} of an app's path stand for. What the
// app's flows do not name does not exist for it: whether it is there at all is
// not told (R50). Somebody may have joined by another process a moment ago.
func (f *face) placeOf(k *asking, r *http.Request) (Place, error) {
	if !f.apps || !strings.Contains(k.route.pattern, "{tenant}") {
		return Place{}, nil
	}
	p, no := f.find(k, r)
	if no == nil || f.api.config.CatchUp == nil {
		return p, no
	}
	if err := f.api.config.CatchUp(r.Context()); err != nil {
		return Place{}, err
	}
	return f.find(k, r)
}

// find finds the place among the flows that are known here.
func (f *face) find(k *asking, r *http.Request) (Place, error) {
	p := Place{Tenant: r.PathValue("tenant")}
	wanted := r.PathValue("mailbox")
	withMailbox := strings.Contains(k.route.pattern, "{mailbox}")
	for _, own := range f.api.flowsOf(k.caller) {
		if own.Tenant != p.Tenant {
			continue
		}
		if !withMailbox {
			p.Flows = append(p.Flows, own)
			continue
		}
		i := slices.IndexFunc(own.Mailboxes, func(m graphwarden.Mailbox) bool { return m.ID == wanted || strings.EqualFold(m.UPN, wanted) })
		if i >= 0 {
			p.Mailbox = own.Mailboxes[i]
			p.Flows = append(p.Flows, own)
		}
	}
	if len(p.Flows) > 0 {
		return p, nil
	}
	no := errNotThere()
	if no.Field = "tenant"; slices.ContainsFunc(f.api.flowsOf(k.caller), func(own flow.Flow) bool { return own.Tenant == p.Tenant }) {
		no.Field = "mailbox"
	}
	return Place{}, no
}

// errNotThere is the answer to whatever is not the app's, in the same words as to
// what does not exist.
func errNotThere() *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "api.not_there",
		Say: "No flow of this app names what the path asks for.", Do: "GET /v1/mailboxes names what there is for this key; a flow is declared in the configuration."}
}

// errNotIn refuses a flow that a query names and that is none of the key's, or is of
// another kind: in the same words whether or not there is one of that name. Without a
// name it is the path that asks for what is not there.
func errNotIn(field, name, what string) error {
	if name == "" {
		return errNotThere()
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.name", Field: field,
		Say: fmt.Sprintf("This key is for no flow %q %s.", shortened(name), what), Do: "GET /v1/mailboxes names the flows of the key; or leave it out."}
}
