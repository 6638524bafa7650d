package calendar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// meeting is Anna's, with Ben and somebody from outside.
func meeting(n *tenant, more doc) *calendar.Event {
	n.Helper()
	body := with(doc{"attendees": []any{guest("Ben@contoso.example"), guest("eve@elsewhere.example")}})
	for name, value := range more {
		body[name] = value
	}
	return n.create(n.anna, body)
}

func (n *tenant) respond(e *calendar.Event, verb string, body doc) error {
	return n.Update(func(tx *state.Tx) error {
		a, err := calendar.ReadAnswer(verb, body)
		if err != nil {
			return err
		}
		return n.cal.Respond(tx, e, a)
	})
}

// answers gives how those invited answered, on the organizer's event.
func (n *tenant) answers(e *calendar.Event) string {
	n.Helper()
	var out []string
	for _, a := range e.Attendees {
		out = append(out, strings.SplitN(a.Address, "@", 2)[0]+" "+a.Response.Given)
	}
	return strings.Join(out, ", ")
}

func TestAnInvitationIsAnEventOfTheAttendees(t *testing.T) {
	n := start(t)
	mine := meeting(n, doc{"categories": []any{"Red"}, "transactionId": "once"})
	his := n.only(n.ben)
	if his.Key == mine.Key || his.UID != mine.UID {
		t.Errorf("the attendee's event has key %s and uid %s", his.Key, his.UID)
	}
	d := n.doc(his)
	for name, want := range map[string]any{"isOrganizer": false, "showAs": "tentative", "subject": "Plan", "iCalUId": n.doc(mine)["iCalUId"]} {
		if d[name] != want {
			t.Errorf("%s is %v, want %v", name, d[name], want)
		}
	}
	if r := d["responseStatus"].(doc); r["response"] != "notResponded" || r["time"] != "0001-01-01T00:00:00Z" {
		t.Errorf("responseStatus is %v", r)
	}
	if len(his.Categories) > 0 || his.TransactionID != "" {
		t.Error("what is the organizer's alone was passed on")
	}
	if o := d["organizer"].(doc)["emailAddress"].(doc); o["address"] != "anna@contoso.example" || o["name"] != "Anna Adler" {
		t.Errorf("the organizer is %v", o)
	}
	if a := mine.Attendees[0]; a.Address != "ben@contoso.example" || a.Name != "Ben Brand" {
		t.Errorf("the attendee is listed as %v, not as the directory has him", a)
	}
}

func TestAnswersReachTheOrganizer(t *testing.T) {
	for verb, c := range map[string]struct{ given, showAs string }{
		"accept":            {"accepted", "busy"},
		"tentativelyAccept": {"tentativelyAccepted", "tentative"},
	} {
		t.Run(verb, func(t *testing.T) {
			n := start(t)
			meeting(n, nil)
			if err := n.respond(n.only(n.ben), verb, doc{}); err != nil {
				t.Fatal(err)
			}
			if his := n.only(n.ben); his.Response.Given != c.given || his.ShowAs != c.showAs || his.Response.At.IsZero() {
				t.Errorf("his event is %v, shown as %s", his.Response, his.ShowAs)
			}
			if got := n.answers(n.only(n.anna)); got != "ben "+c.given+", eve none" {
				t.Errorf("the organizer sees %s", got)
			}
		})
	}
	t.Run("decline", func(t *testing.T) {
		n := start(t)
		meeting(n, nil)
		if err := n.respond(n.only(n.ben), "decline", doc{"proposedNewTime": doc{"start": at("2026-03-11T10:00:00"), "end": at("2026-03-11T11:00:00")}}); err != nil {
			t.Fatal(err)
		}
		if left := n.view(n.ben); len(left) != 0 {
			t.Errorf("who declined still has %d events", len(left))
		}
		mine := n.only(n.anna)
		if got := n.answers(mine); got != "ben declined, eve none" || mine.Attendees[0].Proposed == nil {
			t.Errorf("the organizer sees %s and the proposal %v", got, mine.Attendees[0].Proposed)
		}
	})
	t.Run("silently", func(t *testing.T) {
		n := start(t)
		meeting(n, nil)
		if err := n.respond(n.only(n.ben), "accept", doc{"SendResponse": false}); err != nil {
			t.Fatal(err)
		}
		if got := n.answers(n.only(n.anna)); got != "ben none, eve none" || n.only(n.ben).Response.Given != "accepted" {
			t.Errorf("the organizer sees %s", got)
		}
	})
}

