package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
)

// People sign in so that apps may work in their names.
type People interface {
	List(ctx context.Context, app, tenant, registration string) ([]connect.PersonView, error)
	Invite(ctx context.Context, app, by string, w connect.Invitation) (connect.Invited, error)
	Progress(ctx context.Context, app, id string) (connect.Progress, error)
	Take(ctx context.Context, app, id, code string) (connect.PersonView, error)
	Leave(ctx context.Context, app, tenant, registration, account, by string) error
}

// Inviting is an operator's wish that somebody signs in for an app.
type Inviting struct {
	App string `json:"app"`
	By  string `json:"by"`
	connect.Invitation
}

// Leaving is an operator's wish that an app works for somebody no more; no app means
// all of them.
type Leaving struct {
	App string `json:"app"`
	By  string `json:"by"`
}

// Left says whose sign-in is over.
type Left struct {
	Account string `json:"account"`
}

// Asking is an app's wish that somebody signs in.
type Asking struct {
	Registration string   `json:"registration"`
	Flows        []string `json:"flows"`     // that the person is asked for; none means all of the key's
	ReturnTo     string   `json:"return_to"` // the page that the browser goes back to
	State        string   `json:"state"`     // comes back there as it is
	Hint         string   `json:"hint"`      // the name to offer at the sign-in page
	Account      string   `json:"account"`   // the object id of who must sign in, if that is known
}

// Taking is what an app takes a person with.
type Taking struct {
	Code string `json:"code"` // that came with the browser
}

func (a *API) peopleRoutes() []route {
	if a.config.People == nil {
		return nil
	}
	codes := []string{"connect.*", "entra.*", "seal.*"}
	one := func(name, about string) param { return param{name: name, about: about} }
	const signIns = "/v1/tenants/{tenant}/sign-ins"
	return []route{
		{pattern: "GET /v1/people", name: "listPeople", about: "who has signed in so that apps may work in their names", query: []param{one("app", "only of this app"), one("tenant", "only of this tenant"), one("registration", "only of this registration")},
			out: Page[connect.PersonView]{}, codes: codes, answer: a.people},
		{pattern: "POST /v1/people/invite", name: "invitePerson", about: "a link at which somebody signs in for an app", in: Inviting{}, out: connect.Invited{}, codes: codes, answer: a.invite},
		{pattern: "GET /v1/people/sign-ins/{id}", name: "getSignInOfPerson", about: "how a sign-in is", out: connect.Progress{}, codes: codes, answer: a.progress},
		{pattern: "POST /v1/people/{tenant}/{registration}/{account}/revoke", name: "revokePerson", about: "end the sign-in of somebody", in: Leaving{}, out: Left{}, codes: codes, answer: a.leave},

		{pattern: "POST " + signIns, name: "beginSignIn", about: "a link at which somebody signs in, so that the app may work in their name", who: apps, writes: true, repeats: harmless, in: Asking{}, out: connect.Invited{}, codes: codes, answer: a.appInvites},
		{pattern: "GET " + signIns + "/{sign_in}", name: "getSignIn", about: "how a sign-in is; whose it was is told to who takes it", who: apps, out: connect.Progress{}, codes: codes, answer: a.appLooks},
		{pattern: "POST " + signIns + "/{sign_in}/take", name: "takePerson", about: "take who signed in, with the code that came with the browser", who: apps, writes: true, in: Taking{}, out: connect.PersonView{}, codes: codes, answer: a.appTakes},
		{pattern: "GET /v1/tenants/{tenant}/people", name: "listPeopleOfApp", about: "who has signed in for the app", who: apps, out: Page[connect.PersonView]{}, codes: codes, answer: a.appPeople},
		{pattern: "DELETE /v1/tenants/{tenant}/people/{registration}/{account}", name: "dropPerson", about: "end the sign-in of somebody for the app", who: apps, writes: true, codes: codes, answer: a.appDrops},
	}
}

func (a *API) people(r *http.Request) (any, error) {
	q := r.URL.Query()
	list, err := a.config.People.List(r.Context(), q.Get("app"), q.Get("tenant"), q.Get("registration"))
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) invite(r *http.Request) (any, error) {
	var in Inviting
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.People.Invite(r.Context(), in.App, in.By, in.Invitation)
}

func (a *API) progress(r *http.Request) (any, error) {
	return a.config.People.Progress(r.Context(), "", r.PathValue("id"))
}

func (a *API) leave(r *http.Request) (any, error) {
	var in Leaving
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	account := r.PathValue("account")
	return Left{account}, a.config.People.Leave(r.Context(), in.App, r.PathValue("tenant"), r.PathValue("registration"), account, in.By)
}

// appInvites asks for no more than what the key is for.
func (a *API) appInvites(r *http.Request) (any, error) {
	var in Asking
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	p := placeOf(r)
	var own []string
	for _, f := range p.Flows {
		if f.People && (len(in.Flows) == 0 || slices.Contains(in.Flows, f.Name)) {
			own = append(own, f.Name)
		}
	}
	if len(own) == 0 || len(own) < len(in.Flows) {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.no_such_flow",
			Say: "The key is for no such flow for people in this tenant.", Do: "Name flows of the app with people: true, or none for all of them."}
	}
	app := callerOf(r).Key.App
	return a.config.People.Invite(r.Context(), app, "app "+app, connect.Invitation{Tenant: p.Tenant, Registration: in.Registration, Flows: own,
		ReturnTo: in.ReturnTo, State: in.State, Hint: in.Hint, Account: in.Account})
}

func (a *API) appLooks(r *http.Request) (any, error) {
	return a.config.People.Progress(r.Context(), callerOf(r).Key.App, r.PathValue("sign_in"))
}

func (a *API) appTakes(r *http.Request) (any, error) {
	var in Taking
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.People.Take(r.Context(), callerOf(r).Key.App, r.PathValue("sign_in"), in.Code)
}

func (a *API) appPeople(r *http.Request) (any, error) {
	list, err := a.config.People.List(r.Context(), callerOf(r).Key.App, placeOf(r).Tenant, "")
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) appDrops(r *http.Request) (any, error) {
	app := callerOf(r).Key.App
	return nil, a.config.People.Leave(r.Context(), app, placeOf(r).Tenant, r.PathValue("registration"), r.PathValue("account"), "app "+app)
}
