package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
)

// inside is a client of an API that this command serves for itself.
func inside(address string, token seal.Secret) *client {
	return &client{base: url.URL{Scheme: "http", Host: address}, token: token, http: &http.Client{Transport: &http.Transport{}}}
}

// signIn has a person sign in: the one that the connection acts for, or the
// tenant's administrator.
func (g *connecting) signIn(ctx context.Context, path string, w connect.Wanted) error {
	if g.noInput {
		return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "cli.person_needed",
			Say: fmt.Sprintf("A person has to sign in to %s/%s.", g.view.Tenant, g.view.Registration), Do: "Run the command without --no-input, where a person reads what it says."}
	}
	ctx, stop := context.WithTimeout(ctx, max(g.wait, time.Second))
	defer stop()
	if w.Device {
		var begun connect.Begun
		if err := g.server.call(ctx, "POST", path+"/sign-ins", nil, w, &begun); err != nil {
			return err
		}
		g.remember(w, begun)
		g.say("\nOpen %s on any device and enter the code %s (until %s).\n", begun.Address, begun.UserCode, begun.Until.Format(time.TimeOnly))
		return g.poll(ctx, begun)
	}
	back, err := connect.ListenRedirect(ctx, g.port)
	if err != nil {
		return err
	}
	listening, quit := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- back.Run(listening) }()
	err = g.browse(ctx, path, w, back)
	quit()
	return errors.Join(err, <-ended)
}

// remember keeps the id of an administrator's sign-in.
func (g *connecting) remember(w connect.Wanted, b connect.Begun) {
	if w.Administrator {
		g.admin = b.ID
	}
}

// forget has what an administrator lent thrown away, even when the command was
// told to stop.
func (g *connecting) forget(ctx context.Context) {
	if g.admin == "" {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	_ = g.server.call(ctx, "DELETE", "/v1/sign-ins/"+g.admin, nil, nil, nil) // the server forgets it by itself in some minutes
	g.admin = ""
}

// browse has the person sign in with this machine's browser.
func (g *connecting) browse(ctx context.Context, path string, w connect.Wanted, back *connect.Redirect) error {
	if w.Redirect = back.Address(); w.Administrator {
		w.Redirect = back.Plain() // the app is not ours
	}
	var begun connect.Begun
	if err := g.server.call(ctx, "POST", path+"/sign-ins", nil, w, &begun); err != nil {
		return err
	}
	g.remember(w, begun)
	g.say("\nOpen this in a browser that reaches this machine, and sign in:\n\n  %s\n", begun.Link)
	begunAt := time.Now()
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		select {
		case called := <-back.Came():
			var done connect.Finished
			err := g.server.call(ctx, "POST", "/v1/sign-ins/"+begun.ID, nil, api.Came{Method: "GET", URL: called}, &done)
			if err == nil {
				g.say("Signed in as %s.", done.Account)
			}
			return err
		case <-tick.C:
			g.say("  %s so far: waiting for the person to sign in.", span(time.Since(begunAt)))
		case <-ctx.Done():
			return nobodyCame(ctx)
		}
	}
}

// poll asks until the person has entered the code.
func (g *connecting) poll(ctx context.Context, begun connect.Begun) error {
	every, begunAt := max(begun.Every, 1), time.Now()
	for {
		timer := time.NewTimer(time.Duration(every) * time.Second)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nobodyCame(ctx)
		}
		var done connect.Finished
		if err := g.server.call(ctx, "POST", "/v1/sign-ins/"+begun.ID, nil, api.Came{}, &done); err != nil {
			return err
		}
		if !done.Pending {
			g.say("Signed in as %s.", done.Account)
			return nil
		}
		every = max(done.Every, every)
		g.say("  %s so far: waiting for the code to be entered.", span(time.Since(begunAt)))
	}
}

func nobodyCame(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "cli.nobody_came",
		Say: "Nobody signed in within the time that --wait gives.", Do: "Run the command again when the person is there."}
}
