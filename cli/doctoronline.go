package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/connect"
)

// places examines whether what the configuration names can be reached from here:
// name server, network, certificate. Nothing is asked there, but for the handshake
// of the public address.
func (e *examination) places(ctx context.Context) {
	all := e.loaded.Places()
	found := make([]Examined, len(all))
	var asking sync.WaitGroup
	for i, p := range all {
		asking.Go(func() {
			found[i] = check("doctor."+p.Kind+"_reachable", "This computer reaches "+p.Name+".", e.loaded.Reach(ctx, p, assemble.Outside{}))
		})
	}
	asking.Wait()
	e.add(found...)
	const code = "doctor.public_url"
	switch {
	case e.loaded.PublicURL == "":
		e.add(check(code, "There is no public_url; the sweep finds changes.", nil))
	case e.absent != nil:
		e.add(unknown(code, "Whether public_url leads to the server shows only while it runs.", "Start it with graphwarden serve."))
	default:
		e.add(check(code, "public_url leads to the server, as seen from here.", e.loaded.Handshake(ctx, assemble.Outside{})))
	}
}

// signIns signs in with each registration and holds what the token permits against
// what its flows need: through the server, or where none runs, through a database
// that is thrown away.
func (e *examination) signIns(ctx context.Context) {
	err := e.absent
	switch {
	case e.hangs != nil:
		e.add(unknown("doctor.sign_in", "Whether Entra takes the sign-ins the server cannot say.", check("", "", e.hangs).Fix))
	case err == nil:
		err = e.prove(ctx, e.server, true)
	default:
		var own *assemble.Connections
		if own, err = assemble.Rehearse(ctx, e.loaded, assemble.Outside{}); err == nil {
			err = served(ctx, own, func(ctx context.Context, s *client) error { return e.prove(ctx, s, false) })
			err = errors.Join(err, own.Close())
		}
	}
	if err != nil {
		e.add(check("doctor.sign_in", "", err))
	}
}

func (e *examination) prove(ctx context.Context, s *client, lasting bool) error {
	return everything(ctx, s, "/v1/connections", nil, func(v connect.View) error {
		name := v.Tenant + "/" + v.Registration
		if v.SignedIn != "" {
			e.add(check("doctor.sign_in", "People sign in to "+name+" each for themselves.", nil))
			return nil
		}
		if graphwarden.SignIn(v.Mode).Delegated() && !lasting {
			e.add(unknown("doctor.sign_in", "Only a running server can sign in as the person of "+name+".", "Start it with graphwarden serve."))
			return nil
		}
		var r connect.Report
		err := s.call(ctx, "POST", "/v1/connections/"+v.Tenant+"/"+v.Registration+"/prove", nil, api.Proof{}, &r)
		e.add(check("doctor.sign_in", "Entra takes the sign-in of "+name+".", err))
		if err != nil {
			return ctx.Err()
		}
		if !r.Complete {
			err = missing(v, r)
		}
		granted := check("doctor.permissions", name+" has what its flows need ("+r.Source+").", err)
		if err == nil && len(r.TooMuch) > 0 {
			granted = warn("doctor.permissions", fmt.Sprintf("%s may more than its flows need: %s (%s).", name, strings.Join(r.TooMuch, ", "), r.Source),
				"Take these permissions away from the registration in Entra.")
		}
		e.add(granted)
		return nil
	})
}
