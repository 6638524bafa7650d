package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
)

// Progress is how a sign-in is.
type Progress struct {
	ID    string    `json:"id"`
	State string    `json:"state"` // waiting, signed in, taken, failed, over
	Until time.Time `json:"until"`
	Code  string    `json:"code,omitempty"` // why it failed
	Say   string    `json:"say,omitempty"`
	Do    string    `json:"do,omitempty"`
}

// PersonView is somebody who signed in, as people see it.
type PersonView struct {
	Tenant       string     `json:"tenant"`
	Registration string     `json:"registration"`
	App          string     `json:"app"`
	Account      string     `json:"account"` // object id
	Name         string     `json:"name"`
	State        string     `json:"state"` // connected, lost
	Flows        []string   `json:"flows"` // that their consent opens
	SignedInAt   time.Time  `json:"signed_in_at"`
	LostAt       *time.Time `json:"lost_at"`
	LostCode     string     `json:"lost_code,omitempty"`
}

// Progress says how a sign-in of an app is; whose it was is told by Take only.
func (p *Reception) Progress(ctx context.Context, app, id string) (Progress, error) {
	a, err := p.attempt(ctx, app, id)
	if err != nil {
		return Progress{}, err
	}
	out := Progress{ID: id, State: "waiting", Until: a.Until.UTC(), Code: a.Problem, Say: a.Say, Do: a.Do}
	switch {
	case a.Problem != "":
		out.State = "failed"
	case !a.TakenAt.IsZero():
		out.State = "taken"
	case a.Who.ID != "":
		out.State = "signed in"
	case p.Now().After(a.Until):
		out.State = "over"
	}
	return out, nil
}

// attempt finds a sign-in of an app; another app's is not there. An operator, app
// "", sees all.
func (p *Reception) attempt(ctx context.Context, app, id string) (graphwarden.SignInAttempt, error) {
	a, err := p.Persons.SignIn(ctx, id)
	if err == nil && (a.ID == "" || app != "" && a.App != app) {
		err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.sign_in_unknown", Field: "sign_in",
			Say: "This sign-in is over or was never begun.", Do: "Begin it anew."}
	}
	return a, err
}

// Take has an app take who signed in, with the code that came with the browser,
// once. From then on the app's flows work in that person's mailbox.
func (p *Reception) Take(ctx context.Context, app, id, code string) (PersonView, error) {
	a, err := p.attempt(ctx, app, id)
	if err != nil {
		return PersonView{}, err
	}
	no := &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "connect.code_wrong", Field: "code",
		Say: "The code is not the one of this sign-in, was used before, or is too old.", Do: "Begin the sign-in anew."}
	if a.Who.ID == "" || p.Now().After(a.BegunAt.Add(takeLife)) {
		return PersonView{}, no
	}
	var taken graphwarden.Person
	err = p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		mine, err := p.Persons.TakeSignIn(ctx, tx, id, fingerprint(code))
		if err == nil && !mine {
			err = no
		}
		if err == nil {
			err = p.put(ctx, tx, a)
		}
		taken = personOf(a, tx.Now())
		return err
	})
	if err != nil {
		return PersonView{}, err
	}
	p.moved(ctx)
	return p.view(taken), nil
}

// moved has the flows follow before it is said that somebody joined or left. That is
// on disk: where they do not follow now, they do in seconds.
func (p *Reception) moved(ctx context.Context) {
	if p.Moved == nil {
		return
	}
	if err := p.Moved(context.WithoutCancel(ctx)); err != nil {
		p.Log.Warn("the flows do not know yet who joined or left", "reason", err)
	}
}

func personOf(a graphwarden.SignInAttempt, at time.Time) graphwarden.Person {
	return graphwarden.Person{Tenant: a.Tenant, Registration: a.Registration, App: a.App, Account: a.Who, Scopes: a.Scopes, SignedInAt: at}
}

// put writes a person down, and tells the app if they had been lost.
func (p *Reception) put(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt) error {
	person := personOf(a, tx.Now())
	before, err := p.Persons.PersonIn(ctx, tx, a.Tenant, a.Registration, a.Who.ID)
	if err != nil {
		return err
	}
	for _, one := range before {
		if one.App == a.App && !one.LostAt.IsZero() {
			if err := p.tell(ctx, tx, person, graphwarden.Restored, nil); err != nil {
				return err
			}
		}
	}
	if err := p.Persons.PutPerson(ctx, tx, person); err != nil {
		return err
	}
	return p.Custody.note(ctx, tx, p.Custody.kept[a.Registration].connection, "person.take", "account "+a.Who.ID+" for "+a.App)
}

// List gives who has signed in for an app, or for all with "".
func (p *Reception) List(ctx context.Context, app, tenant, registration string) ([]PersonView, error) {
	list, err := p.Persons.People(ctx, tenant, "")
	out := []PersonView{}
	for _, one := range list {
		v := p.view(one)
		if (app == "" || v.App == app) && (registration == "" || v.Registration == registration) {
			out = append(out, v)
		}
	}
	return out, err
}

func (p *Reception) view(one graphwarden.Person) PersonView {
	v := PersonView{Tenant: one.Tenant, Registration: strings.TrimPrefix(one.Registration, one.Tenant+"/"), App: one.App, Account: one.Account.ID, Name: one.Account.Name,
		State: "connected", Flows: []string{}, SignedInAt: one.SignedInAt.UTC(), LostAt: moment(one.LostAt), LostCode: one.LostCode}
	if !one.LostAt.IsZero() {
		v.State = "lost"
	}
	for _, f := range p.Flows {
		if f.App == one.App && f.Registration == one.Registration && p.covers(f.Scopes, one.Scopes) {
			v.Flows = append(v.Flows, f.Name)
		}
	}
	return v
}

