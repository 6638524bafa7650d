package connect

import (
	"context"
	"errors"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// PinBy pins the mailboxes of one tenant's flows as an administrator finds them who
// signed in for that, and publishes what there is then.
func (r *Roster) PinBy(ctx context.Context, tenant string, users Directory, as flow.Flow) (Visit, error) {
	v := Visit{Missing: []string{}}
	seen := map[string]bool{}
	for _, f := range r.declared {
		if f.Tenant != tenant {
			continue
		}
		for _, m := range f.Mailboxes {
			if seen[m.UPN] {
				continue
			}
			seen[m.UPN] = true
			err := r.pin(ctx, f, m.UPN, users, as)
			var refusal *graphwarden.Refusal
			switch {
			case err == nil:
				v.Pinned++
			case errors.As(err, &refusal):
				v.Missing = append(v.Missing, m.UPN+": "+refusal.Say)
			default:
				return v, err
			}
		}
	}
	return v, r.loadAll(ctx)
}
