package presence

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Asks are how often Microsoft is asked what calendars do not say. Teams lets one
// ask about 650 people at once and 50 times a second (graph-facts §5), so that to
// ask about everybody costs less than to keep a subscription of an hour for each;
// and an application cannot subscribe ("Get change notifications for presence updates
// in Microsoft Teams": application permissions are not supported).
type Asks struct {
	Teams     time.Duration // 15 s
	Settings  time.Duration // 15 min, for each mailbox
	Schedules time.Duration // 5 min
}

func (a Asks) settled() Asks {
	for _, field := range []struct {
		d     *time.Duration
		usual time.Duration
	}{{&a.Teams, 15 * time.Second}, {&a.Settings, 15 * time.Minute}, {&a.Schedules, 5 * time.Minute}} {
		if *field.d == 0 {
			*field.d = field.usual
		}
	}
	return a
}

const (
	// peopleOfTeams and peopleOfSchedules are how many people one call may ask about
	// (graph-facts §7).
	peopleOfTeams     = 650
	peopleOfSchedules = 20
	// settingsAtOnce is how many mailboxes are asked for their settings together.
	settingsAtOnce = 4
)

// asked is a flow whose people are asked about.
type asked struct {
	flow flow.Flow
	plan Plan
}

// answer is what Microsoft said of some people of a flow.
type answer struct {
	flow      string
	at        time.Time
	teams     []graph.Presence
	silent    []graphwarden.Mailbox // of whom Teams says nothing now
	schedules []graph.Schedule
	settings  *graph.Settings
	mailbox   string // whose settings
}

// ask asks Microsoft what flows want, again and again, until ctx ends.
func (r *Room) ask(ctx context.Context, people func() []asked) {
	if r.config.Microsoft == nil {
		return
	}
	often := r.config.Asks.settled()
	var all sync.WaitGroup
	defer all.Wait()
	for _, source := range []struct {
		every time.Duration
		wants func(flow.PresenceWants) bool
		round func(context.Context, asked)
	}{
		{often.Teams, func(w flow.PresenceWants) bool { return w.Teams }, r.askTeams},
		{often.Settings, func(w flow.PresenceWants) bool { return w.Settings }, r.askSettings},
		{often.Schedules, func(w flow.PresenceWants) bool { return w.Schedule }, r.askSchedules},
	} {
		all.Go(func() {
			for ctx.Err() == nil {
				for _, a := range people() {
					if source.wants(a.plan.Wants) {
						source.round(ctx, a)
					}
				}
				pause(ctx, source.every)
			}
		})
	}
}

// answered hands an answer to the room.
func (r *Room) answered(ctx context.Context, a answer) {
	a.at = r.config.Now()
	select {
	case r.answers <- a:
	case <-ctx.Done():
	}
}

func (r *Room) askTeams(ctx context.Context, a asked) {
	for some := range slices.Chunk(a.flow.Mailboxes, peopleOfTeams) {
		said, err := r.config.Microsoft.Presences(ctx, a.flow, some)
		if err != nil && ctx.Err() == nil {
			r.config.Log.Warn("asking Teams", "flow", a.flow.Name, "people", len(some), "reason", err)
			r.answered(ctx, answer{flow: a.flow.Name, silent: some})
			continue
		}
		r.answered(ctx, answer{flow: a.flow.Name, teams: said})
	}
}

// askSettings asks every mailbox, and spreads that over the time until the next
// round.
func (r *Room) askSettings(ctx context.Context, a asked) {
	places := make(chan struct{}, settingsAtOnce)
	var all sync.WaitGroup
	defer all.Wait()
	for _, m := range a.flow.Mailboxes {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		all.Go(func() {
			defer func() { <-places }()
			s, err := r.config.Microsoft.Settings(ctx, a.flow, m)
			if err != nil && ctx.Err() == nil {
				r.config.Log.Warn("reading the settings of a mailbox", "flow", a.flow.Name, "mailbox", m.UPN, "reason", err)
				r.answered(ctx, answer{flow: a.flow.Name, mailbox: m.ID})
				return
			}
			r.answered(ctx, answer{flow: a.flow.Name, mailbox: m.ID, settings: &s})
		})
	}
}

// askSchedules asks for those whose calendar cannot be read, through somebody
// whose can.
func (r *Room) askSchedules(ctx context.Context, a asked) {
	unread, through, err := r.unread(ctx, a.flow)
	if err != nil || len(unread) == 0 || through.ID == "" {
		return
	}
	now := r.config.Now()
	for some := range slices.Chunk(unread, peopleOfSchedules) {
		said, err := r.config.Microsoft.Schedules(ctx, a.flow, through, some, now.Add(-24*time.Hour), now.Add(horizon))
		if err != nil && ctx.Err() == nil {
			r.config.Log.Warn("asking for free and busy times", "flow", a.flow.Name, "people", len(some), "reason", err)
			continue
		}
		r.answered(ctx, answer{flow: a.flow.Name, schedules: said})
	}
}

// unread gives those of a flow whose calendar was not read lately, and somebody
// whose was.
func (r *Room) unread(ctx context.Context, f flow.Flow) (unread []graphwarden.Mailbox, through graphwarden.Mailbox, err error) {
	sights, err := r.config.Calendars.FeedSights(ctx, f.Name)
	if err != nil {
		return nil, through, err
	}
	read := map[string]bool{}
	for _, s := range sights {
		if r.config.Now().Sub(s.ReadAt) <= r.config.Promise {
			read[s.Mailbox.ID] = true
		}
	}
	for _, m := range f.Mailboxes {
		if read[m.ID] {
			through = m
		} else {
			unread = append(unread, m)
		}
	}
	return unread, through, nil
}

// take takes an answer up.
func (h *house) take(a answer) {
	hh := h.flows[a.flow]
	if hh == nil {
		return
	}
	for _, said := range a.teams {
		if m := hh.people[said.Mailbox]; m != nil && (m.teams == nil || *m.teams != said) {
			m.teams = &said
			h.mark(m)
		}
	}
	for _, who := range a.silent {
		if m := hh.people[who.ID]; m != nil && m.teams != nil {
			m.teams = nil
			h.mark(m)
		}
	}
	for _, s := range a.schedules {
		if m := hh.people[s.Mailbox]; m != nil {
			m.takeSchedule(s, a.at)
			h.mark(m)
		}
	}
	if m := hh.people[a.mailbox]; m != nil && a.mailbox != "" {
		m.takeSettings(a.settings)
		h.mark(m)
	}
}

func (m *member) takeSchedule(s graph.Schedule, at time.Time) {
	if s.Problem != "" {
		m.asked = time.Time{}
		return
	}
	m.asked, m.schedule = at, nil
	for _, i := range s.Items {
		one := span{from: i.Start, to: i.End, state: stateOf(i.ShowAs), source: FromSchedule}
		if i.Private {
			one.class = Private
		}
		if one.state != Available && one.from.Before(one.to) {
			m.schedule = append(m.schedule, one)
		}
	}
	if m.settings == nil && s.Zone != "" {
		m.move(s.Zone)
	}
}

// takeSettings takes up what a mailbox says of itself; nil is that it says nothing
// now. Its zone is kept until it names another.
func (m *member) takeSettings(s *graph.Settings) {
	m.settings = s
	if s != nil {
		m.move(s.Zone)
	}
}

// move notes the zone that somebody lives in.
func (m *member) move(zone string) {
	if loc := zoneNamed(zone); loc != nil {
		m.zone, m.home = zone, loc
	}
}
