package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// readGroups reads the members of a flow's groups and stores them. A group that
// cannot be read keeps the members that it had.
func (r *Roster) readGroups(ctx context.Context, f flow.Flow) error {
	var troubles []error
	for _, group := range f.Groups {
		if err := r.readGroup(ctx, f, group); err != nil {
			troubles = append(troubles, err)
		}
	}
	return errors.Join(troubles...)
}

func (r *Roster) readGroup(ctx context.Context, f flow.Flow, group string) error {
	var list []graphwarden.Mailbox
	var err error
	if reader, has := r.byGroup[f.Tenant]; has && r.groups != nil {
		list, err = r.groups.Members(ctx, reader, group)
	} else {
		err = &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: codeReaderMissing,
			Say: fmt.Sprintf("The tenant %s has no registration that reads the members of groups.", f.Tenant),
			Do:  "Name one as its reader; graphwarden connect " + f.Tenant + " reader --guide says what it needs."}
	}
	if err != nil {
		r.skip(ctx, graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Group: group}, err)
		return err
	}
	err = r.pinned.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, m := range list {
			if !guest(m) {
				continue
			}
			err := r.members.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Mailbox: m, Code: graphwarden.CodeGuest,
				Say: fmt.Sprintf("%s is a guest: the mailbox is in another organisation.", m.UPN)})
			if err != nil {
				return err
			}
		}
		if err := r.members.UnskipMailbox(ctx, tx, f.Name, group); err != nil {
			return err
		}
		return r.members.PutMembers(ctx, tx, f.Tenant, group, list)
	})
	if err != nil {
		return fmt.Errorf("storing the group %s: %w", group, err)
	}
	return nil
}

// guest says whether a member of a group comes from another organisation.
func guest(m graphwarden.Mailbox) bool { return strings.Contains(m.UPN, "#EXT#") }

// load publishes the flow at a place among the declared with the mailboxes that
// the store has for it. Where the store cannot be read the flow stays as it was.
func (r *Roster) load(ctx context.Context, place int) error {
	r.loading.Lock()
	defer r.loading.Unlock()
	f := r.declared[place]
	if f.People {
		return r.loadPeople(ctx, place)
	}
	var scope graphwarden.MailboxScope
	for _, m := range f.Mailboxes {
		found, known, err := r.pinned.Mailbox(ctx, f.Tenant, m.UPN)
		if err != nil {
			return fmt.Errorf("reading what is pinned: %w", err)
		}
		if known && !scope.Holds(found.ID) {
			scope = append(scope, graphwarden.Mailbox{ID: found.ID, UPN: m.UPN})
		}
	}
	in := map[string]bool{}
	for _, m := range scope {
		in[m.ID] = true
	}
	f.Whole = true
	refused, err := r.refused(ctx, f.Name)
	if err != nil {
		return err
	}
	for _, group := range f.Groups {
		if r.members == nil {
			break
		}
		list, known, err := r.members.Members(ctx, f.Tenant, group)
		if err != nil {
			return fmt.Errorf("reading members: %w", err)
		}
		f.Whole = f.Whole && (known || refused[group])
		for _, m := range list {
			if !in[m.ID] && !guest(m) {
				in[m.ID] = true
				scope = append(scope, m)
			}
		}
	}
	f.Mailboxes = scope
	return r.publish(map[int]flow.Flow{place: f})
}

// refused are the groups of a flow of which Microsoft has said that they cannot be
// read. One that was never read before has no members to keep; a group about which
// nothing is known yet may have anybody in it.
func (r *Roster) refused(ctx context.Context, flow string) (map[string]bool, error) {
	if r.members == nil {
		return nil, nil
	}
	skipped, err := r.members.Skipped(ctx, flow)
	if err != nil {
		return nil, fmt.Errorf("reading which groups are skipped: %w", err)
	}
	out := map[string]bool{}
	for _, k := range skipped {
		if k.Group != "" {
			out[k.Group] = true
		}
	}
	return out, nil
}

// loadPeople publishes a flow with the mailboxes of those who signed in for it.
func (r *Roster) loadPeople(ctx context.Context, place int) (err error) {
	f := r.declared[place]
	f.Mailboxes, f.Whole = nil, true
	if r.people != nil {
		if f.Mailboxes, err = r.people(ctx, f.Name); err != nil {
			return fmt.Errorf("reading who has signed in: %w", err)
		}
	}
	return r.publish(map[int]flow.Flow{place: f})
}
