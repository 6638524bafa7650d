package calendar

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// What findMeetingTimes goes by where the request does not say (documentation of
// findMeetingTimes; the number of candidates and the grid are the simulator's).
const (
	usualDuration   = 30 * time.Minute
	usualConfidence = 50
	usualCandidates = 20
	grid            = 30 * time.Minute
	searchAhead     = 7 * 24 * time.Hour
)

// search is what findMeetingTimes was asked for.
type search struct {
	organizer  mailbox.Mailbox
	optional   bool // the organizer need not come
	guests     []guest
	slots      []span
	domain     string
	length     time.Duration
	most       int
	confidence float64
	reasons    bool
	places     []any
	needPlace  bool
	busy       []*calendar.Event // of the organizer
}

// guest is somebody who is to come, or a room.
type guest struct {
	doc   wire.Doc // as in the request
	known bool     // the tenant knows when the guest is free
	busy  []*calendar.Event
}

// candidate is a time that may be suggested.
type candidate struct {
	span
	confidence float64
	organizer  string
	guests     []string // their statuses
}

// findMeetingTimes suggests when to meet, from the calendars of the people
// (documentation of findMeetingTimes).
func (f *family) findMeetingTimes(c *wire.Call) (wire.Answer, error) {
	s, err := f.readSearch(c)
	if err != nil {
		return wire.Answer{}, err
	}
	v, err := look(c, mailbox.Owner)
	if err != nil {
		return wire.Answer{}, err
	}
	found, reason := s.candidates()
	suggestions := make([]any, len(found))
	for i, x := range found {
		suggestions[i] = s.doc(x, i+1, v)
	}
	return wire.Answer{Status: http.StatusOK, Context: "microsoft.graph.meetingTimeSuggestionsResult",
		Doc: wire.Doc{"emptySuggestionsReason": reason, "meetingTimeSuggestions": suggestions}}, nil
}

func (f *family) readSearch(c *wire.Call) (*search, error) {
	box, err := f.boxes.Get(c.Tx, c.Mailbox)
	if err != nil {
		return nil, err
	}
	s := &search{organizer: box, optional: param[bool](c, "IsOrganizerOptional"), reasons: param[bool](c, "ReturnSuggestionReasons"),
		length: usualDuration, most: usualCandidates, confidence: usualConfidence}
	if n, ok := param[any](c, "MaxCandidates").(float64); ok && n > 0 {
		s.most = int(n)
	}
	if n, ok := param[any](c, "MinimumAttendeePercentage").(float64); ok {
		s.confidence = n
	}
	if text := param[string](c, "MeetingDuration"); text != "" {
		if s.length, err = readDuration(text); err != nil {
			return nil, err
		}
	}
	if err := s.readTimes(c); err != nil {
		return nil, err
	}
	s.readPlaces(c)
	f.readGuests(c, s)
	return s, nil
}

// readTimes reads between when to search; without it the next week.
func (s *search) readTimes(c *wire.Call) error {
	constraint := param[wire.Doc](c, "TimeConstraint")
	s.domain = outlook.Text(constraint, "activityDomain")
	slots, _ := constraint["timeSlots"].([]any)
	for _, slot := range slots {
		d, _ := slot.(wire.Doc)
		when, err := readSpan("timeSlots", d["start"], d["end"])
		if err != nil {
			return err
		}
		if when.to.Sub(when.from) > longestWindow {
			return outlook.Invalid("A time slot can't be longer than 62 days.")
		}
		s.slots = append(s.slots, when)
	}
	if len(s.slots) == 0 {
		now := c.Now.Truncate(grid).Add(grid)
		s.slots = []span{{now, now.Add(searchAhead)}}
	}
	return nil
}

// readPlaces reads where to meet. Places are passed on; only their names are
// known.
func (s *search) readPlaces(c *wire.Call) {
	constraint := param[wire.Doc](c, "LocationConstraint")
	s.needPlace, _ = constraint["isRequired"].(bool)
	s.places = []any{}
	given, _ := constraint["locations"].([]any)
	for _, p := range given {
		d, _ := p.(wire.Doc)
		place := wire.Doc{"displayName": outlook.Text(d, "displayName")}
		if email := outlook.Text(d, "locationEmailAddress"); email != "" {
			place["locationEmailAddress"] = email
		}
		s.places = append(s.places, place)
	}
}

