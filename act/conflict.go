package act

import (
	"encoding/json"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// conflict settles by the flow's policy that an event is not as the app knew it; nil
// says that the write goes on over it.
func (a *Act) conflict(f flow.Flow, in *graphwarden.Intent, body json.RawMessage) *settled {
	if f.Conflicts == flow.AppWins {
		b := beforeOf(*in)
		b.Loser = bare(body)
		in.Before = b.write()
		return nil
	}
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentLost, Result: bare(body)}
	if f.Conflicts != flow.MicrosoftWins {
		in.Outcome.State = graphwarden.IntentRefused
		in.Outcome.Refusal = refuse(graphwarden.Conflict, "act.conflict", "If-Match", "The event was changed in Microsoft 365 since the version that the request names.",
			"Read the event again, and write what is still wanted; the version that was not written is kept with the write.")
	}
	return &settled{*in, &graphwarden.Loser{Side: "app", ETag: see(body).ETag, Body: appVersion(*in)}}
}

// appVersion is what the app wanted, as it is kept when it loses.
func appVersion(in graphwarden.Intent) json.RawMessage {
	if len(in.Request) == 0 {
		return json.RawMessage(`{"write":"` + string(in.Kind) + `"}`)
	}
	return in.Request
}

// keepsOnline refuses a change of a body that would lose the link of an online
// meeting, and the meeting with it (documentation of Update event).
func keepsOnline(in graphwarden.Intent, s seen) *graphwarden.Refusal {
	var change struct {
		Body *struct{ Content string }
	}
	if in.Kind != graphwarden.UpdateEvent || !s.Online || s.Meeting.JoinURL == "" || json.Unmarshal(in.Request, &change) != nil || change.Body == nil ||
		containsLink(change.Body.Content, s.Meeting.JoinURL) {
		return nil
	}
	return refuse(graphwarden.Invalid, "act.online_body", "change.body", "The new body lacks the link of the online meeting, which would end the meeting.",
		"Take the body as it is, and change the text around the part of the meeting.")
}

// containsLink looks for a link in a text or a page, in which an ampersand is
// written out.
func containsLink(content, link string) bool {
	return strings.Contains(content, link) || strings.Contains(content, strings.ReplaceAll(link, "&", "&amp;"))
}

// loserOf gives Microsoft's version that a write went over, if there is one.
func loserOf(in graphwarden.Intent) *graphwarden.Loser {
	b := beforeOf(in)
	if b.Loser == nil {
		return nil
	}
	return &graphwarden.Loser{Side: "microsoft", ETag: see(b.Loser).ETag, Body: b.Loser}
}
