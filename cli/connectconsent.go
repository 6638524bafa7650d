package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/seal"
)

// question asks an administrator for consent, and gives what waits for the answer:
// it sends nil for yes until its context ends. The answer comes to the server's
// public address, where it is taken whether or not this command still runs, or
// without one to this machine.
func (g *connecting) question(ctx context.Context, path string) (wait func(context.Context, chan<- error) error, err error) {
	asked, err := g.askedConsent(ctx)
	if err != nil {
		return nil, err
	}
	if asked.Link == "" {
		return g.questionHere(ctx)
	}
	var before connect.Answered
	if err := g.server.get(ctx, path+"/consents", nil, &before); err != nil {
		return nil, err
	}
	if before.At != nil && before.Problem != "" {
		g.say("\nAn administrator was asked before and did not consent at %s: Entra says %q.", before.At.Format(time.RFC3339), before.Problem)
	}
	g.say("\nAn administrator of the tenant consents here, in any browser, until %s:\n\n  %s\n", asked.Until.UTC().Format(time.RFC3339), asked.Link)
	return func(ctx context.Context, came chan<- error) error { return g.ask(ctx, path, before, came) }, nil
}

// askedConsent has the server ask for consent, once in a run.
func (g *connecting) askedConsent(ctx context.Context) (connect.Asked, error) {
	if g.asked == nil {
		var asked connect.Asked
		if err := g.server.call(ctx, "POST", "/v1/connections/"+g.view.Tenant+"/"+g.view.Registration+"/consents", nil, nil, &asked); err != nil {
			return asked, err
		}
		g.asked = &asked
	}
	return *g.asked, nil
}

// consentLink is where an administrator consents while nobody waits: the answer
// comes to the server's public address, or without one to nobody.
func (g *connecting) consentLink(ctx context.Context) (string, error) {
	asked, err := g.askedConsent(ctx)
	if err == nil && asked.Link == "" {
		asked.Link = g.link(connect.RegisteredRedirect, "by-hand")
	}
	return asked.Link, err
}

// questionHere has the answer come to this machine.
func (g *connecting) questionHere(ctx context.Context) (func(context.Context, chan<- error) error, error) {
	back, err := connect.ListenRedirect(ctx, g.port)
	if err != nil {
		return nil, err
	}
	state := rand.Text()
	g.say("\nAn administrator of the tenant consents here (the browser must reach this machine: over ssh, forward the port):\n\n  %s\n",
		g.link(back.Address(), state))
	return func(ctx context.Context, came chan<- error) error {
		ended := make(chan error, 1)
		go func() { ended <- back.Run(ctx) }()
		for {
			select {
			case called := <-back.Came():
				select {
				case came <- g.consented(called, state):
				default: // one is waiting to be looked at
				}
			case err := <-ended:
				return err
			}
		}
	}, nil
}

// ask looks every other second whether the server has received an answer.
func (g *connecting) ask(ctx context.Context, path string, before connect.Answered, came chan<- error) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		var now connect.Answered
		if g.server.get(ctx, path+"/consents", nil, &now) != nil {
			continue // the command itself asks it, too, and says what is wrong
		}
		if now.At == nil || before.At != nil && !now.At.After(*before.At) {
			continue
		}
		before = now
		var answer error
		if now.Problem != "" {
			answer = declined(now.Problem)
		}
		select {
		case came <- answer:
		case <-ctx.Done():
		}
	}
}

// link is where an administrator consents.
func (g *connecting) link(redirect, state string) string {
	t := graphwarden.Tenant{ID: g.view.TenantID, Cloud: graphwarden.Cloud{Login: g.view.Login, Graph: g.view.Graph}}
	return entra.ConsentLink(t, g.view.ClientID, redirect, state)
}

// consented holds what came back against what was asked. What it says of the
// tenant is not believed: the sign-in that follows shows it.
func (g *connecting) consented(called, state string) error {
	u, err := url.Parse(called)
	if err != nil {
		return fmt.Errorf("reading the browser's answer: %w", err)
	}
	q := u.Query()
	if !seal.FromString(q.Get("state")).Equal(seal.FromString(state)) || len(q["state"]) != 1 {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "cli.consent_forged",
			Say: "What came to the redirect address is not the answer to this consent.", Do: "Run the command again, and open its link in a browser that nobody else uses."}
	}
	if q.Get("error") != "" || !strings.EqualFold(q.Get("admin_consent"), "true") {
		return declined(q.Get("error"))
	}
	return nil
}

func declined(problem string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "cli.consent_declined",
		Say: fmt.Sprintf("The administrator did not consent: Entra says %q.", problem), Do: "Say what the permissions are for; an administrator's role is needed to consent. Then run the command again."}
}
