package act_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
)

// cutting is a house whose steps can be cut; the process whose steps they are is
// h.Act, and who resumes has steps of the same plan.
type cutting struct {
	*house
	plan atomic.Pointer[faulty.Plan] // the store commits what may wait in a goroutine of its own
	sent bool                        // something was written
	deaf int                         // how many looks after that go unanswered
}

func (c *cutting) step(name string, act func() error) error {
	plan := c.plan.Load()
	if plan == nil {
		return act()
	}
	return plan.Step(name, act)
}

// openCutting names the room's steps as assemble does.
func openCutting(t *testing.T) *cutting {
	t.Helper()
	c := &cutting{}
	c.house = openAs(t, "", c.step)
	s := c.rooms.Store
	c.config.Writer, c.config.Reader = cutWriter{c.config.Writer, c}, cutReader{c.config.Reader, c}
	c.config.Intents, c.config.Due = cutIntents{s}, cutDue{s}
	c.Act = act.New(c.config)
	return c
}

// situation is a kind of write, and what makes it pass certain steps.
type situation struct {
	kind    graphwarden.WriteKind
	name    string
	effect  string // that there is once in the end, as the simulator calls it
	steps   []string
	arrange func(c *cutting, id string) // weather and others' changes, before the write
	write   func(c *cutting, key, id string) (graphwarden.Intent, error)
}

func situations() []situation {
	update := func(c *cutting, key, id string) (graphwarden.Intent, error) {
		return c.Update(c.t.Context(), act.Update{Target: c.to(key), ID: id, Change: json.RawMessage(`{"subject":"Changed"}`)})
	}
	create := func(c *cutting, key, _ string) (graphwarden.Intent, error) {
		return c.Create(c.t.Context(), act.Create{Target: c.to(key), Reference: key, Event: plain("Made")})
	}
	erase := func(c *cutting, key, id string) (graphwarden.Intent, error) {
		return c.Delete(c.t.Context(), act.Delete{Target: c.to(key), ID: id})
	}
	cancel := func(c *cutting, key, id string) (graphwarden.Intent, error) {
		return c.Cancel(c.t.Context(), act.Cancel{Target: c.to(key), ID: id, Comment: "no"})
	}
	respond := func(c *cutting, key, id string) (graphwarden.Intent, error) {
		return c.Respond(c.t.Context(), act.Respond{Target: c.to(key), ID: id, Answer: "accept"})
	}
	quiet, looks := []string{"act:intent", "act:send", "act:outcome"}, []string{"act:look"}
	all := []string{"act:intent", "act:send", "act:look", "act:later", "act:lease", "act:outcome"}
	// lost cuts the answer to the first request that writes, and what is asked in the
	// attempts that follow at once, so that another one finds out later.
	lost := func(match string) func(c *cutting, id string) {
		return func(c *cutting, _ string) {
			c.sky(match, "after", 1)
			c.deaf = 2
		}
	}
	// moved has Outlook change the event after it was read and before it is written.
	moved := func(c *cutting, id string) {
		c.config.Writer = meddles{c.config.Writer, c, id, new(bool)}
		c.Act = act.New(c.config)
	}
	return []situation{
		{graphwarden.CreateEvent, "create", "create", quiet, nil, create},
		{graphwarden.CreateEvent, "create, nobody answers", "create", all, lost("POST /users/*/events"), create},
		{graphwarden.UpdateEvent, "update", "update", append(looks, quiet...), nil, update},
		{graphwarden.UpdateEvent, "update, nobody answers", "update", all, lost("PATCH /users/*/events/*"), update},
		{graphwarden.UpdateEvent, "update, meanwhile changed", "update", []string{"act:amend"}, moved, update},
		{graphwarden.DeleteEvent, "delete", "delete", quiet, nil, erase},
		{graphwarden.DeleteEvent, "delete, nobody answers", "delete", all, lost("DELETE /users/*/events/*"), erase},
		{graphwarden.CancelEvent, "cancel", "delete", quiet, nil, cancel},
		{graphwarden.CancelEvent, "cancel, nobody answers", "delete", all, lost("POST /users/*/events/*/cancel"), cancel},
		{graphwarden.RespondEvent, "respond", "update", append([]string{"act:look", "act:amend"}, quiet...), nil, respond},
		{graphwarden.RespondEvent, "respond, nobody answers", "update", append([]string{"act:amend"}, all...), lost("POST /users/*/events/*/accept"), respond},
	}
}

