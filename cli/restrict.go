package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/restrict"
)

// restricting is a run of graphwarden restrict.
type restricting struct {
	connecting
	asked  restrict.Asked
	status bool
	out    string
}

// Restricted is what graphwarden restrict prints with --json: what is wanted and
// how it is, and what an administrator's sign-in changed.
type Restricted struct {
	restrict.View
	Outcome *restrict.Outcome `json:"outcome"` // nil unless an administrator signed in
}

// restrict has Exchange keep a registration to its mailboxes.
func (p Program) restrict() *command {
	g := &restricting{connecting: connecting{p: p}}
	return &command{
		names: connectionNames,
		use:   "restrict TENANT REGISTRATION",
		short: "Have Exchange keep an app to the mailboxes of its flows",
		long: `Restrict writes a script for Exchange Online PowerShell that keeps the app of a
registration to the mailboxes of its flows: a service principal, a management
scope for each set of mailboxes, a role for each thing that the flows do. With
--administrator it does the same itself: an administrator signs in once to
Microsoft Graph and once to Exchange, the difference is shown and, once it is
confirmed, made up; both tokens are thrown away. Exchange takes up to two hours;
the server goes on looking, and --status says how far it is. Then run the
command again: it takes away the consents in Entra that are for every mailbox,
because they add up with the roles. Graphwarden itself keeps to the mailboxes
from the first second.`,
		examples: []string{"graphwarden restrict contoso calendar --out restrict.ps1", "graphwarden restrict contoso calendar --administrator --dry-run",
			"graphwarden restrict contoso calendar --status"},
		args:      cobra.ExactArgs(2),
		config:    ofServer,
		prints:    Restricted{},
		takes:     "the registration's name",
		rehearses: true,
		flags:     g.flags,
		run: func(c *call) error {
			g.take(c)
			if err := g.fits(); err != nil {
				return err
			}
			return c.desk(func(ctx context.Context, s *client) error {
				g.server = s
				return g.run(ctx, c)
			})
		},
	}
}

func (g *restricting) flags(f *pflag.FlagSet) {
	f.BoolVar(&g.administrator, "administrator", false, "have an administrator sign in, and do it")
	f.BoolVar(&g.status, "status", false, "say how far it is, and end")
	f.StringVar(&g.out, "out", "", "the `file` that the script is written to; default is the standard output")
	f.StringVar(&g.asked.Kind, "policy-kind", string(graphwarden.ByRoles), "by `means` of roles, or of access-policy for those who still use application access policies")
	f.StringVar(&g.asked.Outside, "outside", "", "the `address` of a mailbox that must not be reached, to prove it by; default is any")
	f.BoolVar(&g.asked.Now, "now", false, "take consents for every mailbox away at once: calls are refused until Exchange goes by the roles")
	f.BoolVar(&g.asked.Undo, "undo", false, "take away what was made in Exchange")
	g.person(f, true)
	g.app(f)
}

func (g *restricting) run(ctx context.Context, c *call) error {
	path := "/v1/connections/" + c.args[0] + "/" + c.args[1]
	if err := g.server.get(ctx, path, nil, &g.view); err != nil {
		return err
	}
	var out Restricted
	if err := g.server.get(ctx, path+"/restriction", nil, &out.View); err != nil {
		return err
	}
	switch {
	case g.status:
		return c.print(out, standing(out.State))
	case g.administrator:
		return g.visit(ctx, c, path, out)
	case g.out != "" && !c.dry:
		if err := newFile(g.out, out.Script); err != nil {
			return usage(fmt.Errorf("writing the script: %w", err))
		}
		return c.print(out, "The script is in "+g.out+". An Exchange Administrator runs it in PowerShell 7; docs/restricting.md says what it changes.\n")
	}
	return c.print(out, out.Script)
}

// fits refuses flags that would be passed over in silence.
func (g *restricting) fits() error {
	for _, f := range []struct {
		given bool
		name  string
	}{{g.asked.Now, "now"}, {g.asked.Undo, "undo"}, {g.asked.Outside != "", "outside"}, {g.asked.Kind != string(graphwarden.ByRoles), "policy-kind"}} {
		switch {
		case f.given && g.status:
			return usage(fmt.Errorf("--status only says how far it is: leave --%s out", f.name))
		case f.given && !g.administrator:
			return usage(fmt.Errorf("--%s is about what an administrator's sign-in does: give --administrator, too, or leave it out", f.name))
		}
	}
	switch {
	case g.status && (g.administrator || g.out != ""):
		return usage(errors.New("--status only says how far it is: leave --administrator and --out out"))
	case g.administrator && g.out != "":
		return usage(errors.New("--out is where the script goes, and --administrator does without one: leave one of them out"))
	}
	return nil
}

