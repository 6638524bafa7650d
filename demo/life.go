package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"
)

// awaitWithin is how long the story waits for a change to arrive.
const awaitWithin = 60 * time.Second

// await waits until the apps have received something of an item that is of the
// kind, and shows it with the time since the change.
func (s *stage) await(ctx context.Context, since time.Time, match func(arrival) bool) error {
	for late := time.After(awaitWithin); ; {
		select {
		case a := <-s.receiver.arrivals:
			if match(a) && !a.at.Before(since) {
				s.arrived(a, a.at.Sub(since))
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("a change did not arrive within %s", awaitWithin)
		}
	}
}

// of matches arrivals of one item, of any kind if kind is "".
func of(item, kind string) func(arrival) bool {
	return func(a arrival) bool { return a.item == item && (kind == "" || a.kind == kind) }
}

// person is the n-th person of the company.
func (s *stage) person(n int) (id, upn string) {
	u := s.simulator.Users[n%len(s.simulator.Users)]
	return u.ID, u.UPN
}

// monday is next Monday at an hour, UTC.
func monday(hour int) time.Time {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	for day = day.AddDate(0, 0, 1); day.Weekday() != time.Monday; {
		day = day.AddDate(0, 0, 1)
	}
	return day.Add(time.Duration(hour) * time.Hour)
}

// life has people change their calendars, and shows how fast the app knows.
func (s *stage) life(ctx context.Context) error {
	s.chapter("Life: people change their calendars in Outlook, the apps hear of it")
	id, upn := s.person(0)
	_, guest := s.person(1)
	s.say("%s creates a meeting, moves it, and cancels it:", upn)
	meeting, err := s.meet(ctx, id, "Quarterly numbers", monday(9), guest)
	if err != nil {
		return err
	}
	if err := s.change(ctx, http.MethodPatch, id, meeting, doc{"start": moment(monday(13)), "end": moment(monday(14))}, "updated"); err != nil {
		return err
	}
	if err := s.change(ctx, http.MethodDelete, id, meeting, nil, "deleted"); err != nil {
		return err
	}
	return s.series(ctx, id, upn)
}

// meet creates a meeting and waits for it at the app.
func (s *stage) meet(ctx context.Context, user, subject string, start time.Time, guests ...string) (string, error) {
	since := time.Now()
	id, err := s.create(ctx, user, subject, start, guests...)
	if err != nil {
		return "", err
	}
	return id, s.await(ctx, since, of(id, "created"))
}

func (s *stage) create(ctx context.Context, user, subject string, start time.Time, guests ...string) (string, error) {
	var attendees []any
	for _, g := range guests {
		attendees = append(attendees, doc{"type": "required", "emailAddress": doc{"address": g}})
	}
	body := doc{"subject": subject, "start": moment(start), "end": moment(start.Add(time.Hour))}
	if len(attendees) > 0 {
		body["attendees"] = attendees
	}
	made, err := s.outlook.do(ctx, http.MethodPost, s.outlook.at(user, "/events"), body)
	return text(made, "id"), err
}

// change changes or deletes an event and waits for that at the app.
func (s *stage) change(ctx context.Context, method, user, event string, body any, kind string) error {
	since := time.Now()
	if _, err := s.outlook.do(ctx, method, s.outlook.at(user, "/events/"+url.PathEscape(event)), body); err != nil {
		return err
	}
	return s.await(ctx, since, of(event, kind))
}

// series makes a weekly series, moves one occurrence, and takes another out.
func (s *stage) series(ctx context.Context, user, upn string) error {
	start := monday(8)
	s.say("%s makes a weekly series, moves one occurrence and takes one out:", upn)
	since := time.Now()
	made, err := s.outlook.do(ctx, http.MethodPost, s.outlook.at(user, "/events"), doc{
		"subject": "Team breakfast", "start": moment(start), "end": moment(start.Add(time.Hour)),
		"recurrence": doc{
			"pattern": doc{"type": "weekly", "interval": 1, "daysOfWeek": []any{"monday"}},
			"range":   doc{"type": "numbered", "startDate": start.Format(time.DateOnly), "numberOfOccurrences": 6},
		}})
	if err != nil {
		return err
	}
	if err := s.await(ctx, since, of(text(made, "id"), "created")); err != nil {
		return err
	}
	span := url.Values{"startDateTime": {start.Format(time.RFC3339)}, "endDateTime": {start.AddDate(0, 0, 50).Format(time.RFC3339)}}
	var dates []string
	err = s.outlook.each(ctx, s.outlook.at(user, "/events/"+url.PathEscape(text(made, "id"))+"/instances?"+span.Encode()),
		func(d doc) { dates = append(dates, text(d, "id")) })
	if err != nil {
		return err
	}
	if len(dates) != 6 {
		return fmt.Errorf("the series has %d occurrences, not 6", len(dates))
	}
	moved := start.AddDate(0, 0, 8)
	err = s.change(ctx, http.MethodPatch, user, dates[1], doc{"start": moment(moved), "end": moment(moved.Add(time.Hour)), "subject": "Team breakfast (Tuesday!)"}, "")
	if err != nil {
		return err
	}
	return s.change(ctx, http.MethodDelete, user, dates[3], nil, "deleted")
}

// appDown takes the app down while meetings are made, and brings it back.
func (s *stage) appDown(ctx context.Context) error {
	s.chapter("The app is down for a while")
	id, upn := s.person(0)
	s.receiver.setDown(true)
	s.trouble("the portal answers 503; %s makes three meetings", upn)
	since := time.Now()
	waiting := map[string]bool{}
	for i, subject := range []string{"While you were away 1", "While you were away 2", "While you were away 3"} {
		event, err := s.create(ctx, id, subject, monday(10+i))
		if err != nil {
			return err
		}
		waiting[event] = true
	}
	if err := s.tried(ctx); err != nil {
		return err
	}
	s.say("the portal is back after %s", round(time.Since(since)))
	if err := s.all(ctx, since, waiting); err != nil {
		return err
	}
	s.did("nothing lost, nothing asked of the portal but to come back")
	return nil
}

// tried waits until the app that is down has been called in vain, then brings it
// back.
func (s *stage) tried(ctx context.Context) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for late := time.After(awaitWithin); ; {
		if n := s.receiver.setDown(true); n > 0 {
			s.receiver.setDown(false)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("the app was not called within %s", awaitWithin)
		case <-look.C:
		}
	}
}

