package restrict

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/exchange"
)

// unfinished is what Exchange was told while it is not known to have been told all.
const unfinished = "unfinished"

// fingerprint is the same for the same scopes and roles.
func (w *want) fingerprint() string {
	h := sha256.New()
	for _, s := range w.scopes {
		fmt.Fprintf(h, "%q %q %q %q\n", s.Name, s.ids, s.Groups, s.Roles)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// works asks Exchange's own test whether every role opens a listed mailbox of its
// scope. A consent is taken away only after it says so: without the consent the
// roles are all that is left. Of a scope that only has groups it is known by the
// role's being there.
func (v *visit) works(ctx context.Context) error {
	for _, s := range v.want.scopes {
		if len(s.ids) == 0 {
			continue
		}
		verdicts, err := v.exchange.TestPrincipal(ctx, v.byCommand, v.principal.ID, s.ids[0])
		if gone(err) != nil {
			return err
		}
		for _, role := range s.Roles {
			in := slices.ContainsFunc(verdicts, func(t exchange.Verdict) bool { return t.Role == role && strings.EqualFold(t.InScope, "True") })
			if !in {
				return v.notInside(s, role)
			}
		}
	}
	return nil
}

func (v *visit) notInside(s Scope, role string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "restrict.test_inside",
		Say: fmt.Sprintf("Exchange's own test says that the role %q does not reach the mailbox %s of the flow %s.", role, v.mailboxName(s.ids[0]), s.Flows[0]),
		Do:  "Check that its user has a mailbox in Exchange Online, and run the command again in some minutes; no consent was taken away."}
}

// mayNot says in words that whoever signed in to Graph lacks the role for taking
// consents away: Graph's own answer reads as if the app lacked a permission.
func mayNot(c Change, err error) error {
	var refusal *graphwarden.Refusal
	if c.step != "restrict:revoke" || !errors.As(err, &refusal) || refusal.Kind != graphwarden.Denied {
		return err
	}
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "restrict.may_not_revoke", Cause: err,
		Say: "Who signed in to Microsoft Graph may not remove the " + c.What + ".",
		Do:  "What was done in Exchange stays. Have a Privileged Role Administrator sign in to Microsoft Graph, and run the command again."}
}
