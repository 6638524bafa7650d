package act

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/zone"
)

const (
	// slot is how finely it is known when people are free.
	slot = 15 * time.Minute
	// begins is on what meetings begin: the hour and the half.
	begins = 30 * time.Minute
	// mostOthers is how many may come of whom nothing can be known.
	mostOthers = 100
)

// Meet asks when people could meet. Those of no mailbox of the flow are Others: nobody
// can say when they are free.
type Meet struct {
	Target            // the organizer
	People   []string // by id or by name
	Others   int
	Start    json.RawMessage // as Graph's dateTimeTimeZone
	End      json.RawMessage
	Minutes  int    // how long; 0 is 30
	Hours    string // work, personal or unrestricted; "" is work
	Most     int    // how many times are suggested; 0 is 20
	Least    *int   // how sure it has to be that people can come, in per cent; nil is 50
	Optional bool   // the organizer need not come
}

// Meeting is a time when people could meet.
type Meeting struct {
	Start, End time.Time
	Confidence float64           // how sure it is that people can come, in per cent
	Organizer  string            // free, tentative, busy, oof, workingElsewhere or unknown
	People     map[string]string // what they are, by name
}

// Meetings are times when people could meet, the best first. Why says why there is none,
// in the words of Graph's meetingTimeSuggestionsResult.
type Meetings struct {
	List []Meeting
	Why  string
}

// person is one of those who are to meet.
type person struct {
	name  string
	known bool
	view  string // Graph's availabilityView, a digit for each slot
	hours hours
}

// hours are somebody's working hours, as Graph writes them.
type hours struct {
	Days  []string `json:"daysOfWeek"`
	Start string   `json:"startTime"`
	End   string   `json:"endTime"`
	Zone  struct {
		Name string `json:"name"`
	} `json:"timeZone"`
}

