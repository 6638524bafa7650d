package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	if f.People {
		return a.each(ctx, f, people, question)
	}
	return a.askSchedule(ctx, f, people, question)
}

// askSchedule asks through the first of some people when all of them are free.
func (a *Act) askSchedule(ctx context.Context, f flow.Flow, people []graphwarden.Mailbox, question map[string]any) (json.RawMessage, error) {
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

// each asks for everybody apart, in their own name: nobody's sign-in opens somebody
// else's calendar. The answers are put together as Microsoft gives them for several.
func (a *Act) each(ctx context.Context, f flow.Flow, people []graphwarden.Mailbox, question map[string]any) (json.RawMessage, error) {
	whole := map[string]json.RawMessage{}
	all := []json.RawMessage{}
	for i := range people {
		raw, err := a.askSchedule(ctx, f, people[i:i+1], question)
		if err != nil {
			return nil, err
		}
		var one []json.RawMessage
		if err := json.Unmarshal(raw, &whole); err != nil {
			return nil, fmt.Errorf("reading a schedule: %w", err)
		}
		if err := json.Unmarshal(whole["value"], &one); err != nil {
			return nil, fmt.Errorf("reading the people of a schedule: %w", err)
		}
		all = append(all, one...)
	}
	value, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("writing schedules: %w", err)
	}
	whole["value"] = value
	out, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("writing schedules: %w", err)
	}
	return out, nil
}

func (s Schedule) check() (map[string]any, error) {
	switch {
	case len(s.People) == 0 || len(s.People) > mostPeople:
		return nil, refuse(graphwarden.Invalid, "act.schedule", "people", fmt.Sprintf("The question names %d people.", len(s.People)),
			fmt.Sprintf("Name one to %d.", mostPeople))
	case s.Interval != 0 && (s.Interval < 5 || s.Interval > 1440):
		return nil, refuse(graphwarden.Invalid, "act.schedule", "interval_minutes", "The interval is not from 5 to 1440 minutes.", "Send one that is, or none for 30.")
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
	switch {
	case !start.Before(end):
		return nil, refuse(graphwarden.Invalid, "act.times", "end", "The end is not after the start.", "Send an end that is later than the start.")
	case end.Sub(start) > 62*24*time.Hour:
		return nil, refuse(graphwarden.Invalid, "act.times", "end", "The time is longer than 62 days.", "Ask for less at once.")
	}
	return question, nil
}

// together finds one flow whose scope holds all people that a question names.
func (a *Act) together(s Schedule) (flow.Flow, []graphwarden.Mailbox, error) {
	missing := 0
	for _, f := range a.config.Roster.Flows() {
		if f.App != s.App || f.Tenant != s.Tenant || !performs(f, flow.GetSchedule()) || !among(s.Flows, f.Name) {
			continue
		}
		var people []graphwarden.Mailbox
		for i, name := range s.People {
			m, ok := member(f, name)
			if !ok {
				missing = i
				break
			}
			people = append(people, m)
		}
		if len(people) == len(s.People) {
			return f, people, nil
		}
	}
	_, _, err := a.place(Target{App: s.App, Tenant: s.Tenant, Flows: s.Flows, Mailbox: s.People[missing]}, flow.GetSchedule())
	var no *graphwarden.Refusal
	if errors.As(err, &no) && no.Code == "act.mailbox" {
		no.Field = fmt.Sprintf("people[%d]", missing)
	}
	if err == nil {
		err = refuse(graphwarden.Denied, "act.mailbox", "people", "No single flow of the app holds all the mailboxes that the question names.", "Ask for the mailboxes of each flow apart.")
	}
	return flow.Flow{}, nil, err
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
	list, err := a.config.Reader.Instances(ctx, f, m, series, w)
	return list, ofID(err, "event", series)
}
