package ics

import (
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// body is the part of a Graph event that does not say when it takes place,
// while the properties of a VEVENT are read into it.
type body struct {
	*findings
	event  map[string]any
	showAs map[string]string // by the property that asks for it
	seen   map[string]bool
}

// readBody reads what a VEVENT says besides its times. Every member is there,
// so that two bodies can be compared member by member.
func (r *reader) readBody(c *component, start moment, span length) map[string]any {
	b := &body{r.findings, map[string]any{
		"subject":               "",
		"body":                  text("text", ""),
		"location":              map[string]any{"displayName": ""},
		"attendees":             []any{},
		"categories":            []any{},
		"sensitivity":           "normal",
		"importance":            "normal",
		"isCancelled":           false,
		"isReminderOn":          false,
		"responseRequested":     false,
		"allowNewTimeProposals": true,
	}, map[string]string{}, map[string]bool{}}
	carriers := carriers()
	for _, p := range c.properties {
		carry, known := carriers[p.name]
		switch {
		case !known:
			if !b.seen[p.name] {
				b.lost(p, "an event in Microsoft 365 has no place for it: %s", shorten(p.value))
			}
		case carry == nil:
		case b.seen[p.name] && !repeats(p.name):
			b.lost(p, "given more than once; the first was taken")
		default:
			carry(b, p)
		}
		b.seen[p.name] = true
	}
	b.event["showAs"] = b.busy()
	b.readAlarms(c, start, span)
	return b.event
}

// carriers is the table of what becomes of a VEVENT's properties. Nil stands
// for those that are read elsewhere (times, rules) or are the bookkeeping of
// the file's writer, of which the mailbox keeps its own.
func carriers() map[string]func(*body, property) {
	return map[string]func(*body, property){
		"SUMMARY":     func(b *body, p property) { b.event["subject"] = unescape(p.value) },
		"DESCRIPTION": (*body).description,
		"X-ALT-DESC":  (*body).description,
		"LOCATION": func(b *body, p property) {
			b.event["location"] = map[string]any{"displayName": unescape(p.value)}
		},
		"CATEGORIES": (*body).categories,
		"CLASS":      (*body).class,
		"PRIORITY":   (*body).priority,
		"STATUS":     (*body).status,
		"TRANSP":     (*body).transparency,
		"ORGANIZER":  (*body).organizer,
		"ATTENDEE":   (*body).attendee,

		"X-MICROSOFT-CDO-BUSYSTATUS":     (*body).busyStatus,
		"X-MICROSOFT-CDO-INTENDEDSTATUS": (*body).busyStatus,
		"X-MICROSOFT-CDO-IMPORTANCE":     (*body).importance,
		"X-MICROSOFT-DISALLOW-COUNTER": func(b *body, p property) {
			b.event["allowNewTimeProposals"] = !strings.EqualFold(strings.TrimSpace(p.value), "TRUE")
		},

		"UID": nil, "DTSTART": nil, "DTEND": nil, "DURATION": nil, "RECURRENCE-ID": nil,
		"RRULE": nil, "RDATE": nil, "EXDATE": nil, "EXRULE": nil, "X-MICROSOFT-CDO-ALLDAYEVENT": nil,
		"DTSTAMP": nil, "CREATED": nil, "LAST-MODIFIED": nil, "SEQUENCE": nil,
	}
}

// repeats tells which of the carried properties may stand more than once.
func repeats(name string) bool { return name == "ATTENDEE" || name == "CATEGORIES" }

func text(contentType, content string) map[string]any {
	return map[string]any{"contentType": contentType, "content": content}
}

// description takes the plain text, or the HTML that Outlook writes beside it.
func (b *body) description(p property) {
	if p.name == "X-ALT-DESC" {
		if strings.EqualFold(p.param("FMTTYPE"), "text/html") {
			b.event["body"] = text("html", unescape(p.value))
		}
		return
	}
	if !b.seen["X-ALT-DESC"] {
		b.event["body"] = text("text", unescape(p.value))
	}
}

func (b *body) categories(p property) {
	list := b.event["categories"].([]any)
	for _, category := range splitText(p.value) {
		if category = strings.TrimSpace(category); category != "" {
			list = append(list, category)
		}
	}
	b.event["categories"] = list
}

// class maps CLASS; an unknown one is private (RFC 5545 §3.8.1.3).
func (b *body) class(p property) {
	switch strings.ToUpper(strings.TrimSpace(p.value)) {
	case "PUBLIC":
	case "PRIVATE":
		b.event["sensitivity"] = "private"
	case "CONFIDENTIAL":
		b.event["sensitivity"] = "confidential"
	default:
		b.event["sensitivity"] = "private"
		b.adapted(p, "the class %q is unknown; the event is private", shorten(p.value))
	}
}

// priority maps PRIORITY as Outlook does: 1 to 4 high, 5 normal, 6 to 9 low
// (RFC 5545 §3.8.1.9; MS-OXCICAL §2.1.3.1.1.20.17).
func (b *body) priority(p property) {
	n, err := strconv.Atoi(strings.TrimSpace(p.value))
	switch {
	case err != nil || n < 0 || n > 9:
		b.lost(p, "%q is outside 0 to 9", shorten(p.value))
	case n >= 1 && n <= 4:
		b.event["importance"] = "high"
	case n >= 6:
		b.event["importance"] = "low"
	}
}

func (b *body) importance(p property) {
	levels := map[string]string{"0": "low", "1": "normal", "2": "high"}
	if level, ok := levels[strings.TrimSpace(p.value)]; ok {
		b.event["importance"] = level
	}
}

func (b *body) status(p property) {
	switch strings.ToUpper(strings.TrimSpace(p.value)) {
	case "CONFIRMED":
	case "TENTATIVE":
		b.showAs[p.name] = "tentative"
	case "CANCELLED":
		b.event["isCancelled"] = true
		b.showAs[p.name] = "free"
	default:
		b.lost(p, "the status %q is unknown", shorten(p.value))
	}
}

func (b *body) transparency(p property) {
	if strings.EqualFold(strings.TrimSpace(p.value), "TRANSPARENT") {
		b.showAs[p.name] = "free"
	}
}

func (b *body) busyStatus(p property) {
	states := map[string]string{
		"FREE": "free", "TENTATIVE": "tentative", "BUSY": "busy", "OOF": "oof", "WORKINGELSEWHERE": "workingElsewhere",
	}
	if state, ok := states[strings.ToUpper(strings.TrimSpace(p.value))]; ok {
		b.showAs[p.name] = state
		return
	}
	b.lost(p, "the status %q is unknown", shorten(p.value))
}

// busy returns showAs from the property that is most exact about it.
func (b *body) busy() string {
	for _, name := range []string{"X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS", "STATUS", "TRANSP"} {
		if state, ok := b.showAs[name]; ok {
			return state
		}
	}
	return "busy"
}

func (b *body) organizer(p property) {
	address, ok := b.address(p)
	if !ok {
		return
	}
	b.event["organizer"] = map[string]any{"emailAddress": address}
}

func (b *body) attendee(p property) {
	address, ok := b.address(p)
	if !ok {
		return
	}
	kind := "required"
	switch {
	case isOne(p.param("CUTYPE"), "ROOM", "RESOURCE"):
		kind = "resource"
	case isOne(p.param("ROLE"), "OPT-PARTICIPANT"):
		kind = "optional"
	case isOne(p.param("ROLE"), "NON-PARTICIPANT"):
		kind = "optional"
		b.adapted(p, "%s is informed only; Graph has optional attendees", address["address"])
	}
	b.event["attendees"] = append(b.event["attendees"].([]any), map[string]any{
		"type":         kind,
		"emailAddress": address,
		"status":       map[string]any{"response": b.response(p), "time": "0001-01-01T00:00:00Z"},
	})
	if isOne(p.param("RSVP"), "TRUE") {
		b.event["responseRequested"] = true
	}
}

func (b *body) response(p property) string {
	responses := map[string]string{
		"": "none", "NEEDS-ACTION": "none", "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentativelyAccepted",
	}
	state := strings.ToUpper(p.param("PARTSTAT"))
	response, ok := responses[state]
	if !ok {
		b.lost(p, "Graph has no response such as %s", shorten(state))
		return "none"
	}
	return response
}

// address reads a calendar user. Graph knows people by their mail address only.
func (b *body) address(p property) (map[string]any, bool) {
	address := strings.TrimSpace(p.value)
	if len(address) >= 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	} else if mail := p.param("EMAIL"); mail != "" {
		address = mail
	}
	if !strings.Contains(address, "@") {
		b.lost(p, "%q is not a mail address", shorten(p.value))
		return nil, false
	}
	display := p.param("CN")
	if display == "" {
		display = address
	}
	return map[string]any{"name": display, "address": address}, true
}

