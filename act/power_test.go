package act_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/simulated"
)

// forgetful is a source of randomness by which a disk keeps nothing that was not synced.
type forgetful struct{}

func (forgetful) Uint64() uint64 { return 0 }

// outage is a kind of write whose server loses its power when the app has its answer.
type outage struct {
	situation
	app  string
	does flow.Kind
	lost bool // what came of it was not on the disk
}

func outages() []outage {
	var list []outage
	for _, s := range situations() {
		if s.arrange == nil {
			list = append(list, outage{s, "everything", flow.CalendarWriting(flow.Both), s.kind != graphwarden.RespondEvent})
		}
	}
	send := func(c *cutting, key, _ string) (graphwarden.Intent, error) {
		return postOffice{c.house}.send(key, "Told")
	}
	return append(list,
		outage{situation{kind: graphwarden.SendMail, name: "send", effect: "send", write: send}, "mail", flow.MailSend(flow.Least), false},
		outage{situation{kind: graphwarden.SendMailOnce, name: "send once", effect: "send", write: send}, "mail-once", flow.MailSend(flow.ExactlyOnce), true})
}

// TestWhatAnAppWasToldHoldsAfterAPowerCut cuts the power right after what came of a write
// is committed, on a disk that keeps nothing but what was synced: the app was told that it
// is done. It stays done, is done once, and who repeats the request gets the same item.
func TestWhatAnAppWasToldHoldsAfterAPowerCut(t *testing.T) {
	for _, o := range outages() {
		t.Run(o.name, func(t *testing.T) {
			n, folder := simulated.New(t), t.TempDir()
			disk := faulty.NewPower(t, rand.New(forgetful{}))
			up := func(commit func(string, func() error) error) *cutting {
				door := n.Door(t, o.app)
				door.Kind, door.Folder, door.FileSystem, door.Commit = o.does, folder, disk.Name(), commit
				c := &cutting{house: behind(t, n, door)}
				c.config.Intents = cutIntents{c.rooms.Store}
				c.Act = act.New(c.config)
				return c
			}
			c := up(func(name string, act func() error) error {
				err := act()
				if name == "act:outcome" {
					disk.CutAfter(0)
				}
				return err
			})
			id := ""
			if o.kind != graphwarden.CreateEvent && o.effect != "send" {
				id = c.victim(t, o.kind == graphwarden.RespondEvent)
			}
			before := c.all()[o.effect]
			told, err := o.write(c, "key", id)
			if err != nil || told.Outcome.State != graphwarden.IntentDone || told.Outcome.Looked {
				t.Fatalf("the app was told %+v, %v", told.Outcome, err)
			}
			_ = c.rooms.Store.Close() // it cannot write any more
			if err := disk.Back(); err != nil {
				t.Fatal(err)
			}

			c = up(nil)
			kept, err := c.Write(t.Context(), "crm", told.ID)
			if open := kept.Outcome.State == graphwarden.IntentOpen; err != nil || open != o.lost {
				t.Errorf("after the cut it is %s, %v; lost: %v", kept.Outcome.State, err, o.lost)
			}
			if _, err := c.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			again, err := o.write(c, "key", id)
			if err != nil || again.ID != told.ID || again.Item != told.Item || again.Outcome.State != graphwarden.IntentDone || again.Outcome.Looked != o.lost {
				t.Errorf("the app is told %s of %s, %+v, %v", again.ID, again.Item, again.Outcome, err)
			}
			if n := c.all()[o.effect] - before; n != 1 {
				t.Errorf("it was done %d times", n)
			}
		})
	}
}

// TestARefusalHoldsAfterAPowerCut, which nobody could look for: the write would be made,
// of which the app was told that it is refused.
func TestARefusalHoldsAfterAPowerCut(t *testing.T) {
	n, folder := simulated.New(t), t.TempDir()
	disk := faulty.NewPower(t, rand.New(forgetful{}))
	up := func() *cutting {
		door := n.Door(t, "everything")
		door.Kind, door.Folder, door.FileSystem = flow.CalendarWriting(flow.Both), folder, disk.Name()
		return &cutting{house: behind(t, n, door)}
	}
	c := up()
	c.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": "POST /users/*/events", "status": 403, "times": 2}}})
	told, err := c.Create(t.Context(), act.Create{Target: c.to("key"), Event: plain("Refused")})
	disk.CutAfter(0)
	if err == nil || told.Outcome.State != graphwarden.IntentRefused {
		t.Fatalf("the app was told %+v, %v", told.Outcome, err)
	}
	_ = c.rooms.Store.Close() // it cannot write any more
	if err := disk.Back(); err != nil {
		t.Fatal(err)
	}
	c = up()
	c.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
	if _, err := c.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if kept, err := c.Write(t.Context(), "crm", told.ID); err != nil || kept.Outcome.State != graphwarden.IntentRefused {
		t.Errorf("it is %+v, %v", kept.Outcome, err)
	}
	if n := c.all()["create"]; n != 0 {
		t.Errorf("it was made %d times", n)
	}
}

// TestAWriteWaitsForTheDiskOnce counts the syncs between the app's request and its answer.
// The least of some counts: on a busy machine one that nobody waits for may come between.
func TestAWriteWaitsForTheDiskOnce(t *testing.T) {
	n := simulated.New(t)
	disk := faulty.NewPower(t, rand.New(forgetful{}))
	door := n.Door(t, "everything")
	door.Kind, door.FileSystem = flow.CalendarWriting(flow.Both), disk.Name()
	h := behind(t, n, door)
	h.create("first", "", plain("A token is fetched"))
	least := 100
	for i := range 10 {
		h.rooms.Store.Settle()
		before := disk.Syncs()
		h.create(fmt.Sprint("key-", i), "", plain("Counted"))
		least = min(least, disk.Syncs()-before)
	}
	if least != 1 {
		t.Errorf("a write waits for %d syncs of the disk", least)
	}
}
