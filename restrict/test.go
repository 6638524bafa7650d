package restrict

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/exchange"
)

// candidates is how many mailboxes are tried to find one that is outside, or in a
// group.
const candidates = 50

// tested asks Exchange's own test, which does not go by what servers remember, and
// chooses the mailboxes by which the effect is proven: one that is in scope and one
// that is not.
func (v *visit) tested(ctx context.Context, row graphwarden.Restriction) (graphwarden.Restriction, error) {
	row.Inside, row.Outside = graphwarden.Mailbox{}, graphwarden.Mailbox{}
	if err := v.listed(ctx, &row); err != nil {
		return row, err
	}
	if v.asked.Outside != "" {
		if err := v.named(ctx, &row); err != nil {
			return row, err
		}
	}
	if row.Inside.ID != "" && row.Outside.ID != "" {
		return row, nil
	}
	list, err := v.exchange.Mailboxes(ctx, v.byCommand, candidates)
	if err != nil {
		return row, err
	}
	for _, m := range list {
		if row.Inside.ID != "" && row.Outside.ID != "" {
			break
		}
		in, err := v.covers(ctx, m.ID)
		switch found := (graphwarden.Mailbox{ID: m.ID, UPN: m.UPN}); {
		case err != nil:
			return row, err
		case in && row.Inside.ID == "":
			row.Inside = found
		case !in && row.Outside.ID == "":
			row.Outside = found
		}
	}
	return row, nil
}

// listed takes the first mailbox that a flow lists and that is read, as the one
// inside.
func (v *visit) listed(ctx context.Context, row *graphwarden.Restriction) error {
	for _, s := range v.want.scopes {
		if len(s.ids) == 0 || row.Reads && !reads(s.Roles) {
			continue
		}
		name := v.mailboxName(s.ids[0])
		in, err := v.covers(ctx, s.ids[0])
		if err != nil {
			return err
		}
		if !in {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "restrict.test_inside",
				Say: fmt.Sprintf("Exchange's own test says that the mailbox %s of the flow %s is not in scope.", name, s.Flows[0]),
				Do:  "Check that its user has a mailbox in Exchange Online, and run the command again in some minutes; no consent was taken away."}
		}
		row.Inside = graphwarden.Mailbox{ID: s.ids[0], UPN: name}
		return nil
	}
	return nil
}

// named takes the mailbox that somebody named as the one outside.
func (v *visit) named(ctx context.Context, row *graphwarden.Restriction) error {
	found, err := v.exchange.Recipient(ctx, v.byCommand, v.asked.Outside)
	if err != nil {
		return err
	}
	in, err := v.covers(ctx, found.ID)
	if err == nil && in {
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.outside_is_inside", Field: "outside",
			Say: fmt.Sprintf("The mailbox %s is one that the flows may touch, so it proves nothing outside.", v.asked.Outside),
			Do:  "Name a mailbox with --outside that no flow of this registration may touch, or leave it out."}
	}
	row.Outside = graphwarden.Mailbox{ID: found.ID, UPN: v.asked.Outside}
	return err
}

// covers says whether Exchange lets the app into a mailbox by what it was told. A
// user without a mailbox is never covered.
func (v *visit) covers(ctx context.Context, mailbox string) (bool, error) {
	if v.asked.by() == graphwarden.ByPolicy {
		granted, err := v.exchange.TestPolicy(ctx, v.byCommand, v.want.registration.ClientID, mailbox)
		return granted, gone(err)
	}
	verdicts, err := v.exchange.TestPrincipal(ctx, v.byCommand, v.principal.ID, mailbox)
	if err != nil {
		return false, gone(err)
	}
	roles := v.want.roles()
	return slices.ContainsFunc(verdicts, func(t exchange.Verdict) bool {
		return slices.Contains(roles, t.Role) && strings.EqualFold(t.InScope, "True")
	}), nil
}
