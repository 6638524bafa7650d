package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Waits says whose calls wait for one of Microsoft's limits.
type Waits interface {
	Waiting(ctx context.Context, now time.Time) ([]graphwarden.Waiting, error)
}

// Budgets sees apps whose calls wait because a limit of Microsoft's is reached:
// one notice for an app and registration, however many mailboxes it concerns.
func Budgets(s Waits) Look {
	return Look{Codes: []string{"notice.budget_exhausted"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		list, err := s.Waiting(ctx, now)
		list = slices.DeleteFunc(list, func(w graphwarden.Waiting) bool { return !w.Lasting() })
		var out []Sighting
		for len(list) > 0 {
			n := 1
			for n < len(list) && list[n].App == list[0].App && list[n].Registration == list[0].Registration {
				n++
			}
			out = append(out, waitsOf(list[:n]))
			list = list[n:]
		}
		return out, err
	}}
}

// waitsOf sees the waits of one app by one registration.
func waitsOf(list []graphwarden.Waiting) Sighting {
	first := list[0]
	var names []string
	for _, w := range list {
		if w.Since.Before(first.Since) {
			first = w
		}
		name := w.Mailbox.UPN
		if name == "" {
			name = w.Mailbox.ID
		}
		if name != "" && len(names) < 4 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 3 {
		names[3] = "…"
	}
	where := "calls that touch no mailbox"
	switch {
	case len(names) == 1 && len(list) == 1:
		where = "1 mailbox: " + names[0]
	case len(names) > 0:
		where = fmt.Sprintf("%d mailboxes: %s", len(list), strings.Join(names, ", "))
	}
	reason, do := shortage(first.Why)
	return Sighting{Code: "notice.budget_exhausted", Subject: first.Registration + " " + first.App, Severity: graphwarden.Warning, Since: first.Since,
		Say: fmt.Sprintf("The calls of the app %s through %s wait (%s): %s", first.App, first.Registration, where, reason), Do: do}
}

// shortage says what calls wait for, and what to do about it (graph-facts §5).
func shortage(why graphwarden.Shortage) (reason, do string) {
	switch why {
	case graphwarden.ShortOfCalls:
		return "Microsoft takes 10,000 calls in ten minutes from a registration in one mailbox, and they are spent.",
			"Nothing is lost. Read less often with sweep in the configuration, let the app ask for less, or give one of its flows a registration of its own."
	case graphwarden.ShortOfPlaces:
		return "Microsoft takes four calls at once from a registration in one mailbox, and all are under way.",
			"Nothing is lost. If it lasts, give one of the flows on these mailboxes a registration of its own."
	}
	return "Microsoft asked for it.",
		"Nothing is lost. If it lasts, look for other programs that use the same registration, and read less often with sweep in the configuration."
}
