package cli

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/grants"
)

// tenantApps lists all apps of a tenant by their risk.
func (p Program) tenantApps() *command {
	g := &granting{connecting: connecting{p: p}}
	var asked grants.Census
	var most int
	return &command{
		use:   "apps TENANT",
		short: "List all apps of a tenant by their risk",
		long: `Apps reads every enterprise application of a tenant, whoever made it, with its
publisher, owners, credentials and everything that it was granted, and lists the
most dangerous first, by the rules of graphwarden assess. The tenant's
registration called reader reads them; with --administrator somebody signs in
once for it, and the token is thrown away. Microsoft's own apps are left out.`,
		examples: []string{"graphwarden tenants apps contoso --administrator", "graphwarden tenants apps contoso --administrator --most 5 --json"},
		args:     cobra.ExactArgs(1),
		config:   ofServer,
		prints:   grants.Apps{},
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&g.administrator, "administrator", false, "have an administrator sign in, who reads them")
			f.BoolVar(&asked.All, "all", false, "list Microsoft's own apps, too")
			f.IntVar(&most, "most", 50, "list so `many` at most, the most dangerous; 0 is all")
			g.person(f, true)
			g.app(f)
		},
		run: func(c *call) error {
			g.take(c)
			return c.desk(func(ctx context.Context, s *client) error {
				g.server = s
				defer g.forgetAll(ctx)
				list, err := g.chosen(ctx, c)
				if err == nil {
					err = g.visit(ctx, list[0], connect.Wanted{Administrator: true, For: connect.ForApps})
				}
				if err != nil {
					return err
				}
				asked.Administrator = g.asked.Administrator
				var out grants.Apps
				if err := s.call(ctx, "POST", "/v1/tenants/"+url.PathEscape(c.args[0])+"/apps", nil, asked, &out); err != nil {
					return err
				}
				found := len(out.Apps)
				if most > 0 && found > most {
					out.Apps = out.Apps[:most]
				}
				return c.print(out, appsText(out, found))
			})
		},
	}
}

// appsText is the list for a terminal.
func appsText(out grants.Apps, found int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, read by %s at %s; %d of Microsoft's own are left out\n", out.Tenant, counted(found, "app", "apps"), out.Source, out.ReadAt.Format(time.RFC3339), out.Own)
	t := &table{head: []string{"RISK", "APP", "WHOSE", "PUBLISHER", "OWNERS", "CREDENTIALS", "GRANTED"}}
	for _, a := range out.Apps {
		name := a.Name
		if !a.Enabled {
			name += " (disabled)"
		}
		t.add(or(string(a.Class), "none"), name, a.Whose, or(a.Publisher, "not verified"), or(strings.Join(a.Owners, ", "), "nobody"), ends(a), granted(a))
	}
	_ = t.print(&b) // a builder takes everything
	if found > len(out.Apps) {
		fmt.Fprintf(&b, "%d more; --most 0 lists all\n", found-len(out.Apps))
	}
	for _, u := range out.Unknown {
		fmt.Fprintf(&b, "unknown: %s\n", u)
	}
	return b.String()
}

func ends(a grants.App) string {
	if a.Expires == nil {
		text, _, _ := strings.Cut(a.Credentials, ":")
		return text
	}
	return a.Credentials + ", first ends " + a.Expires.Format(time.DateOnly)
}

// granted is the first of what an app was granted.
func granted(a grants.App) string {
	const few = 3
	var list []string
	for _, g := range a.Grants[:min(few, len(a.Grants))] {
		list = append(list, fmt.Sprintf("%s (%s, for %s)", g.Permission, g.Scheme, g.For))
	}
	if len(a.Grants) > few {
		list = append(list, fmt.Sprintf("and %d more", len(a.Grants)-few))
	}
	return or(strings.Join(list, ", "), "nothing that was read")
}