// newFile writes a file that is not there yet, or has just this text.
func newFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if there, err := os.ReadFile(path); err == nil && string(there) == text {
			return nil
		}
		return fmt.Errorf("%s is there already, with something else in it: name another file, or remove it", path)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// visit has an administrator sign in twice, because a token is for one service
// only: to Graph, where consents are, and to Exchange.
func (g *restricting) visit(ctx context.Context, c *call, path string, out Restricted) error {
	var ids []string
	defer func() {
		for _, id := range ids {
			g.admin = id
			g.forget(ctx)
		}
	}()
	toGraph := connect.Wanted{Administrator: true, For: connect.ForRestriction, Device: g.device, ClientID: g.adminClient}
	if c.dry {
		toGraph.For, toGraph.ReadOnly = "", true
	}
	for _, w := range []connect.Wanted{toGraph, {Administrator: true, For: connect.ForExchange, Device: g.device, ClientID: g.adminClient}} {
		g.say("\nAn administrator of the tenant signs in once to %s; the token is thrown away at the end.", service(w))
		if err := g.signIn(ctx, path, w); err != nil {
			return err
		}
		ids = append(ids, g.admin)
	}
	g.asked.Administrator, g.asked.Exchange, g.asked.By, g.asked.DryRun = ids[0], ids[1], g.p.who(), true
	out.Outcome = &restrict.Outcome{}
	if err := g.server.call(ctx, "POST", path+"/restriction", nil, g.asked, out.Outcome); err != nil {
		return err
	}
	if c.dry {
		return c.print(out, difference(out.Outcome.Changes))
	}
	g.say("\n%s", difference(out.Outcome.Changes))
	if acts(out.Outcome.Changes) {
		if err := c.confirm(effect{says: "This changes what the app may do in Exchange and Entra.", name: c.args[1]}); err != nil {
			return err
		}
	}
	g.asked.DryRun = false
	if err := g.server.call(ctx, "POST", path+"/restriction", nil, g.asked, out.Outcome); err != nil {
		return err
	}
	out.State = out.Outcome.State
	return c.print(out, standing(out.State))
}

func service(w connect.Wanted) string {
	if w.For == connect.ForExchange {
		return "Exchange"
	}
	return "Microsoft Graph"
}

// acts says whether a difference has anything to be done now.
func acts(list []restrict.Change) bool {
	for _, c := range list {
		if c.Do == "add" || c.Do == "change" || c.Do == "remove" {
			return true
		}
	}
	return false
}

// difference shows what has to be done, a line each.
func difference(list []restrict.Change) string {
	var b strings.Builder
	signs := map[string]string{"add": "+", "change": "~", "remove": "-", "later": ".", "keep": "=", "warn": "!"}
	for _, c := range list {
		fmt.Fprintf(&b, "  %s %-6s %s\n", signs[c.Do], c.Do, c.What)
		if c.Why != "" {
			fmt.Fprintf(&b, "           (%s)\n", c.Why)
		}
	}
	if !acts(list) {
		b.WriteString("  nothing has to be changed now\n")
	}
	return b.String()
}

// standing says how far a restriction is.
func standing(s *restrict.State) string {
	if s == nil {
		return "Exchange does not keep this registration to its mailboxes. Graphwarden itself does.\n"
	}
	text := fmt.Sprintf("Restricted by %s: %s (inside %s, outside %s).\n", s.By, s.State, or(s.Inside, "nobody"), or(s.Outside, "nobody"))
	if !s.Reads {
		text = fmt.Sprintf("Restricted by %s: %s.\nThe app only sends mail, so there is no mailbox that it could read to prove this, and nothing is sent for it.\n"+
			"Exchange's own test stands for that: it is made when a consent is taken away. What follows is the time that Exchange takes.\n", s.By, s.State)
	}
	switch graphwarden.RestrictionState(s.State) {
	case graphwarden.RestrictionWaiting:
		text += fmt.Sprintf("Exchange goes by it until %s at the latest; the server looks every few minutes.\n", s.Until.UTC().Format(time.RFC3339))
	case graphwarden.RestrictionPast:
		text += "Run the same command with --administrator again, to have the difference made up.\n"
	case graphwarden.RestrictionProven:
		if !s.ProvenAt.IsZero() {
			text += "It was first proven at " + s.ProvenAt.UTC().Format(time.RFC3339) + ".\n"
		}
	case graphwarden.RestrictionOpen:
		text += "Run the same command with --administrator again, to have the consent taken away.\n"
	}
	if s.Say != "" {
		text += s.Say + "\n"
	}
	return text
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