func TestAnswersThatExchangeDoesNotTake(t *testing.T) {
	slot := doc{"start": at("2026-03-11T10:00:00"), "end": at("2026-03-11T11:00:00")}
	for name, c := range map[string]struct {
		organizer bool
		meeting   doc
		body      doc
		says      string
	}{
		"the organizer's own":          {true, nil, doc{}, "you're the meeting organizer"},
		"a proposal without a message": {false, nil, doc{"sendResponse": false, "proposedNewTime": slot}, "without sending a response"},
		"a proposal nobody wants":      {false, doc{"allowNewTimeProposals": false}, doc{"proposedNewTime": slot}, "doesn't allow new time proposals"},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			e := meeting(n, c.meeting)
			if !c.organizer {
				e = n.only(n.ben)
			}
			err := n.respond(e, "tentativelyAccept", c.body)
			if code(err) != "ErrorInvalidRequest" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the answer is %v", err)
			}
		})
	}
}

func TestWhatTheOrganizerChangesReachesTheAttendees(t *testing.T) {
	n := start(t)
	mine := meeting(n, nil)
	if err := n.respond(n.only(n.ben), "accept", doc{}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.patch(mine, doc{"subject": "New plan", "categories": []any{"Red"}, "showAs": "oof"}); err != nil {
		t.Fatal(err)
	}
	his := n.only(n.ben)
	if his.Subject != "New plan" || his.Response.Given != "accepted" || his.ShowAs != "busy" || len(his.Categories) > 0 {
		t.Errorf("a new subject made of his event %+v", his)
	}
	if _, err := n.patch(mine, doc{"start": at("2026-03-12T10:00:00"), "end": at("2026-03-12T11:00:00")}); err != nil {
		t.Fatal(err)
	}
	his = n.only(n.ben)
	if his.Response.Given != "notResponded" || his.ShowAs != "tentative" || his.Start.At.Day() != 12 {
		t.Errorf("a new time made of his event %v at %v", his.Response, his.Start.At)
	}
	if got := n.answers(n.only(n.anna)); got != "ben none, eve none" {
		t.Errorf("after a new time the organizer sees %s", got)
	}
}

func TestWhoDeclinedIsAskedAgainWhenTheMeetingMoves(t *testing.T) {
	n := start(t)
	mine := meeting(n, nil)
	if err := n.respond(n.only(n.ben), "decline", doc{}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.patch(mine, doc{"subject": "New plan"}); err != nil || len(n.view(n.ben)) > 0 {
		t.Errorf("a new subject brought it back: %v", err)
	}
	if _, err := n.patch(mine, doc{"end": at("2026-03-10T12:00:00")}); err != nil || n.only(n.ben).Response.Given != "notResponded" {
		t.Errorf("a new time did not bring it back: %v", err)
	}
}

func TestWhoIsTakenOffAMeetingSeesItCancelled(t *testing.T) {
	for name, act := range map[string]func(n *tenant, tx *state.Tx, e *calendar.Event) error{
		"taken off the list": func(n *tenant, tx *state.Tx, e *calendar.Event) error {
			_, err := n.cal.Update(tx, e, doc{"attendees": []any{guest("eve@elsewhere.example")}})
			return err
		},
		"deleted":   func(n *tenant, tx *state.Tx, e *calendar.Event) error { n.cal.Delete(tx, e); return nil },
		"cancelled": func(n *tenant, tx *state.Tx, e *calendar.Event) error { return n.cal.Cancel(tx, e) },
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			mine := meeting(n, nil)
			n.change(func(tx *state.Tx) error { return act(n, tx, mine) })
			if his := n.only(n.ben); !his.Cancelled || his.Subject != "Canceled: Plan" || his.ShowAs != "free" {
				t.Errorf("his event is %q, cancelled %v, shown as %s", his.Subject, his.Cancelled, his.ShowAs)
			}
			if name != "taken off the list" && len(n.view(n.anna)) > 0 {
				t.Error("the organizer still has it")
			}
		})
	}
}

func TestWhoIsInvitedAgainHasTheMeetingAgain(t *testing.T) {
	n := start(t)
	mine := meeting(n, nil)
	everybody := []any{guest("ben@contoso.example"), guest("eve@elsewhere.example")}
	for _, attendees := range [][]any{everybody[1:], everybody} {
		if _, err := n.patch(mine, doc{"attendees": attendees}); err != nil {
			t.Fatal(err)
		}
	}
	if his := n.only(n.ben); his.Cancelled || his.Subject != "Plan" || his.Response.Given != "notResponded" {
		t.Errorf("he has %q, cancelled %v, %v", his.Subject, his.Cancelled, his.Response)
	}
}

