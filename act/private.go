package act

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/item"
)

// hides says whether an event shows the app of a flow its time only, or nothing.
func hides(f flow.Flow, body json.RawMessage) bool {
	return !f.ShowsPrivate && item.Private(body)
}

// unasked are the properties of a private event that an app may change which is shown
// its time only: item.Unasked, and those that apps keep in events for themselves.
func unasked() []string {
	return append(item.Unasked(), "singleValueExtendedProperties", "multiValueExtendedProperties")
}

// hidden refuses a write into an event that hides from its app what the write, or its
// refusal, would tell: in the same words whatever is hidden.
func hidden(f flow.Flow, in graphwarden.Intent, body json.RawMessage) *graphwarden.Refusal {
	if !hides(f, body) {
		return nil
	}
	const do = "Leave that to the person, or have the flow shown private events (private: full)."
	switch in.Kind {
	case graphwarden.CancelEvent:
		return refuse(graphwarden.Denied, "act.private", "event", "The event is private, and the flow is not shown who organizes it.",
			"Delete it: where the mailbox organizes it, Microsoft tells the attendees. Or have the flow shown private events (private: full).")
	case graphwarden.RespondEvent:
		return refuse(graphwarden.Denied, "act.private", "event", "The event is private, and the flow is not shown who invites to it.", do)
	case graphwarden.UpdateEvent:
	default:
		return nil
	}
	var change map[string]json.RawMessage
	_ = json.Unmarshal(in.Request, &change) // the room wrote it
	for _, name := range slices.Sorted(maps.Keys(change)) {
		if name == "sensitivity" && item.Private(json.RawMessage(`{"sensitivity":`+string(change[name])+`}`)) || slices.Contains(unasked(), name) {
			continue
		}
		return refuse(graphwarden.Denied, "act.private", "change."+name,
			fmt.Sprintf("The event is private, and the flow, which is shown its time only, may not change %s.", name), do)
	}
	return nil
}

// heard says whether the app may read why Microsoft refuses a write: of an event of its
// own making, or of one that was read and is not hidden from it.
func heard(f flow.Flow, in graphwarden.Intent) bool {
	return f.ShowsPrivate || in.Kind == graphwarden.CreateEvent || mails(in.Kind) || beforeOf(in).Open
}

// Hides says of the event of a write whether it hides what was kept of it from the write's
// app: it is private by now, or nobody can say, because it is gone or cannot be asked for.
// It asks Microsoft, and is for those of which the copy knows nothing.
func (a *Act) Hides(ctx context.Context, in graphwarden.Intent) bool {
	for _, f := range a.config.Roster.Flows() {
		if f.Name != in.Flow || !f.Mailboxes.Holds(in.Mailbox.ID) {
			continue
		}
		if f.ShowsPrivate {
			return false
		}
		body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
		if item.Series(body) != "" {
			body = item.Fill(body, nil) // a date that does not say is private: its series may be
		}
		return err != nil || body == nil || hides(f, body)
	}
	return true
}