// lostNotification has Microsoft lose a notification.
func (s *stage) lostNotification(ctx context.Context) error {
	s.chapter("Microsoft loses a notification")
	if err := s.outlook.steer(ctx, "/sim/faults", doc{"rules": []any{doc{"match": "NOTIFY *", "drop": true}}}); err != nil {
		return err
	}
	id, upn := s.person(2)
	s.trouble("%s makes a meeting, and no notification says so", upn)
	if _, err := s.meet(ctx, id, "Nobody was told", monday(15)); err != nil {
		return err
	}
	s.did("the sweep found it: a notification only wakes, the delta is the truth")
	return s.outlook.steer(ctx, "/sim/faults", doc{"rules": []any{}})
}

// killed kills the gateway while people work, and then Microsoft 365.
func (s *stage) killed(ctx context.Context) error {
	s.chapter("kill -9: first the gateway, then Microsoft 365")
	id, upn := s.person(3)
	s.say("the gateway is process %d, the simulator process %d; %s goes on making meetings", s.gateway.pid(), s.simulator.pid(), upn)
	since := time.Now()
	waiting := map[string]bool{}
	for i, subject := range []string{"Before the kill", "In the midst of it", "Nobody was there"} {
		event, err := s.create(ctx, id, subject, monday(9+i))
		if err != nil {
			return err
		}
		waiting[event] = true
		if i == 0 {
			if err := s.gateway.kill(); err != nil {
				return err
			}
		}
	}
	if err := s.all(ctx, since, waiting); err != nil {
		return err
	}
	s.did("the gateway went on where it was: nothing lost")
	if err := s.simulator.kill(); err != nil {
		return err
	}
	if _, err := s.meet(ctx, id, "After the outage", monday(14)); err != nil {
		return err
	}
	s.did("Microsoft 365 is back, and the gateway never asked for help")
	return nil
}

// all waits until every one of some events has arrived.
func (s *stage) all(ctx context.Context, since time.Time, waiting map[string]bool) error {
	for len(waiting) > 0 {
		err := s.await(ctx, since, func(a arrival) bool {
			found := waiting[a.item]
			delete(waiting, a.item)
			return found
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// goOn lets people change their calendars until the viewer has seen enough.
func (s *stage) goOn(ctx context.Context) error {
	var everybody []int
	for n := range s.simulator.Users {
		everybody = append(everybody, n)
	}
	return s.goOnFor(ctx, everybody, func(ctx context.Context) error { return s.held(ctx, "compared again: ") })
}

// goOnFor is goOn for some people, whose calendars are compared by held.
func (s *stage) goOnFor(ctx context.Context, people []int, held func(context.Context) error) error {
	s.chapter("Life goes on; Ctrl-C ends it and leaves nothing behind")
	if err := s.gateway.restart(ctx); err != nil {
		return err
	}
	s.say("kill -9 %d is the gateway, kill -9 %d is Microsoft 365: try it", s.gateway.pid(), s.simulator.pid())
	dice := rand.New(rand.NewPCG(s.options.Seed, 1))
	pause := time.NewTicker(3 * time.Second)
	defer pause.Stop()
	started := func() int { return s.gateway.started() + s.simulator.started() }
	seen := started()
	subjects := []string{"Lunch", "Review", "Interview", "Planning", "Customer call", "One on one"}
	for {
		id, _ := s.person(people[dice.IntN(len(people))])
		if _, err := s.meet(ctx, id, subjects[dice.IntN(len(subjects))], monday(7+dice.IntN(10))); err != nil {
			return err
		}
		if now := started(); now != seen {
			seen = now
			if err := errors.Join(s.settle(ctx, false), held(ctx)); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
	}
}
