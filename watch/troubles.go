package watch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// lastingAttempts is how often in a row a feed must be refused before it is told:
// Microsoft now and then refuses once what it gives a second later.
const lastingAttempts = 2

// Troubled says which feeds cannot be read and which mailboxes are not read at all.
type Troubled interface {
	Troubles(ctx context.Context) ([]graphwarden.Trouble, error)
	Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error)
}

// Refusals sees what Microsoft refuses to give although it takes the sign-in: one
// notice for a flow and reason, however many mailboxes it concerns. What merely
// does not answer shows as stale feeds, what fails to sign in as such.
func Refusals(s Troubled) Look {
	return Look{Codes: []string{"notice.feed_refused", "notice.mailbox_skipped", groupUnread}, See: func(ctx context.Context, _ time.Time) ([]Sighting, error) {
		troubles, err := s.Troubles(ctx)
		if err != nil {
			return nil, err
		}
		skipped, err := s.Skipped(ctx, "")
		if err != nil {
			return nil, err
		}
		var refused, unread []concern
		var groups []Sighting
		for _, t := range troubles {
			if t.Count >= lastingAttempts && (strings.HasPrefix(t.Code, "graph.") || strings.HasPrefix(t.Code, "gate.")) {
				refused = append(refused, concern{t.Flow, t.Code, t.Say, t.Mailbox.UPN, t.Since})
			}
		}
		for _, k := range skipped {
			if k.Group != "" {
				groups = append(groups, ofGroup(k))
				continue
			}
			unread = append(unread, concern{k.Flow, k.Code, k.Say, k.Mailbox.UPN, k.Since})
		}
		return slices.Concat(told("notice.feed_refused", graphwarden.Critical, "Calendars of the flow %[2]s that Microsoft refuses: %[1]d (%[3]s): %[4]s", refused),
			told("notice.mailbox_skipped", graphwarden.Warning, "Mailboxes of the flow %[2]s that are not read: %[1]d (%[3]s): %[4]s", unread), groups), nil
	}}
}

// groupUnread is the notice of a group whose members cannot be read.
const groupUnread = "notice.group_unread"

// ofGroup sees a group of a flow whose members cannot be read, so that nobody knows
// whose mailboxes the flow may touch.
func ofGroup(k graphwarden.Skipped) Sighting {
	s := Sighting{Code: groupUnread, Subject: k.Flow + " " + k.Group, Severity: graphwarden.Critical, Since: k.Since,
		Say: fmt.Sprintf("The flow %s names the group %s, whose members cannot be read: %s", k.Flow, k.Group, k.Say),
		Do:  "Let the registration reader of the tenant " + k.Tenant + " read groups: graphwarden connect " + k.Tenant + " reader says what is missing."}
	if k.Code == "graph.group_unknown" {
		s.Do = "Correct the object id among the groups of the flow " + k.Flow + ", restore the group in Entra, or take it out."
	}
	return s
}

// concern is a mailbox with something wrong.
type concern struct {
	flow, code, say, mailbox string
	since                    time.Time
}

// told makes one sighting of all concerns with the same flow and code.
func told(notice string, severity graphwarden.Severity, format string, list []concern) []Sighting {
	slices.SortStableFunc(list, func(a, b concern) int {
		return cmp.Or(strings.Compare(a.flow, b.flow), strings.Compare(a.code, b.code), a.since.Compare(b.since))
	})
	var out []Sighting
	for len(list) > 0 {
		first, n := list[0], 1
		var names []string
		for n < len(list) && list[n].flow == first.flow && list[n].code == first.code {
			n++
		}
		for _, c := range list[:n] {
			if !slices.Contains(names, c.mailbox) {
				names = append(names, c.mailbox)
			}
		}
		if len(names) > 3 {
			names = append(names[:3], "…")
		}
		out = append(out, Sighting{Code: notice, Subject: first.flow + " " + first.code, Severity: severity, Since: first.since,
			Say: fmt.Sprintf(format, n, first.flow, strings.Join(names, ", "), first.say), Do: remedy(first.flow, first.code)})
		list = list[n:]
	}
	return out
}

// remedy is what to do about a reason.
func remedy(flow, code string) string {
	switch code {
	case "graph.not_consented":
		return "Have an administrator consent to what the flow needs, or widen the app's Exchange role: graphwarden doctor --online says what is missing."
	case "graph.token_refused":
		return "Check that the login and Graph addresses of the tenant belong to one cloud: graphwarden doctor --online"
	case "mirror.mailbox_out_of_scope":
		return "Widen the scope of the app's role assignment in Exchange, or take the mailboxes out of the flow " + flow + "."
	case "graph.mailbox_restricted":
		return "Add the mailboxes to the group of the application access policy in Exchange, or take them out of the flow " + flow + "."
	case "graph.mailbox_not_enabled", "mirror.mailbox_none", "mirror.mailbox_elsewhere":
		return "Give the users a licence for Exchange Online, or take them out of the flow " + flow + "."
	case "graph.user_unknown", "graph.mailbox_unknown", "mirror.mailbox_deleted":
		return "Correct the names in the flow " + flow + ", or take them out."
	case graphwarden.CodeGuest:
		return "Take guests out of the group of the flow " + flow + "; their mailboxes are elsewhere."
	}
	return "Run: graphwarden feeds --flow " + flow + "; docs/errors.md explains " + code
}
