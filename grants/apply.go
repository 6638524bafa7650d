package grants

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// Outcome is the difference, and how it is after it was made up.
type Outcome struct {
	Changes []Change `json:"changes"`
	Applied bool     `json:"applied"`
	// Proven says that the grants were read again and are what the flows need. Left is
	// what Microsoft did not show yet then.
	Proven bool     `json:"proven" doc:"whether the grants were read again and are what the flows need"`
	Left   []Change `json:"left" doc:"what Microsoft did not show yet then"`
	Report Report   `json:"report" doc:"how it is now"`
}

// Apply shows the difference between what is granted and what is needed, and unless
// it is a dry run makes it up, as an administrator who signed in for that. If we are
// cut off between two steps, what was done is there, and the next run reads what is
// left and goes on with the rest.
func (g *Grants) Apply(ctx context.Context, tenant, registration string, a Asked) (Outcome, error) {
	v, r, err := g.reading(ctx, tenant, registration, a)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Changes: r.Changes, Left: []Change{}, Report: r}
	if a.DryRun {
		out.Left = r.Changes
		return out, nil
	}
	if len(r.Changes) > 0 {
		if err := g.note(ctx, "grants:begin", v, "grants.begin", a.By, nil); err != nil {
			return out, err
		}
	}
	for i, c := range r.Changes {
		if err := g.Step(c.step, func() error { return c.act(ctx) }); err != nil {
			return out, fmt.Errorf("%s %s: %w", c.Do, c.What, cutOff(i, len(r.Changes), mayNotGrant(err)))
		}
	}
	out.Applied = true
	again, now, err := g.reading(ctx, tenant, registration, a)
	if err != nil {
		return out, err
	}
	out.Report, out.Left, out.Proven = now, now.Changes, len(now.Changes) == 0
	seen := again.seen(now)
	return out, g.note(ctx, "grants:store", v, "grants.set", a.By, &seen)
}

// reading looks at a registration as the administrator who may change it.
func (g *Grants) reading(ctx context.Context, tenant, registration string, a Asked) (*visit, Report, error) {
	v, err := g.open(tenant, registration, a)
	if err != nil {
		return nil, Report{}, err
	}
	if _, _, err := g.Administrators.Granter(tenant, a.Administrator); err != nil {
		return nil, Report{}, err
	}
	if err := v.look(ctx); err != nil {
		return nil, Report{}, err
	}
	if v.consents.Principal == "" {
		return nil, Report{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "grant.no_principal",
			Say: fmt.Sprintf("The tenant %s has no enterprise application for the client id %s yet.", tenant, v.registration.ClientID),
			Do:  "Have an administrator consent once: graphwarden connect " + tenant + " " + registration}
	}
	r, err := v.report(ctx)
	return v, r, err
}

// note writes down what somebody does, with the ledger's entry of it, and what was
// seen of the grants.
func (g *Grants) note(ctx context.Context, step string, v *visit, act, by string, seen *graphwarden.GrantsSeen) error {
	return g.Step(step, func() error {
		return g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			if seen != nil {
				if err := g.Store.PutGrantsSeen(ctx, tx, *seen); err != nil {
					return err
				}
			}
			_, err := g.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Tenant: v.tenant.Name, Path: act + " " + v.registration.Name, Allowed: true, Rule: "operator", Note: by})
			return err
		})
	})
}

// mayNotGrant says to an administrator whom Microsoft refuses a change what role is
// needed.
func mayNotGrant(err error) error {
	var r *graphwarden.Refusal
	if errors.As(err, &r) && r.Kind == graphwarden.Denied {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "grant.may_not_grant", Cause: err,
			Say: "The person who signed in may not grant permissions of Microsoft Graph to apps, or take them away.",
			Do:  "Sign in as a Privileged Role Administrator; what was changed before stays, and the same command goes on with the rest."}
	}
	return err
}

// cutOff says how far changes came that nobody goes on with by himself. What Microsoft
// refuses, or has wait, says itself what to do.
func cutOff(done, all int, err error) error {
	var r *graphwarden.Refusal
	var later *graphwarden.Later
	if errors.As(err, &later) || errors.As(err, &r) && r.Kind != graphwarden.Unreachable {
		return err
	}
	return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "grant.cut_off", Cause: err,
		Say: fmt.Sprintf("%d of %d changes were made, and of the next nobody knows whether it was.", done, all),
		Do:  "Run the same command again: it reads what is left and goes on with that."}
}

// seen is a report as it is kept: what is held in Entra, beyond the needs, and what
// is missing.
func (v *visit) seen(r Report) graphwarden.GrantsSeen {
	now := v.room.Now()
	s := graphwarden.GrantsSeen{Registration: v.registration.Name, Tenant: v.tenant.Name, TriedAt: now, ReadAt: now}
	for _, l := range r.Lines {
		name := l.Scheme + "/" + strings.ReplaceAll(l.Permission, " ", "_")
		switch {
		case l.By == byEntra:
			s.Held = append(s.Held, name)
			if l.Drift == Beyond || l.Drift == Wider {
				s.Beyond = append(s.Beyond, name)
			}
		case l.Drift == Missing:
			s.Missing = append(s.Missing, name)
		}
	}
	for _, list := range []*[]string{&s.Held, &s.Beyond, &s.Missing} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return s
}
