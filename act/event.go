package act

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/zone"
)

const (
	// mostAttendees is how many an event may have (documentation of the event resource).
	mostAttendees = 500
	// longestEvent is how long one may last (EWS, ErrorCalendarDurationIsTooLong).
	longestEvent = 5 * 366 * 24 * time.Hour
)

// checkedEvent is an event that may be sent.
type checkedEvent struct {
	event     map[string]any
	canonical []byte // as the app gave it, for comparing requests
}

// properties are those of an event that can be written (documentation of Create
// event and Update event), with what each must be.
func properties() map[string]check {
	place := isObject(map[string]check{
		"displayName": isText(255, false), "locationEmailAddress": isText(320, false), "locationUri": isText(2048, false),
		"locationType": oneOf("default", "conferenceRoom", "homeAddress", "businessAddress", "geoCoordinates", "streetAddress", "hotel", "restaurant", "localBusiness", "postalAddress"),
		"uniqueId":     isText(1024, false), "uniqueIdType": oneOf("unknown", "locationStore", "directory", "private", "bing"),
		"address": isObject(map[string]check{"street": isText(255, true), "city": isText(255, false), "state": isText(255, false),
			"countryOrRegion": isText(255, false), "postalCode": isText(64, false)}),
		"coordinates": isObject(map[string]check{"latitude": isNumber(-90, 90), "longitude": isNumber(-180, 180), "altitude": isNumber(-1e6, 1e6),
			"accuracy": isNumber(0, 1e9), "altitudeAccuracy": isNumber(0, 1e9)}),
	})
	return map[string]check{
		"subject":                    isText(255, false),
		"body":                       isObject(map[string]check{"contentType": oneOf("text", "html"), "content": isText(largest, true)}, "contentType", "content"),
		"start":                      isMoment,
		"end":                        isMoment,
		"isAllDay":                   isBool,
		"location":                   place,
		"locations":                  isList(50, place),
		"attendees":                  isAttendees,
		"hideAttendees":              isBool,
		"responseRequested":          isBool,
		"allowNewTimeProposals":      isBool,
		"recurrence":                 isRecurrence,
		"importance":                 oneOf("low", "normal", "high"),
		"sensitivity":                oneOf("normal", "personal", "private", "confidential"),
		"showAs":                     oneOf("free", "tentative", "busy", "oof", "workingElsewhere", "unknown"),
		"categories":                 isList(25, filled(isText(255, false))),
		"isReminderOn":               isBool,
		"reminderMinutesBeforeStart": isWhole(0, 2_628_000),
		"isOnlineMeeting":            isBool,
		"onlineMeetingProvider":      said(isProvider),

		"singleValueExtendedProperties": isList(50, isObject(map[string]check{"id": said(isForeign), "value": isText(32<<10, true)}, "id", "value")),
		"multiValueExtendedProperties":  isList(50, isObject(map[string]check{"id": said(isForeign), "value": isList(100, isText(32<<10, true))}, "id", "value")),
	}
}

// checkEvent reads an event that is to be made, or a change of one.
func checkEvent(raw json.RawMessage, whole bool) (checkedEvent, error) {
	field, needed := "change", []string(nil)
	if whole {
		field, needed = "event", []string{"start", "end"}
	}
	event, no := readObject(field, raw)
	if no == nil && !whole && len(event) == 0 {
		no = refuse(graphwarden.Invalid, "act.missing", field, "The change is empty.", "Name the properties to change.")
	}
	if no == nil {
		no = checkMembers(field, event, properties(), needed)
	}
	if no == nil {
		no = checkTogether(field, event)
	}
	if no != nil {
		return checkedEvent{}, no
	}
	canonical, err := json.Marshal(event)
	if err != nil {
		return checkedEvent{}, fmt.Errorf("writing an event: %w", err)
	}
	return checkedEvent{event, canonical}, nil
}

// checkTogether checks what properties say of each other.
func checkTogether(field string, event map[string]any) *graphwarden.Refusal {
	start, hasStart := moment(event["start"])
	end, hasEnd := moment(event["end"])
	allDay, _ := event["isAllDay"].(bool)
	times := func(at, say, do string) *graphwarden.Refusal {
		return refuse(graphwarden.Invalid, "act.times", field+"."+at, field+"."+at+": "+say, do)
	}
	switch {
	case hasStart != hasEnd:
		return times("start", "start and end are given together or not at all.", "Send both.")
	case hasStart && end.Before(start):
		return times("end", "it is before the start.", "Send an end that is not before the start.")
	case hasStart && end.Sub(start) > longestEvent:
		return times("end", "the event would be longer than five years.", "Send an end within five years of the start.")
	case hasStart && allDay:
		if no := checkAllDay(event, times); no != nil {
			return no
		}
	}
	if online, given := event["isOnlineMeeting"].(bool); given && !online && field == "change" {
		return refuse(graphwarden.Invalid, "act.online_stays", field+".isOnlineMeeting", "An online meeting stays one; Microsoft 365 does not listen to this.",
			"Leave the property out, or make a new event without it.")
	}
	recurrence, _ := event["recurrence"].(map[string]any)
	if recurrence == nil || !hasStart {
		return nil
	}
	return checkFirstDay(field, event, recurrence)
}

