package presence

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// house is all that a room has in memory while it runs.
type house struct {
	room   *Room
	flows  map[string]*household
	cursor map[string]int64 // of each flow, the last change that was taken up
	start  int64            // where the cursors begin
	alarms alarms
	dirty  []*member
	gone   []graphwarden.Told // to be told
	before map[string]map[string]graphwarden.Told
}

// household is the people of one flow.
type household struct {
	flow   flow.Flow
	plan   Plan
	people map[string]*member // by object id
	feeds  map[int64]string   // whose each feed is

	lookedAt time.Time // when it was last looked how lately they were read
}

// member is somebody of a household.
type member struct {
	person
	facts
	household *household
	mailbox   graphwarden.Mailbox
	zone      string   // the mailbox's own, as it says it
	said      [16]byte // of what was last told
	dirty     bool
	dueAt     time.Time // when the state changes by itself
	place     int       // among the alarms, from 1; 0 is none
	rereadAt  time.Time
}

// mark has a member's state be looked at anew.
func (h *house) mark(m *member) {
	if !m.dirty {
		m.dirty = true
		h.dirty = append(h.dirty, m)
	}
}

// remember reads what was told of everybody.
func (h *house) remember(ctx context.Context) error {
	h.before = map[string]map[string]graphwarden.Told{}
	for seq := int64(0); ; {
		list, err := h.room.config.Book.PresenceAfter(ctx, seq, changesAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, t := range list {
			seq = t.Seq
			if t.Gone {
				continue
			}
			if h.before[t.Flow] == nil {
				h.before[t.Flow] = map[string]graphwarden.Told{}
			}
			h.before[t.Flow][t.Mailbox.ID] = t
		}
	}
}

// gather brings the households in line with the roster: who came is read, who left
// is gone.
func (h *house) gather(ctx context.Context) error {
	there := map[string]bool{}
	for _, f := range h.room.config.Roster.Flows() {
		plan, ours := h.room.plan(f)
		if !ours {
			continue
		}
		there[f.Name] = true
		if err := h.gatherFlow(ctx, f, plan); err != nil {
			return err
		}
	}
	planned := func(name string) bool {
		return slices.ContainsFunc(h.room.config.Plans, func(p Plan) bool { return p.Flow == name })
	}
	for name, list := range h.before { // flows that the configuration has no more
		if !there[name] && !planned(name) {
			for _, t := range list {
				h.gone = append(h.gone, told(name, t.Mailbox, nil))
			}
			delete(h.before, name)
		}
	}
	return nil
}

func (h *house) gatherFlow(ctx context.Context, f flow.Flow, plan Plan) error {
	hh := h.flows[f.Name]
	first := hh == nil
	if first {
		hh = &household{people: map[string]*member{}, feeds: map[int64]string{}}
		h.flows[f.Name], h.cursor[f.Name] = hh, h.start
	}
	hh.flow, hh.plan = f, plan
	var came []*member
	stays := make(map[string]bool, len(f.Mailboxes))
	for _, mailbox := range f.Mailboxes {
		stays[mailbox.ID] = true
		if hh.people[mailbox.ID] == nil {
			came = append(came, h.welcome(hh, mailbox))
		}
	}
	if f.Whole {
		h.dismiss(hh, stays)
	}
	if len(came) == 0 {
		return nil
	}
	whose := ""
	if !first && len(came) == 1 {
		whose = came[0].mailbox.ID
	}
	if err := h.read(ctx, hh, whose); err != nil {
		return err
	}
	return h.freshenFlow(ctx, hh)
}

// welcome takes somebody up, as they were told before.
func (h *house) welcome(hh *household, mailbox graphwarden.Mailbox) *member {
	m := &member{household: hh, mailbox: mailbox, person: person{items: map[key]entry{}}}
	m.plan, m.promise = hh.plan, h.room.config.Promise
	m.home = zoneNamed(hh.plan.Zone)
	if t, was := h.before[hh.flow.Name][mailbox.ID]; was {
		var p Presence
		if json.Unmarshal(t.Body, &p) == nil {
			m.recall(p)
		}
		delete(h.before[hh.flow.Name], mailbox.ID)
	}
	hh.people[mailbox.ID] = m
	h.mark(m)
	return m
}

// recall takes up from what was told what the store has nowhere else, until
// Microsoft has been asked again.
func (m *member) recall(p Presence) {
	m.said = digest(p)
	if p.Zone != "" {
		m.move(p.Zone)
	}
	if p.Teams != nil && m.plan.Wants.Teams {
		m.teams = &graph.Presence{Mailbox: m.mailbox.ID, Availability: p.Teams.Availability, Activity: p.Teams.Activity}
	}
	if k := p.AutomaticReplies; k.Source == FromSettings && m.plan.Wants.Settings {
		m.settings = &graph.Settings{Zone: p.Zone, Replies: "disabled"}
		switch {
		case k.Is == "on" && k.Until.IsZero():
			m.settings.Replies = "alwaysEnabled"
		case k.Is == "on":
			m.settings.Replies, m.settings.End = "scheduled", k.Until
		case !k.Until.IsZero():
			m.settings.Replies, m.settings.Start, m.settings.End = "scheduled", k.Until, k.Until.Add(time.Minute)
		}
	}
	if p.Source == FromSchedule && m.plan.Wants.Schedule {
		m.asked = p.AsOf
		if p.State != Available && !p.Until.IsZero() {
			m.schedule = []span{{to: p.Until, state: p.State, class: p.Class, source: FromSchedule}}
		}
	}
}

// dismiss tells that those are gone who do not stay.
func (h *house) dismiss(hh *household, stays map[string]bool) {
	for id, m := range hh.people {
		if stays[id] {
			continue
		}
		h.alarms.set(m, time.Time{})
		m.dirty = true // and in no list: nothing more is told
		delete(hh.people, id)
		h.gone = append(h.gone, told(hh.flow.Name, m.mailbox, nil))
	}
	for id, t := range h.before[hh.flow.Name] { // they left while nothing ran
		if !stays[id] {
			h.gone = append(h.gone, told(hh.flow.Name, t.Mailbox, nil))
		}
	}
	delete(h.before, hh.flow.Name)
}

// read reads the items of a flow's people from the store, or of one of them.
func (h *house) read(ctx context.Context, hh *household, whose string) error {
	now := h.room.config.Now()
	for id, m := range hh.people {
		if whose == "" || whose == id {
			m.items = map[key]entry{}
			m.rereadAt = now.Add(rereadAfter/2 + spread(id, rereadAfter/2))
			h.mark(m)
		}
	}
	n := 0
	err := h.room.config.Calendars.FeedItems(ctx, hh.flow.Name, whose, func(feed int64, mailbox, item string, body json.RawMessage) error {
		hh.feeds[feed] = mailbox
		if m := hh.people[mailbox]; m != nil {
			m.put(item, body, hh.plan.Subjects)
			if n++; n%256 == 0 {
				m.forget(now, now.Add(horizon))
			}
		}
		return nil
	})
	for id, m := range hh.people {
		if whose == "" || whose == id {
			m.forget(now, now.Add(horizon))
		}
	}
	return err
}

// spread gives each one a part of a time of their own.
func spread(id string, d time.Duration) time.Duration {
	f := fnv.New64a()
	_, _ = f.Write([]byte(id)) // a hash takes everything
	return time.Duration(f.Sum64() % uint64(d))
}

// reread reads those anew of whom what is in memory has become old, a few at a time.
func (h *house) reread(ctx context.Context) error {
	const atOnce = 4
	now, n := h.room.config.Now(), 0
	for _, hh := range h.flows {
		for id, m := range hh.people {
			if n == atOnce {
				return nil
			}
			if m.rereadAt.After(now) {
				continue
			}
			n++
			if err := h.read(ctx, hh, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// people gives the households as those who ask Microsoft need them.
func (h *house) people() []asked {
	var out []asked
	for _, f := range h.room.config.Roster.Flows() {
		if plan, ours := h.room.plan(f); ours {
			out = append(out, asked{f, plan})
		}
	}
	return out
}