// TestAWriteHappensOnceWhereverItIsCut cuts every kind of write before and after each
// of its steps. The app repeats what it got no answer to, with its key; another
// process resumes what was left.
func TestAWriteHappensOnceWhereverItIsCut(t *testing.T) {
	c := openCutting(t)
	cuts := 0
	for _, s := range situations() {
		for _, name := range s.steps {
			for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
				cuts++
				t.Run(strings.Join([]string{s.name, string(at), name}, " "), func(t *testing.T) {
					c.t = t
					c.trial(t, s, fmt.Sprintf("cut-%d", cuts), faulty.Cut{Step: name, At: at})
				})
			}
		}
	}
	t.Logf("%d cuts", cuts)
}

// TestEveryKindOfWriteIsCut fails for a kind that is cut nowhere, or not at the steps
// that every write passes.
func TestEveryKindOfWriteIsCut(t *testing.T) {
	cut := map[graphwarden.WriteKind]map[string]bool{}
	note := func(kind graphwarden.WriteKind, steps []string) {
		if cut[kind] == nil {
			cut[kind] = map[string]bool{}
		}
		for _, step := range steps {
			cut[kind][step] = true
		}
	}
	for _, s := range situations() {
		note(s.kind, s.steps)
	}
	for _, s := range mailSituations() {
		note(s.kind, s.steps)
	}
	for _, way := range act.Ways() {
		for _, step := range []string{"act:intent", "act:send", "act:outcome", "act:later", "act:lease"} {
			if !cut[way.Kind][step] {
				t.Errorf("no situation cuts a write of the kind %s at %s", way.Kind, step)
			}
		}
	}
}

func (c *cutting) trial(t *testing.T, s situation, key string, cut faulty.Cut) {
	id := ""
	if s.effect != "create" {
		id = c.victim(t, strings.HasPrefix(s.name, "respond"))
	}
	config := c.config
	if s.arrange != nil {
		s.arrange(c, id)
	}
	before := c.all()
	c.plan.Store(faulty.NewPlan(t, cut))
	c.sent = false
	in, err := s.write(c, key, id)
	for tries := 0; err != nil && tries < 4; tries++ {
		in, err = s.write(c, key, id)
	}
	if err != nil {
		t.Fatalf("the repeated write gave %v", err)
	}
	for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 20; tries++ {
		c.clock.advance(10 * time.Minute)
		_, _ = act.New(c.config).Resume(t.Context()) // its error is the cut, and the next attempt follows
		if in, err = c.Write(t.Context(), "crm", in.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.plan.Store(nil)
	c.config, c.deaf = config, 0
	c.Act = act.New(config)
	c.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
	if in.Kind != s.kind {
		t.Errorf("the write is of the kind %s", in.Kind)
	}
	if in.Outcome.State != graphwarden.IntentDone {
		t.Fatalf("the write is %s, %v", in.Outcome.State, in.Outcome.Refusal)
	}
	made := -before[s.effect]
	for effect, n := range c.all() {
		if effect == s.effect {
			made += n
		} else if others := n - before[effect]; others != 0 && !(s.arrange != nil && effect == "update") {
			t.Errorf("%d effects %q", others, effect)
		}
	}
	if want := 1 + c.meddled(s); made != want {
		t.Errorf("%d effects %q instead of %d", made, s.effect, want)
	}
	if due, waits, err := c.rooms.Store.NextIntent(t.Context()); waits || err != nil {
		t.Errorf("a write is still due %s, %v", due, err)
	}
}

// meddled is how many of a situation's effects are Outlook's.
func (c *cutting) meddled(s situation) int {
	if strings.HasSuffix(s.name, "meanwhile changed") {
		return 1
	}
	return 0
}

// victim makes what is to be changed: a meeting of the mailbox, or an invitation.
func (c *cutting) victim(t *testing.T, invitation bool) string {
	t.Helper()
	if invitation {
		l := &loser{house: c.house, r: chance(t)}
		l.ready(t)
		return l.invited[0]
	}
	event := doc{"subject": "Review", "start": doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"}, "end": doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"},
		"attendees": []any{doc{"emailAddress": doc{"address": c.flow.Mailboxes[1].UPN}}}}
	w := c.request(t, http.MethodPost, c.path("/events"), event)
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.ID == "" {
		t.Fatal(w.Code, w.Body)
	}
	return made.ID
}

// meddles has Outlook change an event just before it is written for the first time.
type meddles struct {
	act.Writer
	c    *cutting
	id   string
	done *bool
}

func (m meddles) UpdateEvent(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error) {
	if !*m.done {
		*m.done = true
		m.c.Ask(m.c.t, http.MethodPatch, m.c.path("/events/"+m.id), doc{"importance": "high"})
	}
	return m.Writer.UpdateEvent(ctx, f, b, id, version, change)
}