// readGuests finds when the people invited, and the organizer, are busy.
func (f *family) readGuests(c *wire.Call, s *search) {
	from, to := s.slots[0].from, s.slots[0].to
	for _, slot := range s.slots {
		from, to = earlier(from, slot.from), later(to, slot.to)
	}
	s.busy = f.cal.Busy(c.Tx, s.organizer.Owner, from, to)
	c.Touch(s.organizer.Owner, c.Mailbox, world.Read)
	for _, v := range param[[]any](c, "Attendees") {
		d, _ := v.(wire.Doc)
		g := guest{doc: d}
		address := outlook.ReadPerson(d).Address
		if m, ok := f.boxes.At(c.Tx, address); ok && f.freeBusyRole(c, m) != mailbox.NoRole {
			g.known, g.busy = true, f.cal.Busy(c.Tx, m.Owner, from, to)
			c.Touch(m.Owner, address, world.Read)
		}
		s.guests = append(s.guests, g)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// tally is what became of the times that were looked at.
type tally struct {
	found                              []candidate
	organizerBusy, guestsBusy, unknown bool
}

// candidates gives the best times, best first and then by time, or why there are
// none.
func (s *search) candidates() (found []candidate, reason string) {
	if s.needPlace && len(s.places) == 0 {
		return nil, "locationsUnavailable"
	}
	var t tally
	for _, slot := range s.slots {
		for at := slot.from; !at.Add(s.length).After(slot.to); at = at.Add(grid) {
			if s.atWork(at, at.Add(s.length)) {
				s.consider(&t, s.judge(at))
			}
		}
	}
	slices.SortStableFunc(t.found, func(a, b candidate) int {
		if a.confidence != b.confidence {
			return cmp.Compare(b.confidence, a.confidence)
		}
		return a.from.Compare(b.from)
	})
	return t.found[:min(len(t.found), s.most)], t.reason()
}

// consider takes a time down among those that may be suggested, or why it is not.
func (s *search) consider(t *tally, x candidate) {
	switch {
	case !s.optional && (x.organizer == "busy" || x.organizer == "oof"):
		t.organizerBusy = true
	case x.confidence < s.confidence:
		t.guestsBusy = true
		t.unknown = t.unknown || slices.Contains(x.guests, "unknown")
	default:
		t.found = append(t.found, x)
	}
}

// reason says why there is no time to suggest (Microsoft Graph,
// meetingTimeSuggestionsResult).
func (t tally) reason() string {
	switch {
	case len(t.found) > 0:
		return ""
	case t.guestsBusy && t.unknown:
		return "attendeesUnavailableOrUnknown"
	case t.guestsBusy:
		return "attendeesUnavailable"
	case t.organizerBusy:
		return "organizerUnavailable"
	}
	return "unknown"
}

// judge finds who is free at a time, and the chance that all come: free counts
// 100 %, unknown 49 %, busy nothing (documentation of findMeetingTimes; what is
// tentative counts like what is not known).
func (s *search) judge(at time.Time) candidate {
	x := candidate{span: span{at, at.Add(s.length)}, confidence: 100}
	x.organizer = calendar.Status(s.busy, x.from, x.to)
	total := 0.0
	for _, g := range s.guests {
		status := "unknown"
		if g.known {
			status = calendar.Status(g.busy, x.from, x.to)
		}
		x.guests = append(x.guests, status)
		switch status {
		case "free", "workingElsewhere":
			total += 100
		case "unknown", "tentative":
			total += 49
		}
	}
	if len(s.guests) > 0 {
		x.confidence = total / float64(len(s.guests))
	}
	return x
}

// atWork says whether a time lies in the organizer's working hours, as far as
// the request wants that (documentation of findMeetingTimes, activityDomain).
func (s *search) atWork(from, to time.Time) bool {
	if s.domain == "unrestricted" {
		return true
	}
	hours := s.organizer.Settings.Hours
	zone := outlook.Clock(hours.Zone)
	a, b := from.In(zone), to.In(zone)
	day := strings.ToLower(a.Weekday().String())
	weekend := s.domain == "personal" && (a.Weekday() == time.Saturday || a.Weekday() == time.Sunday)
	if !weekend && !slices.Contains(hours.Days, day) {
		return false
	}
	const clock = "15:04:05.0000000"
	return a.Format(time.DateOnly) == b.Format(time.DateOnly) && a.Format(clock) >= hours.Start && b.Format(clock) <= hours.End
}

func (s *search) doc(x candidate, order int, v calendar.View) wire.Doc {
	guests := make([]any, len(s.guests))
	for i, g := range s.guests {
		attendee := wire.Doc{"emailAddress": wire.Doc{"address": outlook.ReadPerson(g.doc).Address}}
		if typ := outlook.Text(g.doc, "type"); typ != "" {
			attendee["type"] = typ
		}
		guests[i] = wire.Doc{"attendee": attendee, "availability": x.guests[i]}
	}
	d := wire.Doc{
		"confidence": x.confidence, "order": float64(order), "organizerAvailability": x.organizer,
		"attendeeAvailability": guests, "locations": s.places,
		"meetingTimeSlot": wire.Doc{"start": outlook.Moment{At: x.from}.Doc(v.Zone), "end": outlook.Moment{At: x.to}.Doc(v.Zone)},
	}
	if s.reasons && x.confidence == 100 {
		d["suggestionReason"] = "Suggested because it is one of the nearest times when all attendees are available."
	}
	return d
}

// duration is the part of ISO 8601 that meetingDuration is written in.
var duration = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$`)

func readDuration(text string) (time.Duration, error) {
	parts := duration.FindStringSubmatch(text)
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		if parts == nil {
			break
		}
		n, _ := strconv.Atoi(parts[i+1])
		d += time.Duration(n) * unit
	}
	if d <= 0 || d > 24*time.Hour {
		return 0, outlook.BadProperty("meetingDuration", "'%s' is not a duration of up to one day such as PT1H.", text)
	}
	return d, nil
}