// Meet suggests when to meet. No application permission opens Microsoft's own
// suggestions (findMeetingTimes), and the one of signed-in people, Calendars.Read.Shared,
// opens calendars of others, too. So it asks when people are free and busy, which every
// flow of calendars may, and ranks as the documentation of findMeetingTimes says: by how
// sure it is that people can come, and then by time.
func (a *Act) Meet(ctx context.Context, m Meet) (Meetings, error) {
	if no := m.check(); no != nil {
		return Meetings{}, no
	}
	s := Schedule{App: m.App, Tenant: m.Tenant, Flows: m.Flows, People: append([]string{m.Mailbox}, m.People...), Start: m.Start, End: m.End, Interval: int(slot / time.Minute)}
	question, err := s.check()
	if err != nil {
		return Meetings{}, err
	}
	f, boxes, err := a.together(s)
	if err != nil {
		return Meetings{}, apart(err, len(m.People))
	}
	boxes = once(boxes)
	from, _ := moment(question["startTime"])
	to, _ := moment(question["endTime"])
	if first := from.Truncate(begins); first.Before(from) {
		from = first.Add(begins)
	}
	if no := m.fits(from, to, a.config.Now()); no != nil {
		return Meetings{}, no
	}
	question["startTime"] = map[string]any{"dateTime": from.UTC().Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	ask := a.askSchedule
	if f.People {
		ask = a.each
	}
	raw, err := ask(ctx, f, boxes, question)
	if err != nil {
		return Meetings{}, err
	}
	all, err := peopleOf(raw, boxes)
	if err != nil {
		return Meetings{}, err
	}
	return m.suggest(all, from, to, a.config.Now()), nil
}

func (m Meet) check() *graphwarden.Refusal {
	no := func(field, say, do string) *graphwarden.Refusal {
		return refuse(graphwarden.Invalid, "act.schedule", field, say, do)
	}
	switch {
	case len(m.People) >= mostPeople:
		return no("people", fmt.Sprintf("The question names %d people.", len(m.People)), fmt.Sprintf("Name up to %d beside the organizer.", mostPeople-1))
	case m.Others < 0 || m.Others > mostOthers:
		return no("others", "The number of others is not one.", fmt.Sprintf("Send 0 to %d.", mostOthers))
	case m.Minutes < 0 || m.Minutes > 24*60:
		return no("duration_minutes", "The meeting is not from a minute to a day long.", "Send 1 to 1440, or none for 30.")
	case m.Most < 0 || m.Most > 100:
		return no("most", "The number of suggestions is not one.", "Send 1 to 100, or none for 20.")
	case m.Least != nil && (*m.Least < 0 || *m.Least > 100):
		return no("least_percent", "It is no percentage.", "Send 0 to 100, or none for 50.")
	case !slices.Contains([]string{"", "work", "personal", "unrestricted"}, m.Hours):
		return no("hours", fmt.Sprintf("The hours %.40q are not known.", m.Hours), "Say work, personal or unrestricted.")
	}
	return nil
}

// length is how long the meeting is to be.
func (m Meet) length() time.Duration { return time.Duration(cmp.Or(m.Minutes, 30)) * time.Minute }

// fits refuses a time in which no such meeting can be, whoever is free.
func (m Meet) fits(from, to, now time.Time) *graphwarden.Refusal {
	switch {
	case !to.After(now):
		return refuse(graphwarden.Invalid, "act.times", "end", "The time that is asked for is over.", "Send an end that is to come.")
	case from.Add(m.length()).After(to):
		return refuse(graphwarden.Invalid, "act.times", "duration_minutes",
			fmt.Sprintf("Between start and end there is no room for %.0f minutes that begin on the hour or the half.", m.length().Minutes()),
			"Ask for a longer time, or for a shorter meeting.")
	}
	return nil
}

// apart names the field of a refusal as the question about a meeting has it, in which
// the organizer stands apart.
func apart(err error, people int) error {
	no, ok := err.(*graphwarden.Refusal)
	if !ok {
		return err
	}
	out := *no
	for i := range people + 1 {
		if no.Field == fmt.Sprintf("people[%d]", i) {
			out.Field = fmt.Sprintf("people[%d]", i-1)
		}
	}
	if no.Field == "people[0]" {
		out.Field = "mailbox"
	}
	return &out
}

// once leaves out who is named twice.
func once(boxes []graphwarden.Mailbox) []graphwarden.Mailbox {
	var out []graphwarden.Mailbox
	for _, b := range boxes {
		if !slices.ContainsFunc(out, func(o graphwarden.Mailbox) bool { return o.ID == b.ID }) {
			out = append(out, b)
		}
	}
	return out
}

// peopleOf reads what Graph says of the people who were asked for, in their order.
func peopleOf(raw json.RawMessage, boxes []graphwarden.Mailbox) ([]person, error) {
	var said struct {
		Value []struct {
			ID    string          `json:"scheduleId"`
			View  string          `json:"availabilityView"`
			Hours hours           `json:"workingHours"`
			Error json.RawMessage `json:"error"`
		} `json:"value"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, fmt.Errorf("reading the schedules of %d people: %w", len(boxes), err)
	}
	out := make([]person, len(boxes))
	for i, b := range boxes {
		out[i].name = b.UPN
		for _, v := range said.Value {
			if strings.EqualFold(v.ID, b.UPN) {
				out[i] = person{b.UPN, len(v.Error) == 0 && v.View != "", v.View, v.Hours}
			}
		}
	}
	return out, nil
}

// during says what somebody is in a part of the time that was asked for: of several
// things what leaves least time, as in Graph's availabilityView.
func (p person) during(from, to time.Duration) string {
	if !p.known {
		return "unknown"
	}
	worst := byte('0')
	for at := from.Truncate(slot); at < to; at += slot {
		i := int(at / slot)
		if i >= len(p.view) || p.view[i] < '0' || p.view[i] > '4' {
			return "unknown"
		}
		if weight(p.view[i]) > weight(worst) {
			worst = p.view[i]
		}
	}
	return [...]string{"free", "tentative", "busy", "oof", "workingElsewhere"}[worst-'0']
}

// weight orders the digits of an availabilityView: working elsewhere, 4, leaves as much
// time as being free.
func weight(digit byte) int { return int((digit - '0') % 4) }

// suggest looks at each half hour that is not over, from the first on.
func (m Meet) suggest(all []person, from, to, now time.Time) Meetings {
	length := m.length()
	least := 50.0
	if m.Least != nil {
		least = float64(*m.Least)
	}
	var out Meetings
	var organizer, guests, unknown bool
	for at := from; !at.Add(length).After(to); at = at.Add(begins) {
		if at.Before(now) || !all[0].hours.hold(m.Hours, at, at.Add(length)) {
			continue
		}
		x := m.judge(all, at.Sub(from), length)
		x.Start, x.End = at, at.Add(length)
		switch {
		case !m.Optional && (x.Organizer == "busy" || x.Organizer == "oof"):
			organizer = true
		case x.Confidence < least:
			guests = true
			for _, is := range x.People {
				unknown = unknown || is == "unknown"
			}
			unknown = unknown || m.Others > 0
		default:
			out.List = append(out.List, x)
		}
	}
	slices.SortStableFunc(out.List, func(a, b Meeting) int { return cmp.Compare(b.Confidence, a.Confidence) })
	out.List = out.List[:min(len(out.List), cmp.Or(m.Most, 20))]
	switch {
	case len(out.List) > 0:
	case guests && unknown:
		out.Why = "attendeesUnavailableOrUnknown"
	case guests:
		out.Why = "attendeesUnavailable"
	case organizer:
		out.Why = "organizerUnavailable"
	default:
		out.Why = "unknown"
	}
	return out
}

// judge says who could come, and how sure that is: who is free counts 100 per cent, who
// is not known 49, who is busy nothing (documentation of findMeetingTimes). What is
// tentative counts as what is not known, of which the documentation says nothing.
func (m Meet) judge(all []person, from, length time.Duration) Meeting {
	x := Meeting{Organizer: all[0].during(from, from+length), People: map[string]string{}, Confidence: 100}
	total := 49 * float64(m.Others)
	for _, p := range all[1:] {
		is := p.during(from, from+length)
		x.People[p.name] = is
		switch is {
		case "free", "workingElsewhere":
			total += 100
		case "unknown", "tentative":
			total += 49
		}
	}
	if n := len(all) - 1 + m.Others; n > 0 {
		x.Confidence = total / float64(n)
	}
	return x
}

// hold says whether a time lies in working hours, as far as that is wanted: of personal
// ones the weekend is, too (documentation of findMeetingTimes, activityDomain). Hours that
// are not known hold everything.
func (h hours) hold(wanted string, from, to time.Time) bool {
	at, err := zone.Load(h.Zone.Name)
	if wanted == "unrestricted" || err != nil || len(h.Days) == 0 || h.Start == "" || h.End == "" {
		return true
	}
	a, b := from.In(at), to.In(at)
	weekend := wanted == "personal" && (a.Weekday() == time.Saturday || a.Weekday() == time.Sunday)
	if !weekend && !slices.Contains(h.Days, strings.ToLower(a.Weekday().String())) {
		return false
	}
	const clock = "15:04:05.0000000"
	return a.Format(time.DateOnly) == b.Format(time.DateOnly) && a.Format(clock) >= h.Start && b.Format(clock) <= h.End
}
