package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	Registration string   `json:"registration" rule:"required,min=1" doc:"through which the person signs in: one with people" example:"people"`
	Flows        []string `json:"flows" doc:"that the person is asked for; none means all of the key's" example:"office"`
	ReturnTo     string   `json:"return_to" doc:"the app's page that the browser goes back to, one of people.return_to" example:"https://crm.example.com/connected"`
	State        string   `json:"state" doc:"comes back there as it is, to be compared with the user's session" example:"session-7"`
	Hint         string   `json:"hint" doc:"the name to offer at the sign-in page" example:"anna@contoso.com"`
	Account      string   `json:"account" doc:"the object id of who must sign in, if that is known: nobody else is taken"`
}

// Taking is what an app takes a person with.
type Taking struct {
	Code string `json:"code" rule:"required,min=1" doc:"that came with the browser" example:"sc_Xd4h1"`
}

func (a *API) peopleRoutes() []route {
	if a.config.People == nil {
		return nil
	}
	codes := []string{"connect.*", "entra.*", "seal.*"}
	one := func(name, about string) param { return param{name: name, about: about, of: noun(name)} }
	const signIns = "/v1/tenants/{tenant}/sign-ins"
	return []route{
		{pattern: "GET /v1/people", name: "listPeople", about: "who has signed in so that apps may work in their names", query: []param{one("app", "only of this app"), one("tenant", "only of this tenant"), one("registration", "only of this registration")},
			out: Page[connect.PersonView]{}, codes: codes, answer: a.people},
		{pattern: "POST /v1/people/invite", name: "invitePerson", about: "a link at which somebody signs in for an app", in: Inviting{}, out: connect.Invited{}, codes: codes, answer: a.invite},
		{pattern: "GET /v1/people/sign-ins/{id}", name: "getSignInOfPerson", about: "how a sign-in is", out: connect.Progress{}, codes: codes, answer: a.progress},
		{pattern: "POST /v1/people/{tenant}/{registration}/{account}/revoke", name: "revokePerson", about: "end the sign-in of somebody", in: Leaving{}, out: Left{}, codes: codes, answer: a.leave},

		{pattern: "POST " + signIns, name: "beginSignIn", about: "a link at which somebody signs in, so that the app may work in their name", who: apps, writes: true, repeats: fleeting, in: Asking{}, out: connect.Invited{}, codes: codes, answer: a.appInvites},
		{pattern: "GET " + signIns + "/{sign_in}", name: "getSignIn", about: "how a sign-in is; whose it was is told to who takes it", who: apps, out: connect.Progress{}, codes: codes, answer: a.appLooks},
		{pattern: "POST " + signIns + "/{sign_in}/take", name: "takePerson", about: "take who signed in, with the code that came with the browser", who: apps, writes: true, in: Taking{}, out: connect.PersonView{}, codes: codes, answer: a.appTakes},
		{pattern: "GET /v1/tenants/{tenant}/people", name: "listPeopleOfApp", about: "who has signed in for the app, as far as the key's flows are concerned", who: apps, out: Page[connect.PersonView]{}, codes: codes, answer: a.appPeople},
		{pattern: "DELETE /v1/tenants/{tenant}/people/{registration}/{account}", name: "dropPerson", about: "end the sign-in of somebody for the whole app; the key must be for all its flows for people", who: apps, writes: true, codes: append([]string{"api.key_flows"}, codes...), answer: a.appDrops},
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
	if no := notOwn(in.Flows, own); no != "" {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.no_such_flow", Field: no,
			Say: "The key is for no such flow for people in this tenant.", Do: "Name flows of the app with people: true, each once, or none for all of them."}
	}
	app := callerOf(r).Key.App
	return a.config.People.Invite(r.Context(), app, "app "+app, connect.Invitation{Tenant: p.Tenant, Registration: in.Registration, Flows: own,
		ReturnTo: in.ReturnTo, State: in.State, Hint: in.Hint, Account: in.Account})
}

// notOwn says which of the flows that are asked for is none of a key's own; "" when
// all are.
func notOwn(wanted, own []string) string {
	for i, name := range wanted {
		if !slices.Contains(own, name) || slices.Contains(wanted[:i], name) {
			return fmt.Sprintf("flows[%d]", i)
		}
	}
	if len(own) == 0 {
		return "flows"
	}
	return ""
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

// appPeople tells a key of the people who are in a flow that it is for.
func (a *API) appPeople(r *http.Request) (any, error) {
	key, p := callerOf(r).Key, placeOf(r)
	list, err := a.config.People.List(r.Context(), key.App, p.Tenant, "")
	if len(key.Flows) > 0 {
		theirs := []connect.PersonView{}
		for _, one := range list {
			one.Flows = slices.DeleteFunc(one.Flows, func(name string) bool { return !slices.Contains(key.Flows, name) })
			if len(one.Flows) > 0 {
				theirs = append(theirs, one)
			}
		}
		list = theirs
	}
	return page(turn{limit: len(list)}, list, nil), err
}

// appDrops ends a sign-in for the whole app, which only a key may that is for all
// of the app's flows that work by it.
func (a *API) appDrops(r *http.Request) (any, error) {
	key, p, registration := callerOf(r).Key, placeOf(r), r.PathValue("registration")
	for _, f := range a.flowsOf(Caller{Operator: true}) {
		works := f.App == key.App && f.Tenant == p.Tenant && f.People && strings.TrimPrefix(f.Registration, f.Tenant+"/") == registration
		if works && len(key.Flows) > 0 && !slices.Contains(key.Flows, f.Name) {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.key_flows",
				Say: "The key is for some of the app's flows, and a sign-in is ended for all of them.", Do: "Use a key for all the app's flows for people, or have an operator end it: graphwarden connect people revoke"}
		}
	}
	return nil, a.config.People.Leave(r.Context(), key.App, p.Tenant, registration, r.PathValue("account"), "app "+key.App)
}
