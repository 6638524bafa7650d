package connect

import (
	"cmp"
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// skip remembers why a name or a group is not read, where the answer tells. What
// was known before stays while nobody answers.
func (r *Roster) skip(ctx context.Context, k graphwarden.Skipped, why error) {
	if r.members == nil || ctx.Err() != nil || !graphwarden.Tells(why) {
		return
	}
	k.Code, k.Say = graphwarden.Explain(why)
	err := r.pinned.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return r.members.SkipMailbox(ctx, tx, k)
	})
	if err != nil && ctx.Err() == nil {
		r.log.Info("noting what is skipped", "flow", k.Flow, "name", k.Mailbox.UPN, "group", k.Group, "reason", err)
	}
}

// tidySkips forgets what was skipped of a flow that is not in its scope any more: a
// name that was corrected, a guest who left the group, a group that was taken out.
func (r *Roster) tidySkips(ctx context.Context, declared flow.Flow) error {
	f, known := r.Flow(declared.Name)
	if r.members == nil || !known {
		return nil
	}
	skipped, err := r.members.Skipped(ctx, f.Name)
	if err != nil || len(skipped) == 0 {
		return err
	}
	in, err := r.inScope(ctx, declared, f)
	if err != nil {
		return err
	}
	for _, k := range skipped {
		key := cmp.Or(k.Group, k.Mailbox.ID, k.Mailbox.UPN)
		if in[key] {
			continue
		}
		err := r.pinned.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			return r.members.UnskipMailbox(ctx, tx, f.Name, key)
		})
		if err != nil {
			return fmt.Errorf("forgetting that %s was skipped: %w", key, err)
		}
	}
	return nil
}

// inScope are the keys of all that may be skipped of a flow: the ids of mailboxes
// and groups, and the names that are not pinned.
func (r *Roster) inScope(ctx context.Context, declared, f flow.Flow) (map[string]bool, error) {
	in := map[string]bool{}
	for _, m := range f.Mailboxes {
		in[m.ID] = true
	}
	for _, m := range declared.Mailboxes {
		_, pinned, err := r.pinned.Mailbox(ctx, f.Tenant, m.UPN)
		if err != nil {
			return nil, err
		}
		in[m.UPN] = !pinned
	}
	for _, group := range declared.Groups {
		in[group] = true
		list, _, err := r.members.Members(ctx, f.Tenant, group)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			in[m.ID] = true
		}
	}
	return in, nil
}