// covers says whether everything needed was consented to.
func (p *Reception) covers(needed, consented []string) bool {
	return !slices.ContainsFunc(needed, func(n string) bool {
		return !slices.ContainsFunc(consented, func(c string) bool { return strings.EqualFold(n, c) || p.Table.Covers(c, n, catalog.DelegatedWork) })
	})
}

// Scope gives the mailboxes that a flow for people may touch: those of people who
// signed in for its app and consented to what it needs, and no others.
func (p *Reception) Scope(ctx context.Context, name string) (graphwarden.MailboxScope, error) {
	i := slices.IndexFunc(p.Flows, func(f PeopleFlow) bool { return f.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("no flow for people is called %q", name)
	}
	f := p.Flows[i]
	list, err := p.Persons.People(ctx, f.Tenant, f.Registration)
	var scope graphwarden.MailboxScope
	for _, one := range list {
		if one.App == f.App && p.covers(f.Scopes, one.Scopes) {
			scope = append(scope, graphwarden.Mailbox{ID: one.Account.ID, UPN: one.Account.Name})
		}
	}
	return scope, err
}

// Turned writes down that Entra refuses a person or takes them again, and tells
// their apps, in the transaction that does. Of a registration without a person it
// writes down that all its people are lost, because somebody revoked it.
func (p *Reception) Turned(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, refusal *graphwarden.Refusal) error {
	var list []graphwarden.Person
	var err error
	switch {
	case r.Account == "":
		list, err = p.Persons.PeopleIn(ctx, tx, r.Tenant, r.Name)
	case refusal == nil || entra.OfPerson(refusal.Code):
		list, err = p.Persons.PersonIn(ctx, tx, r.Tenant, r.Name, r.Account)
	}
	if err != nil {
		return err
	}
	for _, one := range list {
		kind := graphwarden.Lost
		switch {
		case refusal != nil && one.LostAt.IsZero():
			one.LostAt, one.LostCode = tx.Now(), refusal.Code
		case refusal == nil && !one.LostAt.IsZero():
			kind, one.LostAt, one.LostCode = graphwarden.Restored, time.Time{}, ""
		default:
			continue
		}
		if err := p.Persons.PutPerson(ctx, tx, one); err != nil {
			return err
		}
		if err := p.tell(ctx, tx, one, kind, refusal); err != nil {
			return err
		}
	}
	return nil
}

// tell adds what happened to a person's connection to the changes of the app's
// flows, so that the app's sinks are told like of any change.
func (p *Reception) tell(ctx context.Context, tx graphwarden.Tx, one graphwarden.Person, kind graphwarden.ChangeKind, refusal *graphwarden.Refusal) error {
	v := p.view(one)
	about := struct {
		App          string    `json:"app"`
		Tenant       string    `json:"tenant"`
		Registration string    `json:"registration"`
		Account      string    `json:"account"`
		Name         string    `json:"name"`
		At           time.Time `json:"at"`
		Code         string    `json:"code,omitempty"`
		Say          string    `json:"say,omitempty"`
		Do           string    `json:"do,omitempty"`
	}{v.App, v.Tenant, v.Registration, v.Account, v.Name, tx.Now().UTC(), "", "", ""}
	if refusal != nil {
		about.Code, about.Say, about.Do = refusal.Code, refusal.Say, "Let the person sign in again, with account set to theirs."
		if refusal.Code == codeRevoked {
			about.Do = "When an operator has connected the registration again, let the person sign in again, with account set to theirs."
		}
	}
	body, err := json.Marshal(about)
	for _, f := range p.Flows {
		if err == nil && f.App == one.App && f.Registration == one.Registration {
			err = p.Persons.TellConnection(ctx, tx, f.Name, one, kind, body)
			if p.Told != nil {
				tx.AfterCommit(func() { p.Told(f.Name, one.Account.ID) })
			}
		}
	}
	return err
}

// Tidy forgets sign-ins that are over, with the tokens of people whom no app took.
func (p *Reception) Tidy(ctx context.Context) error {
	old, err := p.Persons.OldSignIns(ctx, p.Now().Add(startedLife-takeLife), 100)
	if err != nil {
		return err
	}
	for _, a := range old {
		if k := p.Custody.kept[a.Registration]; k != nil && a.Who.ID != "" && a.TakenAt.IsZero() {
			var known []graphwarden.Person
			err := p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
				known, err = p.Persons.PersonIn(ctx, tx, a.Tenant, a.Registration, a.Who.ID)
				return err
			})
			if err == nil && len(known) == 0 {
				_, err = p.Custody.Revoke(ctx, k.connection.Registration.For(a.Who.ID), "no app took the person")
			}
			if err != nil {
				return err
			}
		}
		err := p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return p.Persons.DropSignIn(ctx, tx, a.ID) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Run forgets what is over, until ctx ends. One process at a time runs it.
func (p *Reception) Run(ctx context.Context) error {
	for {
		if err := p.Tidy(ctx); err != nil && ctx.Err() == nil {
			p.Log.Warn("forgetting sign-ins", "reason", err)
		}
		if pause(ctx, time.Minute) != nil {
			return nil
		}
	}
}