func TestACancelledOccurrenceOfACancelledSeries(t *testing.T) {
	n := start(t)
	master := standup(n, doc{"attendees": []any{guest("ben@contoso.example")}})
	occurrence := n.on(master, "2026-03-17")
	n.change(func(tx *state.Tx) error { return n.cal.Cancel(tx, occurrence) })
	n.change(func(tx *state.Tx) error {
		n.cal.Delete(tx, n.must(tx, master.Key))
		return nil
	})
	for _, e := range n.view(n.ben) {
		if e.Subject != "Canceled: Plan" || !e.Cancelled {
			t.Errorf("of %s he has %q", e.Date, e.Subject)
		}
	}
}

func TestOnlyTheOrganizerCancels(t *testing.T) {
	n := start(t)
	meeting(n, nil)
	his := n.only(n.ben)
	if err := n.Update(func(tx *state.Tx) error { return n.cal.Cancel(tx, his) }); code(err) != "ErrorInvalidRequest" {
		t.Errorf("an attendee's cancel is answered %v", err)
	}
	n.remove(his)
	if got := n.answers(n.only(n.anna)); got != "ben none, eve none" {
		t.Errorf("after an attendee deleted it, the organizer sees %s", got)
	}
}

func TestRoomsAnswerByThemselves(t *testing.T) {
	n := start(t)
	withRoom := func(more doc) *calendar.Event {
		body := with(doc{"attendees": []any{doc{"type": "resource", "emailAddress": doc{"address": "room1@contoso.example"}}},
			"body": doc{"contentType": "text", "content": "secret"}})
		for name, value := range more {
			body[name] = value
		}
		return n.create(n.anna, body)
	}
	first := withRoom(nil)
	if got := n.answers(first); got != "room1 accepted" {
		t.Errorf("a free room answered %s", got)
	}
	if e := n.only(n.room); e.Subject != "Anna Adler" || e.Body.Content != "" || e.ShowAs != "busy" || e.Response.Given != "accepted" {
		t.Errorf("the room has %q %q as %s", e.Subject, e.Body.Content, e.ShowAs)
	}
	if got := n.answers(withRoom(doc{"start": at("2026-03-10T10:30:00"), "end": at("2026-03-10T12:00:00")})); got != "room1 declined" {
		t.Errorf("a taken room answered %s", got)
	}
	if got := n.answers(withRoom(doc{"start": at("2026-03-03T10:30:00"), "end": at("2026-03-03T11:00:00"), "recurrence": weekly("2026-03-03", "tuesday")})); got != "room1 declined" {
		t.Errorf("a room that one occurrence cannot have answered %s", got)
	}
	later := withRoom(doc{"start": at("2026-03-10T11:00:00"), "end": at("2026-03-10T12:00:00")})
	if got := n.answers(later); got != "room1 accepted" {
		t.Errorf("a room that is free from then on answered %s", got)
	}
	moved, err := n.patch(later, doc{"start": at("2026-03-10T10:00:00"), "end": at("2026-03-10T10:30:00")})
	if err != nil || n.answers(moved) != "room1 declined" || len(n.view(n.room)) != 1 {
		t.Errorf("moved onto another meeting, the room answered %s and has %v", n.answers(moved), starts(n.view(n.room)))
	}
	n.remove(first)
	if left := n.view(n.room); len(left) != 0 {
		t.Errorf("a cancelled meeting is still in the room: %v", starts(left))
	}
}

func TestGroupsAccept(t *testing.T) {
	n := start(t)
	mine := n.create(n.anna, with(doc{"attendees": []any{guest("sales@contoso.example")}}))
	if got := n.answers(mine); got != "sales accepted" || n.only(n.group).Response.Given != "accepted" {
		t.Errorf("the group answered %s", got)
	}
	own := n.create(n.group, with(doc{"attendees": []any{guest("ben@contoso.example")}}))
	if own.Organizer.Name != "Sales" || n.only(n.ben).Organizer.Name != "Sales" {
		t.Errorf("the group's meeting is organized by %v", own.Organizer)
	}
}

