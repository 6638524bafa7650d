package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/ics"
	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// load imports a file into Anna's calendar.
func (n *tenant) load(file string) (events []*calendar.Event, said []string) {
	n.Helper()
	items, _, err := ics.Parse(strings.NewReader(strings.ReplaceAll(file, "\n", "\r\n")), ics.Options{File: "x.ics"})
	if err != nil {
		n.Fatal(err)
	}
	n.change(func(tx *state.Tx) error {
		x, err := n.boxes.Calendar(tx, n.anna, "")
		for _, item := range items {
			e, more, failed := n.cal.Import(tx, x, item)
			if failed != nil {
				return failed
			}
			events, said = append(events, e), append(said, more...)
		}
		return err
	})
	return events, said
}

const file = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:abc@elsewhere.example
DTSTART;TZID=Europe/Berlin:20260310T100000
DTEND;TZID=Europe/Berlin:20260310T110000
RRULE:FREQ=WEEKLY;COUNT=4
EXDATE;TZID=Europe/Berlin:20260324T100000
SUMMARY:Choir
ORGANIZER;CN=Eve:mailto:eve@elsewhere.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@contoso.example
ATTENDEE;PARTSTAT=DECLINED:mailto:ben@contoso.example
END:VEVENT
BEGIN:VEVENT
UID:abc@elsewhere.example
RECURRENCE-ID;TZID=Europe/Berlin:20260317T100000
DTSTART;TZID=Europe/Berlin:20260317T120000
DTEND;TZID=Europe/Berlin:20260317T130000
SUMMARY:Choir
END:VEVENT
END:VCALENDAR
`

func TestAFileIsTakenAsItIs(t *testing.T) {
	n := start(t)
	events, said := n.load(file)
	if len(events) != 1 || len(said) > 0 {
		t.Fatalf("%d events, said %v", len(events), said)
	}
	n.wantStarts(n.anna, "03-10T09:00", "03-17T11:00", "03-31T08:00")
	e := events[0]
	d := n.doc(e)
	for name, want := range map[string]any{"isOrganizer": false, "iCalUId": "abc@elsewhere.example", "subject": "Choir", "type": "seriesMaster"} {
		if d[name] != want {
			t.Errorf("%s is %v, want %v", name, d[name], want)
		}
	}
	if e.Response.Given != "accepted" || e.Organizer.Address != "eve@elsewhere.example" || n.answers(e) != "anna accepted, ben declined" {
		t.Errorf("it was answered %v to %v; %s", e.Response, e.Organizer, n.answers(e))
	}
	if len(n.view(n.ben)) > 0 {
		t.Error("an import invited somebody")
	}
	if uid := n.doc(n.on(e, "2026-03-31"))["iCalUId"].(string); !strings.HasPrefix(uid, "040000008200E00074C5B7101A82E00807EA031F") {
		t.Errorf("an occurrence has the iCalUId %s", uid)
	}
	if err := n.respond(e, "decline", doc{}); err != nil || len(n.view(n.anna)) > 0 {
		t.Errorf("a meeting of somebody outside cannot be declined: %v", err)
	}
}

func TestAnExceptionThatExchangeDoesNotTakeBecomesAnEvent(t *testing.T) {
	n := start(t)
	_, said := n.load(strings.Replace(strings.Replace(file, "DTSTART;TZID=Europe/Berlin:20260317T12", "DTSTART;TZID=Europe/Berlin:20260310T12", 1),
		"DTEND;TZID=Europe/Berlin:20260317T13", "DTEND;TZID=Europe/Berlin:20260310T13", 1))
	n.wantStarts(n.anna, "03-10T09:00", "03-10T11:00", "03-31T08:00")
	if len(said) != 1 || !strings.Contains(said[0], "2026-03-17") {
		t.Errorf("said %q", said)
	}
}

func TestAnImportOfOnesOwnMeeting(t *testing.T) {
	n := start(t)
	events, _ := n.load(strings.NewReplacer("eve@elsewhere.example", "anna@contoso.example", "DECLINED", "NEEDS-ACTION").Replace(file))
	if !events[0].IsOrganizer {
		t.Fatal("it is not hers")
	}
	if _, err := n.patch(events[0], doc{"subject": "Choir, new"}); err != nil {
		t.Fatal(err)
	}
	n.wantStarts(n.ben, "03-10T09:00", "03-31T08:00") // the exception lists nobody
	if his := n.view(n.ben); his[0].Subject != "Choir, new" {
		t.Errorf("after she changed it, who was listed has %q", his[0].Subject)
	}
}

func TestACompanysMeetingsAreHeld(t *testing.T) {
	build := func() (*tenant, *people.Company) {
		company := people.Generate(people.Options{Seed: 3, Users: 8, Domain: "contoso.example", Around: day("2026-03-02")})
		n := &tenant{T: t}
		n.make("", func(tx *state.Tx) error {
			hire(n.World, n.boxes, tx, company)
			return n.cal.Hold(tx, company.Meetings())
		})
		return n, company
	}
	n, company := build()
	n.anna = company.Users[0]["id"].(string)
	before := n.dump()
	if again, _ := build(); func() string { again.anna = n.anna; return again.dump() }() != before {
		t.Error("the same company has other calendars when it is built again")
	}
	kinds, answers := map[calendar.Kind]int{}, map[string]int{}
	for _, e := range n.view(n.anna) {
		kinds[e.Kind]++
		answers[e.Response.Given]++
		if e.IsOrganizer != (e.Response.Given == "organizer") {
			t.Errorf("%q of %s is answered %s", e.Subject, e.Organizer.Address, e.Response.Given)
		}
		if !e.Created.Before(e.Start.At) {
			t.Errorf("%q was made on %v", e.Subject, e.Created)
		}
	}
	for _, k := range []calendar.Kind{calendar.Single, calendar.Occurrence, calendar.Exception} {
		if kinds[k] == 0 {
			t.Errorf("there is no %s among %v", k, kinds)
		}
	}
	if len(answers) < 3 {
		t.Errorf("the answers are %v", answers)
	}
	_ = n.View(func(tx *state.Tx) error {
		x, _ := n.boxes.Calendar(tx, n.anna, "")
		if log := n.ChangesAfter(tx, calendar.Scope(x.Key), 0); len(log) > 0 {
			t.Errorf("what the tenant is built with is on the log: %d changes", len(log))
		}
		return nil
	})
}

func TestAttachmentsAreSharedByTheCopies(t *testing.T) {
	n := start(t)
	mine := meeting(n, doc{"attachments": []any{doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGk="}}})
	his := n.only(n.ben)
	names := func(e *calendar.Event) (out []string) {
		_ = n.View(func(tx *state.Tx) error {
			for _, d := range n.cal.AttachmentDocs(tx, e, false) {
				out = append(out, d["name"].(string))
			}
			return nil
		})
		return out
	}
	if got := names(his); !slices.Equal(got, []string{"a.txt"}) || n.doc(his)["hasAttachments"] != true {
		t.Errorf("the attendee has %v", got)
	}
	n.remove(mine)
	if got := names(n.only(n.ben)); len(got) != 1 {
		t.Error("the attendee lost it with the organizer's event")
	}
	n.remove(n.only(n.ben))
	_ = n.View(func(tx *state.Tx) error {
		if _, _, err := n.cal.Attachment(tx, his, world.ItemID{Mailbox: n.ben, Key: his.Attachments[0]}.Rest()); code(err) != "ErrorItemNotFound" {
			t.Errorf("an attachment that no event has any more: %v", err)
		}
		return nil
	})
}

func TestAnAttachmentOfOneOccurrence(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	occurrence := n.on(master, "2026-03-17")
	n.change(func(tx *state.Tx) error {
		key, err := n.cal.AddAttachment(tx, occurrence, attachment())
		if err != nil || key == "" {
			return err
		}
		return n.cal.Snooze(tx, n.must(tx, occurrence.Key), day("2026-03-18"))
	})
	if e := n.on(master, "2026-03-17"); e.Kind != calendar.Exception || len(e.Attachments) != 1 || e.Reminder.Snoozed.IsZero() {
		t.Errorf("the occurrence is %+v", e)
	}
	if e := n.on(master, "2026-03-24"); len(e.Attachments) != 0 {
		t.Error("another occurrence has it, too")
	}
	own := n.create(n.group, with(nil))
	err := n.Update(func(tx *state.Tx) error {
		_, err := n.cal.AddAttachment(tx, own, attachment())
		return err
	})
	if code(err) != "ErrorInvalidRequest" {
		t.Errorf("an attachment in a group's calendar: %v", err)
	}
	err = n.Update(func(tx *state.Tx) error { return n.cal.Dismiss(tx, own) })
	if code(err) != "ErrorInvalidRequest" {
		t.Errorf("a reminder in a group's calendar: %v", err)
	}
}

func TestWhatOneIsBusyWith(t *testing.T) {
	n := start(t)
	n.create(n.anna, with(nil))
	n.create(n.anna, with(doc{"showAs": "free", "start": at("2026-03-10T11:00:00"), "end": at("2026-03-10T12:00:00")}))
	n.create(n.anna, with(doc{"showAs": "oof", "start": at("2026-03-10T10:30:00"), "end": at("2026-03-10T10:45:00")}))
	n.create(n.anna, with(doc{"showAs": "workingElsewhere", "start": at("2026-03-10T12:00:00"), "end": at("2026-03-10T13:00:00")}))
	_ = n.View(func(tx *state.Tx) error {
		from := time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)
		busy := n.cal.Busy(tx, n.anna, from, from.Add(5*time.Hour))
		if got := calendar.AvailabilityView(busy, from, from.Add(5*time.Hour), 30*time.Minute); got != "0023004400" {
			t.Errorf("the view is %s", got)
		}
		return nil
	})
}
