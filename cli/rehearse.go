package cli

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/meant"
)

// rehearse has a rehearsal look whether what the command names is there, so that it
// refuses what the command itself would. The command asks by doing it.
func (c *call) rehearse(look func(context.Context, *client) error) error {
	if !c.dry {
		return nil
	}
	return c.desk(look)
}

// rehearseAtServer is rehearse for a command that only a running server does.
func (c *call) rehearseAtServer(look func(context.Context, *client) error) error {
	if !c.dry {
		return nil
	}
	server, err := c.server()
	if err != nil {
		return err
	}
	return look(c.ctx, server)
}

// replayOf looks for a replay that is under way.
func replayOf(id int64) func(context.Context, *client) error {
	return func(ctx context.Context, s *client) error {
		list, err := gather[api.Replay](ctx, s, "/v1/replays", nil)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(r api.Replay) bool { return r.ID == id && r.EndedAt == nil }) {
			return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "store.replay_unknown", Field: "id",
				Say: fmt.Sprintf("No replay %d is under way.", id), Do: "Look which are: graphwarden deliveries replays."}
		}
		return nil
	}
}

// appOf looks for an app with some flows.
func appOf(name string, flows []string) func(context.Context, *client) error {
	return func(ctx context.Context, s *client) error {
		apps, err := gather[api.App](ctx, s, "/v1/apps", nil)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(apps, func(a api.App) bool { return a.Name == name })
		if i < 0 {
			var names []string
			for _, a := range apps {
				names = append(names, a.Name)
			}
			return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "appkey.app",
				Say: fmt.Sprintf("No flow of the configuration is of an app %q.", name), Do: meant.Rather(name, names, "Name one that graphwarden flows lists.")}
		}
		for _, f := range flows {
			if !slices.Contains(apps[i].Flows, f) {
				return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "appkey.flow", Field: "flows",
					Say: fmt.Sprintf("The app %s has no flow %q.", name, f), Do: meant.Rather(f, apps[i].Flows, "Name some of: "+strings.Join(apps[i].Flows, ", ")+".")}
			}
		}
		return nil
	}
}

// keyOf looks for a key, which is to work still where it is to be followed.
func keyOf(id string, works bool) func(context.Context, *client) error {
	return func(ctx context.Context, s *client) error {
		var k api.AppKey
		if err := s.get(ctx, "/v1/keys/"+url.PathEscape(id), nil, &k); err != nil {
			return err
		}
		if works && k.State != "active" {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "appkey.over",
				Say: fmt.Sprintf("The key %s is %s already.", id, k.State), Do: "Make a new one: graphwarden apps key create " + k.App + "."}
		}
		return nil
	}
}

// sinkOf looks for a sink.
func sinkOf(name string) func(context.Context, *client) error {
	return func(ctx context.Context, s *client) error {
		sinks, err := gather[api.Sink](ctx, s, "/v1/sinks", nil)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sinks, func(s api.Sink) bool { return s.Name == name })
		if i < 0 {
			return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "deliver.sink",
				Say: fmt.Sprintf("The configuration has no sink %q.", name), Do: "Name one that graphwarden deliveries lists."}
		}
		if kind := sinks[i].Type; kind != string(graphwarden.Webhook) {
			return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.never_disabled",
				Say: fmt.Sprintf("The sink %q is of type %s: no receiver can disable it, so there is nothing to enable.", name, kind),
				Do:  "graphwarden deliveries shows how each sink is doing."}
		}
		return nil
	}
}

// personOf looks for somebody who has signed in: tenant, registration, object id.
func personOf(args []string, app string) func(context.Context, *client) error {
	return func(ctx context.Context, s *client) error {
		found := false
		err := everything(ctx, s, "/v1/people", map[string]string{"tenant": args[0], "registration": args[1], "app": app}, func(v connect.PersonView) error {
			found = found || strings.EqualFold(v.Account, args[2])
			return nil
		})
		if err == nil && !found {
			err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "connect.person_unknown",
				Say: fmt.Sprintf("Nobody with the object id %s has signed in to %s of the tenant %s.", args[2], args[1], args[0]), Do: "See who has: graphwarden connect people list"}
		}
		return err
	}
}