func TestOneOccurrenceOfAMeeting(t *testing.T) {
	n := start(t)
	master := standup(n, doc{"attendees": []any{guest("ben@contoso.example")}})
	his := n.view(n.ben)
	if len(his) != 8 {
		t.Fatalf("the attendee has %d occurrences", len(his))
	}

	if err := n.respond(his[1], "accept", doc{}); err != nil {
		t.Fatal(err)
	}
	if e := n.on(master, "2026-03-17"); e.Kind != calendar.Exception || n.answers(e) != "ben accepted" {
		t.Errorf("the organizer's occurrence is %s, %s", e.Kind, n.answers(e))
	}
	if e := n.view(n.ben)[1]; e.Response.Given != "accepted" || e.ShowAs != "busy" {
		t.Errorf("his occurrence is %v", e.Response)
	}
	if e := n.on(master, "2026-03-24"); n.answers(e) != "ben none" {
		t.Errorf("the next occurrence is %s", n.answers(e))
	}

	if err := n.respond(n.view(n.ben)[2], "decline", doc{}); err != nil {
		t.Fatal(err)
	}
	if e := n.on(master, "2026-03-24"); n.answers(e) != "ben declined" || len(n.view(n.ben)) != 7 {
		t.Errorf("after declining one, the organizer sees %s and he has %v", n.answers(e), starts(n.view(n.ben)))
	}

	if _, err := n.patch(n.on(master, "2026-03-31"), doc{"start": at("2026-04-01T10:00:00"), "end": at("2026-04-01T11:00:00")}); err != nil {
		t.Fatal(err)
	}
	if got := starts(n.view(n.ben)); !slices.Contains(got, "04-01T08:00") || slices.Contains(got, "03-31T08:00") {
		t.Errorf("after one was moved he has %v", got)
	}

	occurrence := n.on(master, "2026-04-07")
	n.change(func(tx *state.Tx) error { return n.cal.Cancel(tx, occurrence) })
	for _, e := range n.view(n.ben) {
		if want := e.Date == "2026-04-07"; e.Cancelled != want {
			t.Errorf("the occurrence of %s is cancelled: %v", e.Date, e.Cancelled)
		}
	}

	if _, err := n.patch(n.on(master, "2026-04-14"), doc{"attendees": []any{guest("ben@contoso.example"), guest("sales@contoso.example")}}); err != nil {
		t.Fatal(err)
	}
	if e := n.only(n.group); e.Kind != calendar.Single || e.UID != master.UID {
		t.Errorf("who is invited to one occurrence has %s", e.Kind)
	}
}

func TestWhoIsInvitedLaterGetsTheExceptions(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	if _, err := n.patch(n.on(master, "2026-03-17"), doc{"subject": "Special"}); err != nil {
		t.Fatal(err)
	}
	n.remove(n.on(master, "2026-03-24"))
	if _, err := n.patch(master, doc{"attendees": []any{guest("ben@contoso.example")}}); err != nil {
		t.Fatal(err)
	}
	his := n.view(n.ben)
	if len(his) != 7 || his[1].Subject != "Special" || his[1].Kind != calendar.Exception {
		t.Errorf("he has %v, the second is %q", starts(his), his[1].Subject)
	}
}

func TestAttendeesWhoAreHiddenFromEachOther(t *testing.T) {
	n := start(t)
	mine := meeting(n, doc{"hideAttendees": true})
	if got := n.answers(n.only(n.ben)); got != "ben none" || len(mine.Attendees) != 2 {
		t.Errorf("he sees %s", got)
	}
}

func TestAForwardedMeeting(t *testing.T) {
	n := start(t)
	meeting(n, nil)
	his := n.only(n.ben)
	n.change(func(tx *state.Tx) error {
		return n.cal.Forward(tx, his, []any{doc{"emailAddress": doc{"address": "sales@contoso.example"}}})
	})
	if got := n.answers(n.only(n.anna)); got != "ben none, eve none, sales accepted" || n.only(n.group).UID != his.UID {
		t.Errorf("the organizer sees %s", got)
	}
}

func TestASharedCalendarShowsWhatItsRoleAllows(t *testing.T) {
	open, private := with(doc{"subject": "Open", "location": doc{"displayName": "Attic"}}), with(doc{"subject": "Secret", "sensitivity": "private"})
	for role, want := range map[mailbox.Role][2]string{
		mailbox.Owner:           {"Open", "Secret"},
		mailbox.PrivateDelegate: {"Open", "Secret"},
		mailbox.Delegate:        {"Open", "Private Appointment"},
		mailbox.Writer:          {"Open", "Private Appointment"},
		mailbox.Reader:          {"Open", "Private Appointment"},
		mailbox.LimitedRead:     {"Open", "Private Appointment"},
		mailbox.FreeBusyRead:    {"Private Appointment", "Private Appointment"},
	} {
		n := start(t)
		a, b := n.create(n.anna, open), n.create(n.anna, private)
		_ = n.View(func(tx *state.Tx) error {
			v := calendar.View{Zone: outlook.UTC(), Role: role}
			if got := [2]string{a.Doc(n.cal, tx, v)["subject"].(string), b.Doc(n.cal, tx, v)["subject"].(string)}; got != want {
				t.Errorf("%s sees %v", role, got)
			}
			if body := b.Doc(n.cal, tx, v); want[1] != "Secret" && body["attendees"] != nil {
				t.Errorf("%s sees the attendees of a private event", role)
			}
			return nil
		})
	}
}
