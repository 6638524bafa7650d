package calendar

import (
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"html"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

func (r *reading) provider(name string, v any) error {
	p, err := outlook.Enum(name, v, "unknown", mailbox.Teams, "skypeForBusiness", "skypeForConsumer")
	if err != nil || p == "unknown" || p == mailbox.Teams {
		return err
	}
	return outlook.Invalid("The online meeting provider '%s' is not among the calendar's allowedOnlineMeetingProviders.", p)
}

// online makes the event an online meeting. Once it is one, the property is not
// listened to any more (documentation of the event resource).
func (r *reading) online(name string, v any) error {
	on, err := outlook.Flag(name, v)
	if err == nil && on && r.Online == nil {
		r.Online = &Online{Provider: mailbox.Teams}
	}
	return err
}

// keepOnline disables the online meeting if its link is gone from the body
// (documentation of Update event: "removing the meeting blob from the body would
// disable meeting online").
func (r *reading) keepOnline() {
	if r.Online != nil && !strings.Contains(r.Body.Content, r.Online.JoinURL) {
		r.Online = nil
	}
}

// settleOnline gives a new online meeting its link and puts it in the body. It
// says whether it did.
func (r *reading) settleOnline() bool {
	if r.Online == nil || r.Online.JoinURL != "" {
		return false
	}
	thread := base64.RawURLEncoding.EncodeToString([]byte(world.StableID(0, "thread", r.Key)))
	context := fmt.Sprintf(`{"Tid":"%s","Oid":"%s"}`, r.c.world.TenantID, r.Mailbox)
	r.Online = &Online{
		Provider: mailbox.Teams,
		JoinURL: "https://teams.microsoft.com/l/meetup-join/19%3ameeting_" + thread +
			"%40thread.v2/0?context=" + url.QueryEscape(context),
		Conference: fmt.Sprintf("%09d", crc32.ChecksumIEEE([]byte(r.Key))%1_000_000_000),
	}
	r.Body = outlook.Body{HTML: true, Content: invitation(r.Body.Page(), r.Online.JoinURL)}
	return true
}

// invitation puts the link of an online meeting at the end of a page.
func invitation(page, link string) string {
	line := strings.Repeat("_", 80)
	blob := "<div>" + line + "<br>\r\nMicrosoft Teams<br>\r\n<a href=\"" + html.EscapeString(link) +
		"\">Join the meeting now</a><br>\r\n" + line + "</div>\r\n"
	if end := strings.LastIndex(page, "</body>"); end >= 0 {
		return page[:end] + blob + page[end:]
	}
	return page + blob
}

// onlineDoc writes onlineMeeting.
func (e *Event) onlineDoc() any {
	if e.Online == nil {
		return nil
	}
	return Doc{"joinUrl": e.Online.JoinURL, "conferenceId": e.Online.Conference}
}