func isOne(value string, of ...string) bool {
	for _, o := range of {
		if strings.EqualFold(value, o) {
			return true
		}
	}
	return false
}

// maxReminder bounds a reminder: minutes in a year.
const maxReminder = 366 * 24 * 60

// readAlarms makes the first usable VALARM the event's reminder. Graph has one
// for an event, shown to its owner a number of minutes before the start.
func (b *body) readAlarms(c *component, start moment, span length) {
	for _, alarm := range c.children {
		if alarm.name != "VALARM" {
			b.add(Lost, alarm.line, alarm.name, "an event in Microsoft 365 has no place for it")
			continue
		}
		minutes, why := reminder(alarm, start, span)
		action := strings.ToUpper(alarm.text("ACTION"))
		switch {
		case why != "":
			b.add(Lost, alarm.line, "VALARM", "%s", why)
		case b.event["isReminderOn"] == false:
			b.event["isReminderOn"] = true
			b.event["reminderMinutesBeforeStart"] = float64(minutes)
			if action != "DISPLAY" {
				b.add(Adapted, alarm.line, "VALARM", "the action %s became a reminder on the screen", shorten(action))
			}
		case b.event["reminderMinutesBeforeStart"] == float64(minutes):
			// The same moment again: the one reminder stands for both.
		default:
			b.add(Lost, alarm.line, "VALARM", "a second reminder, %d minutes before the start; Graph has one", minutes)
		}
	}
}

// reminder returns how many minutes before the start an alarm goes off, or why
// Graph cannot have it.
func reminder(alarm *component, start moment, span length) (minutes int, why string) {
	trigger, ok := alarm.first("TRIGGER")
	if !ok {
		return 0, "it has no TRIGGER, so it never goes off"
	}
	var before time.Duration
	if after, err := parseLength(trigger.value); err == nil {
		before = -time.Duration(after.days)*24*time.Hour - after.exact
		if isOne(trigger.param("RELATED"), "END") {
			before -= time.Duration(span.days)*24*time.Hour + span.exact
		}
	} else if wall, _, _, err := rrule.ParseStamp(trigger.value); err == nil {
		before = start.instant().Sub(wall)
	} else {
		return 0, "its TRIGGER is neither a time nor a duration"
	}
	if before < 0 || before > maxReminder*time.Minute {
		return 0, "it does not go off within the year before the start, as Graph's reminders do"
	}
	return int(before / time.Minute), ""
}