// checkAllDay wants midnight to midnight in one zone (graph-facts §7).
func checkAllDay(event map[string]any, times func(at, say, do string) *graphwarden.Refusal) *graphwarden.Refusal {
	const do = "An all-day event goes from midnight to a later midnight of the same time zone."
	start, end := event["start"].(map[string]any), event["end"].(map[string]any)
	for at, m := range map[string]map[string]any{"start": start, "end": end} {
		if _, clock, _ := strings.Cut(m["dateTime"].(string), "T"); strings.Trim(clock, "0:.") != "" {
			return times(at, "an all-day event has no time of day.", do)
		}
	}
	switch {
	case start["timeZone"] != end["timeZone"]:
		return times("end", "start and end of an all-day event are in different time zones.", do)
	case start["dateTime"].(string)[:10] == end["dateTime"].(string)[:10]:
		return times("end", "an all-day event lasts at least one day.", do)
	}
	return nil
}

// clockForm is how Graph writes a time without its zone.
var clockForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?$`)

func isMoment(field string, v any) *graphwarden.Refusal {
	no := isObject(map[string]check{"dateTime": said(isClock), "timeZone": said(isZone)}, "dateTime", "timeZone")(field, v)
	if no != nil {
		return no
	}
	if _, ok := moment(v); !ok {
		return wrong(field+".dateTime", "it is not a time")
	}
	return nil
}

func isClock(field string, v any) *graphwarden.Refusal {
	text, _ := v.(string)
	t, err := readClock(text)
	if !clockForm.MatchString(text) || err != nil {
		return refuse(graphwarden.Invalid, "act.value", field, field+": it is not a time such as 2026-03-31T14:30:00.", "Send date and time without an offset; the zone stands beside it in timeZone.")
	}
	if t.Year() < 1601 || t.Year() > 4500 {
		return wrong(field, "Outlook knows the years from 1601 to 4500")
	}
	return nil
}

func readClock(text string) (time.Time, error) {
	if len(text) == len("2006-01-02T15:04") {
		text += ":00"
	}
	return time.Parse("2006-01-02T15:04:05.9999999", text)
}

func isZone(field string, v any) *graphwarden.Refusal {
	name, ok := v.(string)
	if ok && name != "" {
		if _, err := zone.Load(name); err == nil {
			return nil
		}
	}
	return refuse(graphwarden.Invalid, "act.zone", field, fmt.Sprintf("%s: %.60q is not the name of a time zone.", field, v),
		"Send a name of Windows such as W. Europe Standard Time, or of IANA such as Europe/Berlin.")
}

// moment gives the instant of a dateTimeTimeZone.
func moment(v any) (time.Time, bool) {
	m, _ := v.(map[string]any)
	text, _ := m["dateTime"].(string)
	name, _ := m["timeZone"].(string)
	at, err := zone.Load(name)
	if err != nil || name == "" {
		return time.Time{}, false
	}
	t, err := readClock(text)
	if err != nil {
		return time.Time{}, false
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), at), true
}

func isAttendees(field string, v any) *graphwarden.Refusal {
	no := isList(mostAttendees, isObject(map[string]check{
		"emailAddress": isObject(map[string]check{"address": isAddress, "name": isText(255, false)}, "address"),
		"type":         oneOf("required", "optional", "resource"),
	}, "emailAddress"))(field, v)
	if no != nil {
		return no
	}
	seen := map[string]bool{}
	for i, a := range v.([]any) {
		address := strings.ToLower(a.(map[string]any)["emailAddress"].(map[string]any)["address"].(string))
		if seen[address] {
			return wrong(fmt.Sprintf("%s[%d]", field, i), "the same address stands in the list twice")
		}
		seen[address] = true
	}
	return nil
}

// isAddress wants an SMTP address: one @ between two parts without spaces.
func isAddress(field string, v any) *graphwarden.Refusal {
	s, _ := v.(string)
	local, domain, found := strings.Cut(s, "@")
	bad := func(r rune) bool { return r <= ' ' || control(r) || strings.ContainsRune(`<>()[]\,;:"@`, r) }
	if !found || local == "" || len(local) > 64 || len(domain) > 255 || strings.ContainsFunc(local+domain, bad) ||
		strings.Contains(domain, "..") || strings.Trim(domain, ".-") != domain || domain == "" {
		return refuse(graphwarden.Invalid, "act.address", field, fmt.Sprintf("%s: %.80q is not an e-mail address.", field, s), "Send one such as anna@example.com.")
	}
	return nil
}

func isProvider(field string, v any) *graphwarden.Refusal {
	if v == "teamsForBusiness" {
		return nil
	}
	return wrong(field, "of online meetings only teamsForBusiness is made for work accounts")
}

// foreignID is the form of an extended property's id (documentation of extended
// properties).
var foreignID = regexp.MustCompile(`^(String|Integer|Boolean|Double|Long|Float|Currency|CLSID|SystemTime|Short|ApplicationTime|Binary|StringArray|IntegerArray|BooleanArray|DoubleArray|LongArray|FloatArray|CurrencyArray|CLSIDArray|SystemTimeArray|ShortArray|ApplicationTimeArray|BinaryArray) (\{[0-9a-fA-F-]{36}\} (Name \S.{0,254}|Id 0x[0-9a-fA-F]{1,8})|0x[0-9a-fA-F]{1,8})$`)

// isForeign wants the id of an extended property that is not Graphwarden's own.
func isForeign(field string, v any) *graphwarden.Refusal {
	id, _ := v.(string)
	switch {
	case !foreignID.MatchString(id) || strings.ContainsFunc(id, control):
		return wrong(field, "it is not the id of an extended property, such as String {guid} Name Colour")
	case strings.Contains(strings.ToLower(id), namespace):
		return wrong(field, "this namespace is Graphwarden's own; send a reference instead")
	}
	return nil
}

func sorted(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
