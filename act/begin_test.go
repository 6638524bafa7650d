package act_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// counting counts the commits of a house, and knows how many there were when
// Microsoft's answer to a write had come.
type counting struct {
	*house
	commits, answered atomic.Int32
}

func (c *counting) commit(name string, act func() error) error {
	if name == "commit" {
		c.commits.Add(1)
	}
	return act()
}

type countingWriter struct {
	act.Writer
	c *counting
}

func (w countingWriter) CreateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar string, event []byte) (json.RawMessage, error) {
	defer func() { w.c.answered.Store(w.c.commits.Load()) }()
	return w.Writer.CreateEvent(ctx, f, m, calendar, event)
}

func (w countingWriter) DeleteEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string) error {
	defer func() { w.c.answered.Store(w.c.commits.Load()) }()
	return w.Writer.DeleteEvent(ctx, f, m, id, version)
}

type countingMailer struct {
	act.Mailer
	c *counting
}

func (m countingMailer) SendMail(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, request []byte) error {
	defer func() { m.c.answered.Store(m.c.commits.Load()) }()
	return m.Mailer.SendMail(ctx, f, b, request)
}

// waits says how many commits a write waits for until Microsoft has answered, and
// until its app is: the least of several, for the store syncs what was committed before
// by a commit of its own, which may fall into the time of a write.
func (c *counting) waits(write func(n int) (graphwarden.Intent, error)) string {
	c.t.Helper()
	answered, ended := int32(100), int32(100)
	for n := range tries {
		c.commits.Store(0)
		in, err := write(n)
		ended = min(ended, c.commits.Load())
		if err != nil || in.Outcome.State != graphwarden.IntentDone {
			c.t.Fatalf("the write is %+v, %v", in.Outcome, err)
		}
		answered = min(answered, c.answered.Load())
	}
	return fmt.Sprint(answered, " and ", ended)
}

// tries is how many writes are counted.
const tries = 5

func TestAWriteWaitsForTwoCommits(t *testing.T) {
	c := &counting{}
	c.house = openAs(t, "", c.commit)
	c.config.Writer = countingWriter{c.config.Writer, c}
	c.Act = act.New(c.config)
	var made [tries]graphwarden.Intent
	for n := range made {
		made[n] = c.create(fmt.Sprint("warm", n), fmt.Sprint("warm", n), plain("A token is obtained"))
	}
	if got := c.waits(func(n int) (graphwarden.Intent, error) {
		return c.Create(t.Context(), act.Create{Target: c.to(fmt.Sprint("one", n)), Event: plain("One")})
	}); got != "1 and 2" {
		t.Errorf("making an event waits for %s commits", got)
	}
	if got := c.waits(func(n int) (graphwarden.Intent, error) {
		return c.Delete(t.Context(), act.Delete{Target: c.to(fmt.Sprint("two", n)), ID: made[n].Item})
	}); got != "1 and 2" {
		t.Errorf("deleting one waits for %s commits", got)
	}
	c = &counting{}
	c.house = openFor(t, "mail", flow.MailSend(flow.Least), "", c.commit)
	c.config.Mailer = countingMailer{c.config.Mailer, c}
	c.Act = act.New(c.config)
	p := postOffice{c.house}
	if in, err := p.send("warm", "A token is obtained"); err != nil || in.Outcome.State != graphwarden.IntentDone {
		t.Fatal(in.Outcome, err)
	}
	if got := c.waits(func(n int) (graphwarden.Intent, error) { return p.send(fmt.Sprint("one", n), "One") }); got != "1 and 2" {
		t.Errorf("sending a message waits for %s commits", got)
	}
}

// TestNothingIsWrittenUnlessItsIntentIsOnDisk has every commit of an intent fail.
func TestNothingIsWrittenUnlessItsIntentIsOnDisk(t *testing.T) {
	c := openCutting(t)
	c.plan.Store(faulty.NewPlan(t, faulty.Cut{Step: "act:intent", At: faulty.Before, Times: 10}))
	before := total(c.all())
	in, err := c.Create(t.Context(), act.Create{Target: c.to("k"), Event: plain("Made")})
	if err == nil {
		t.Fatalf("the app was answered %+v", in)
	}
	if n := total(c.all()) - before; n != 0 {
		t.Errorf("%d effects", n)
	}
	if _, found, err := c.rooms.Store.IntentByKey(t.Context(), "crm", "k"); found || err != nil {
		t.Errorf("an intent is there: %v, %v", found, err)
	}
	c.plan.Store(nil)
	c.create("k", "", plain("Made"))
}

// TestTheSameKeyInTwoProcessesIsOneWrite has both ask Microsoft, or try to, at once.
func TestTheSameKeyInTwoProcessesIsOneWrite(t *testing.T) {
	h := open(t, "")
	h.create("warm", "", plain("A token is obtained"))
	other := h.config
	other.Holder = "two"
	rooms := []*act.Act{h.Act, act.New(other)}
	for round := range 5 {
		before := h.all()["create"]
		var all sync.WaitGroup
		var ids [6]string
		for i := range ids {
			all.Go(func() {
				in, err := rooms[i%2].Create(t.Context(), act.Create{Target: h.to(fmt.Sprint("key-", round)), Event: plain("Made")})
				if err != nil {
					t.Error(err)
				}
				ids[i] = in.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("the key is of the writes %v", ids)
			}
		}
		if n := h.all()["create"] - before; n != 1 {
			t.Errorf("%d events were made", n)
		}
	}
}

// TestAWriteBehindAnotherProcesssIsNotSent has a first one without an outcome.
func TestAWriteBehindAnotherProcesssIsNotSent(t *testing.T) {
	h := open(t, "")
	made := h.create("made", "", plain("Made"))
	h.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": "POST /users/*/events/*/cancel", "status": 503}}})
	if in, err := h.Cancel(t.Context(), act.Cancel{Target: h.to("first"), ID: made.Item}); err != nil || in.Outcome.State != graphwarden.IntentOpen {
		t.Fatalf("the first is %+v, %v", in.Outcome, err)
	}
	other := h.config
	other.Holder = "two"
	in, err := act.New(other).Delete(t.Context(), act.Delete{Target: h.to("second"), ID: made.Item})
	if err != nil || in.Outcome.State != graphwarden.IntentOpen {
		t.Errorf("the second is %+v, %v", in.Outcome, err)
	}
	for _, r := range h.truth() {
		if r.Effect == "delete" {
			t.Error("the second was sent before the first")
		}
	}
}

// TestAWriteThatTheGateDeniesIsRefusedAndKept names a flow that the policy does not know.
func TestAWriteThatTheGateDeniesIsRefusedAndKept(t *testing.T) {
	h := open(t, "")
	f := h.flow
	f.Name = "elsewhere"
	h.config.Roster = roster{f}
	in, err := act.New(h.config).Create(t.Context(), act.Create{Target: h.to("k"), Event: plain("Made")})
	if code(err) != gate.CodeDenied || in.Outcome.State != graphwarden.IntentRefused {
		t.Fatalf("the write is %+v, %v", in.Outcome, err)
	}
	kept, found, err := h.rooms.Store.IntentByKey(t.Context(), "crm", "k")
	if err != nil || !found || kept.Outcome.State != graphwarden.IntentRefused || kept.Outcome.Refusal.Code != gate.CodeDenied {
		t.Errorf("kept %+v, %v, %v", kept, found, err)
	}
	if n := h.effects()["create"]; n != 0 {
		t.Errorf("%d events were made", n)
	}
}
