package connect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// partWait bounds how long Microsoft is waited for when somebody leaves: what it
// does not end by then lapses.
const partWait = 15 * time.Second

// Leave ends the sign-in of a person for an app, in somebody's name. The app's
// subscriptions on their mailbox are ended at Microsoft while there is a token for
// it; then the mailbox leaves the app's flows, whose copy of it is deleted, and the
// person's tokens are deleted when no other app works by them.
//
// They leave in one transaction: if we crash before it, they have not left, and
// their subscriptions are made again.
func (p *Reception) Leave(ctx context.Context, app, tenant, registration, account, by string) error {
	account = strings.ToLower(account)
	k := p.registration(tenant, registration)
	unknown := &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.person_unknown", Field: "account",
		Say: fmt.Sprintf("Nobody with the object id %s has signed in to %s of the tenant %s.", account, registration, tenant), Do: "See who has: graphwarden connect people list"}
	if k == nil {
		unknown.Field = "registration"
		return unknown
	}
	list, err := p.Persons.People(ctx, tenant, k.connection.Registration.Name)
	if err != nil {
		return err
	}
	leaves := func(one graphwarden.Person) bool { return one.Account.ID == account && (app == "" || one.App == app) }
	list = slices.DeleteFunc(list, func(one graphwarden.Person) bool { return !leaves(one) })
	if len(list) == 0 {
		return unknown
	}
	theirs, err := p.Custody.find(k.connection.Registration.For(account))
	if err != nil {
		return err
	}
	p.part(ctx, k, list)
	left, found := 0, false
	err = p.Persons.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		list, err := p.Persons.PersonIn(ctx, tx, tenant, k.connection.Registration.Name, account)
		left, found = len(list), false
		for _, one := range list {
			if err != nil || !leaves(one) {
				continue
			}
			found = true
			if left, err = p.Persons.DropPerson(ctx, tx, one); err == nil {
				err = p.Custody.note(ctx, tx, k.connection, "person.leave", by+": account "+account+" for "+one.App)
			}
		}
		if err != nil || !found || left > 0 {
			return err
		}
		return p.Custody.changeIn(ctx, tx, theirs, revoking, by, p.Custody.drop(new(int)))
	})
	switch {
	case err != nil:
		return err
	case !found: // somebody else was faster
		return unknown
	}
	theirs.stale()
	theirs.forget()
	p.moved(ctx)
	return nil
}

// partsAtOnce is how many people's subscriptions are ended together.
const partsAtOnce = 8

// PartAll has the subscriptions of everybody ended who signed in through a
// registration, while there are tokens for them: it is about to be revoked.
func (p *Reception) PartAll(ctx context.Context, tenant, registration string) error {
	k := p.registration(tenant, registration)
	if k == nil {
		return nil
	}
	list, err := p.Persons.People(ctx, tenant, k.connection.Registration.Name)
	if err == nil {
		p.part(ctx, k, list)
	}
	return err
}

// part has the subscriptions on people's mailboxes ended, for the apps that they
// leave. Who leaves is not held up by it: of a person whom Microsoft lets nobody
// speak for any more, and while it does not answer, they lapse.
func (p *Reception) part(ctx context.Context, k *kept, list []graphwarden.Person) {
	if p.Part == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, partWait)
	defer cancel()
	places := make(chan struct{}, partsAtOnce)
	var all sync.WaitGroup
	for _, one := range list {
		for _, f := range p.Flows {
			if f.App != one.App || f.Registration != k.connection.Registration.Name {
				continue
			}
			places <- struct{}{}
			all.Go(func() {
				if err := p.Part(ctx, f.Name, one.Account.ID); err != nil {
					p.Log.Warn("a subscription of somebody who leaves is left to lapse", "flow", f.Name, "account", one.Account.ID, "reason", err)
				}
				<-places
			})
		}
	}
	all.Wait()
}
