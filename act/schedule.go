package act

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// mostPeople is how many people one question may name (documentation of getSchedule).
const mostPeople = 20

// Schedule asks when people are free or busy. Each must be in a mailbox scope of the
// app: free/busy times are data of a mailbox like any other.
type Schedule struct {
	App, Tenant string
	Flows       []string        // that may be used; none means all of the app's
	People      []string        // mailboxes, by id or by name
	Start, End  json.RawMessage // as Graph's dateTimeTimeZone
	Interval    int             // minutes of each slot, 5 to 1440; 0 is 30
}

// Schedule gives Graph's answer to getSchedule.
func (a *Act) Schedule(ctx context.Context, s Schedule) (json.RawMessage, error) {
	question, err := s.check()
	if err != nil {
		return nil, err
	}
	f, people, err := a.together(s)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(people))
	for i, m := range people {
		names[i] = m.UPN
	}
	question["schedules"] = names
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("writing a question: %w", err)
	}
	return a.config.Reader.Schedule(ctx, f, people[0], people, body)
}

func (s Schedule) check() (map[string]any, error) {
	switch {
	case len(s.People) == 0 || len(s.People) > mostPeople:
		return nil, refuse(graphwarden.Invalid, "act.schedule", "people", fmt.Sprintf("The question names %d people.", len(s.People)),
			fmt.Sprintf("Name one to %d.", mostPeople))
	case s.Interval != 0 && (s.Interval < 5 || s.Interval > 1440):
		return nil, refuse(graphwarden.Invalid, "act.schedule", "interval", "The interval is not from 5 to 1440 minutes.", "Send one that is, or none for 30.")
	}
	question := map[string]any{"availabilityViewInterval": max(s.Interval, 5)}
	if s.Interval == 0 {
		question["availabilityViewInterval"] = 30
	}
	for _, at := range []struct {
		field, name string
		raw         json.RawMessage
	}{{"start", "startTime", s.Start}, {"end", "endTime", s.End}} {
		v, no := readObject(at.field, at.raw)
		if no == nil {
			no = isMoment(at.field, v)
		}
		if no != nil {
			return nil, no
		}
		question[at.name] = v
	}
	start, _ := moment(question["startTime"])
	end, _ := moment(question["endTime"])
	if !start.Before(end) || end.Sub(start) > 62*24*60*60*1e9 {
		return nil, refuse(graphwarden.Invalid, "act.times", "end", "The time is empty or longer than 62 days.", "Ask for less at once.")
	}
	return question, nil
}

// together finds one flow whose scope holds all people that a question names.
func (a *Act) together(s Schedule) (flow.Flow, []graphwarden.Mailbox, error) {
	missing := s.People[0]
	for _, f := range a.config.Roster.Flows() {
		if f.App != s.App || f.Tenant != s.Tenant || !performs(f, flow.GetSchedule()) || !among(s.Flows, f.Name) {
			continue
		}
		var people []graphwarden.Mailbox
		for _, name := range s.People {
			m, ok := member(f, name)
			if !ok {
				missing = name
				break
			}
			people = append(people, m)
		}
		if len(people) == len(s.People) {
			return f, people, nil
		}
	}
	_, _, err := a.place(Target{App: s.App, Tenant: s.Tenant, Flows: s.Flows, Mailbox: missing}, flow.GetSchedule())
	if err == nil {
		err = refuse(graphwarden.Denied, "act.mailbox", "people", "No single flow of the app holds all the mailboxes that the question names.", "Ask for the mailboxes of each flow apart.")
	}
	return flow.Flow{}, nil, err
}

// Suggest would ask Microsoft for times to meet. Its findMeetingTimes works for
// signed-in people only (graph-facts §7: no application permission opens it), and
// would name people whom no flow holds.
func (a *Act) Suggest(context.Context, Target) (json.RawMessage, error) {
	return nil, refuse(graphwarden.Denied, "act.suggest_delegated", "", "Microsoft suggests meeting times to signed-in people only, not to an app with permissions of its own.",
		"Ask for the schedule of the people, and choose a time when all are free.")
}

// Instances lists the occurrences and exceptions of a series in a window of time,
// with the ids by which single ones are changed.
func (a *Act) Instances(ctx context.Context, t Target, series string, w graphwarden.Window) ([]json.RawMessage, error) {
	if err := firstOf(checkID("event", series, false)); err != nil {
		return nil, err
	}
	f, m, err := a.place(t, flow.ListInstances())
	if err != nil {
		return nil, err
	}
	return a.config.Reader.Instances(ctx, f, m, series, w)
}
