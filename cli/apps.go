package cli

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/appkey"
)

// apps shows the apps, and groups what is done with their keys.
func (p Program) apps() *command {
	c := show(&command{
		use: "apps", short: "Show the apps, and look after their keys",
		long: `Apps asks the running server for the apps that flows of its configuration name. An
app is let in with a key: graphwarden apps key create APP.`,
		examples: []string{"graphwarden apps", "graphwarden apps --json", "graphwarden apps key create portal"},
	}, "/v1/apps", []string{"APP", "FLOWS", "KEYS"}, func(a api.App) []string {
		return []string{a.Name, strings.Join(a.Flows, ", "), strconv.Itoa(a.Keys)}
	})
	c.under = []*command{{
		use:   "key",
		short: "Make, list, follow and end the keys of apps",
		long: `A key lets an app ask at the address that apps in the configuration names. It is
shown once, when it is made; the database keeps a digest of it.`,
		examples: []string{"graphwarden apps key create portal", "graphwarden apps key list portal"},
		under:    []*command{p.createKey(), p.listKeys(), p.followKey(), p.revokeKey()},
	}}
	return c
}

func (p Program) createKey() *command {
	var expires, scope, note string
	var flows, networks []string
	return &command{
		names: appNames,
		use:   "create APP",
		short: "Make a key for an app, and show it this once",
		long: `Create makes a key and writes it, and nothing else, to the standard output. It lets
the app read what its flows name, or with --scope write also change it.`,
		examples: []string{"graphwarden apps key create portal", "graphwarden apps key create portal --scope write --expires 90d --flow office --network 10.1.0.0/16"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   api.NewAppKey{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&expires, "expires", "", "for how long it works, such as 90d; without it for good")
			f.StringVar(&scope, "scope", "read", "what it may: `read` or write")
			f.StringSliceVar(&flows, "flow", nil, "only for this `flow` of the app; may be said again")
			f.StringSliceVar(&networks, "network", nil, "only from this `network`, such as 10.1.0.0/16, or address; may be said again")
			f.StringVar(&note, "note", "", "a `word` that the list shows")
		},
		changes: func(c *call) (effect, error) {
			if _, err := wholeDays(expires); err != nil {
				return effect{}, err
			}
			if _, err := appkey.Networks(networks); err != nil {
				return effect{}, err
			}
			return effect{says: "This makes a key with which " + c.args[0] + " may " + scope + "."}, c.rehearse(appOf(c.args[0], flows))
		},
		run: func(c *call) error {
			days, err := wholeDays(expires)
			if err != nil {
				return err
			}
			want := api.WantedKey{Scope: scope, Flows: flows, Networks: networks, ExpiresDays: days, Note: note, By: p.who()}
			return c.madeKey("/v1/apps/"+url.PathEscape(c.args[0])+"/keys", want)
		},
	}
}

// madeKey has a key made and shows it: the key alone on the standard output.
func (c *call) madeKey(path string, want any) error {
	return c.desk(func(ctx context.Context, s *client) error {
		var made struct {
			api.AppKey
			Key string `json:"key"`
		}
		if err := s.call(ctx, "POST", path, nil, want, &made); err != nil {
			return err
		}
		until := "for good"
		if made.ExpiresAt != nil {
			until = "until " + at(made.ExpiresAt)
		}
		if !c.json {
			fmt.Fprintf(c.Stderr, "%s of %s may %s, %s. It is not shown again.\n", made.ID, made.App, made.Scope, until)
		}
		return c.print(made, made.Key+"\n")
	})
}

func (p Program) listKeys() *command {
	return &command{
		names:    appNames,
		use:      "list APP",
		short:    "Show the keys of an app, by their ids",
		long:     "List shows the keys of an app: their ids, what they may, until when, and when they were last used, to the hour.",
		examples: []string{"graphwarden apps key list portal", "graphwarden apps key list portal --json"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   []api.AppKey{},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				list, err := gather[api.AppKey](ctx, s, "/v1/apps/"+url.PathEscape(c.args[0])+"/keys", nil)
				if err != nil {
					return err
				}
				t := &table{head: []string{"ID", "STATE", "MAY", "FLOWS", "FROM", "MADE", "EXPIRES", "LAST USED", "NOTE"}}
				for _, k := range list {
					flows := strings.Join(k.Flows, ", ")
					if flows == "" {
						flows = "all"
					}
					from := strings.Join(k.Networks, ", ")
					if from == "" {
						from = "anywhere"
					}
					t.add(k.ID, k.State, k.Scope, flows, from, at(&k.MadeAt), at(k.ExpiresAt), at(k.UsedAt), k.Note)
				}
				return c.show(list, t)
			})
		},
	}
}

func (p Program) followKey() *command {
	var overlap string
	return &command{
		use:   "rotate KEY",
		short: "Make a key to follow another, which works on for a while",
		long: `Rotate makes a key that may what the named one may, and shows it this once. The old
one works on for the time of --overlap, so that the app can change over.`,
		examples: []string{"graphwarden apps key rotate key_4kq7z2xw", "graphwarden apps key rotate key_4kq7z2xw --overlap 1h"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   api.NewAppKey{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&overlap, "overlap", "24h", "how long the old key works on, in `hours`")
		},
		changes: func(c *call) (effect, error) {
			if _, err := wholeHours(overlap); err != nil {
				return effect{}, err
			}
			return effect{says: "This makes a key to follow " + c.args[0] + ", which ends after " + overlap + "."}, c.rehearse(keyOf(c.args[0], true))
		},
		run: func(c *call) error {
			hours, err := wholeHours(overlap)
			if err != nil {
				return err
			}
			return c.madeKey("/v1/keys/"+url.PathEscape(c.args[0])+"/rotate", api.Following{OverlapHours: &hours, By: p.who()})
		},
	}
}

func (p Program) revokeKey() *command {
	return &command{
		use:   "revoke KEY",
		short: "End a key at once",
		long: `Revoke ends a key. A second later it lets nobody in, and streams that were opened
with it are closed. It asks for the key's id, unless --yes is said.`,
		examples: []string{"graphwarden apps key revoke key_4kq7z2xw", "graphwarden apps key revoke key_4kq7z2xw --yes"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   api.AppKey{},
		takes:    "the key's id",
		changes: func(c *call) (effect, error) {
			return effect{says: "Whoever uses " + c.args[0] + " is let in no more.", name: c.args[0]}, c.rehearse(keyOf(c.args[0], false))
		},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				var k api.AppKey
				if err := s.call(ctx, "POST", "/v1/keys/"+url.PathEscape(c.args[0])+"/revoke", nil, api.By{By: p.who()}, &k); err != nil {
					return err
				}
				return c.print(k, k.ID+" of "+k.App+" is revoked.\n")
			})
		},
	}
}

// wholeDays reads a length of time in days, such as 90d; "" is 0.
func wholeDays(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 1 {
		return 0, usage(fmt.Errorf("%q is not a number of days such as 90d", text))
	}
	return days, nil
}

// wholeHours reads a length of time in hours, such as 24h.
func wholeHours(text string) (int, error) {
	span, err := time.ParseDuration(text)
	if err != nil || span%time.Hour != 0 || span < 0 {
		return 0, usage(fmt.Errorf("%q is not a number of hours such as 24h", text))
	}
	return int(span.Hours()), nil
}
