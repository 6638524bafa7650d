package mirror

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Directory knows whose mailboxes are.
type Directory interface {
	// Person finds a user by object id, as far as the tenant's reader may see it.
	Person(ctx context.Context, tenant, id string) (graph.Person, error)
}

// why says why a mailbox cannot be read. Graph has one answer for a user without
// a licence, a guest, a mailbox on premises and one that was deleted ("either
// inactive, soft-deleted, or is hosted on-premise"; the Microsoft support article
// 4462988, and microsoft-graph-docs issues 405 and 5146 for guests), so the
// directory is asked; and one for an app without consent and for one whose
// Exchange role leaves this mailbox out, which differ in what else can be read.
func (m *Mirror) why(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox, err error) (code, say string) {
	code, say = graphwarden.Explain(err)
	var better *graphwarden.Refusal
	switch code {
	case graph.CodeMailboxNotEnabled, graph.CodeMailboxUnknown:
		better = m.whereabouts(ctx, f, mailbox)
	case graph.CodeNotConsented:
		better = m.outOfScope(ctx, f, mailbox)
	}
	if better == nil {
		return code, say
	}
	return better.Code, better.Say
}

// whereabouts asks the directory about a mailbox that is not there; nil when it
// does not know better.
func (m *Mirror) whereabouts(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox) *graphwarden.Refusal {
	if m.config.Directory == nil {
		return nil
	}
	person, err := m.config.Directory.Person(ctx, f.Tenant, mailbox.ID)
	switch {
	case graph.Is(err, graph.CodeUserUnknown):
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "mirror.mailbox_deleted",
			Say: fmt.Sprintf("The user of the mailbox %s was deleted.", mailbox.UPN),
			Do:  fmt.Sprintf("Restore the user within 30 days, or remove it from the flow %s.", f.Name)}
	case err != nil:
		return nil
	case strings.Contains(person.UPN, "#EXT#"):
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: graphwarden.CodeGuest,
			Say: fmt.Sprintf("%s is a guest: the mailbox is in another organisation.", mailbox.UPN),
			Do:  fmt.Sprintf("Remove it from the flow %s.", f.Name)}
	case person.Mail == "":
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "mirror.mailbox_none",
			Say: fmt.Sprintf("The user %s has no mailbox and no mail address.", mailbox.UPN),
			Do:  fmt.Sprintf("Give the user a licence with Exchange Online, or remove it from the flow %s.", f.Name)}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "mirror.mailbox_elsewhere",
		Say: fmt.Sprintf("The user %s is there and has the address %s, but no mailbox in Exchange Online: it is on premises, or its licence was taken away.", mailbox.UPN, person.Mail),
		Do:  fmt.Sprintf("Give the user a licence with Exchange Online or move the mailbox there, or remove it from the flow %s.", f.Name)}
}

// codeOutOfScope stands for a mailbox that the app's Exchange role leaves out.
const codeOutOfScope = "mirror.mailbox_out_of_scope"

// outOfScope says of a mailbox that is denied while others of its flow are read
// that the app's Exchange role leaves it out; nil when none was read since it is
// denied. That others have feeds says nothing: consent that was taken back denies
// them all, one after the other.
func (m *Mirror) outOfScope(ctx context.Context, f flow.Flow, mailbox graphwarden.Mailbox) *graphwarden.Refusal {
	skipped, err := m.config.Skips.Skipped(ctx, f.Name)
	if err != nil {
		return nil
	}
	since := m.setbacks.began(calendarsOf(f.Name, mailbox.ID), m.config.Now())
	for _, k := range skipped {
		if k.Mailbox.ID == mailbox.ID && (k.Code == codeOutOfScope || k.Code == graph.CodeNotConsented) && k.Since.Before(since) {
			since = k.Since // so it was before this process began
		}
	}
	read, err := m.config.Standing.ReadSince(ctx, f.Name, since)
	if err != nil {
		return nil
	}
	other := slices.ContainsFunc(read, func(id string) bool {
		return id != mailbox.ID && f.Mailboxes.Holds(id) &&
			!slices.ContainsFunc(skipped, func(k graphwarden.Skipped) bool { return k.Mailbox.ID == id })
	})
	if !other {
		return nil
	}
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: codeOutOfScope,
		Say: fmt.Sprintf("The registration %s can read other mailboxes of the flow %s, but not %s: the scope of its Exchange role leaves it out.", f.Registration, f.Name, mailbox.UPN),
		Do:  "Widen the scope of the role assignment in Exchange, or remove the mailbox from the flow; a change takes up to two hours."}
}
