package act_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
)

var interleavings = flag.Int("interleavings", 60, "how many random interleavings of app and Outlook are tried")

// two is an app and Outlook that change the same event, with the feed between them.
type two struct {
	*local
	r      *rand.Rand
	t      *testing.T
	cursor int64 // of the app's sink
	key    string
	n      int

	id       string // of the event, "" before anybody knows it
	making   string // the write that makes it, while it is open
	etag     string // that the app knows
	app      string // the subject that the app believes in; "" when it is gone
	open     []string
	created  int // how often the app was told that its event was made
	foreign  int // changes of Outlook's
	back     int // writes by which a naive app answers what it is told
	own      int // writes of the app's own accord
	naive    bool
	outlook  map[string]string // versions that Outlook wrote, by ETag
	replaced []string          // of those, what the app wrote over with a version named
	versions history           // of what the model looks at
	log      []string

	learns func(graphwarden.Intent)   // how the app learns what came of a write
	hears  func(graphwarden.Delivery) // how it is told of a change
}

// TestTheTwoSidesAgreeWhateverTheOrder lets an app and Outlook change an event in
// random order, with answers lost, processes dying, and the feed read and told at any
// time: in the end both believe the same, the app was told of what it made exactly
// once, nothing it wrote came back to it, and what lost is kept (R39).
func TestTheTwoSidesAgreeWhateverTheOrder(t *testing.T) {
	r := chance(t)
	totals := map[string]int{}
	perHouse := min(250, *interleavings/6+1)
	for done := 0; done < *interleavings; {
		policy := pick(r, flow.RefuseConflicts, flow.MicrosoftWins, flow.AppWins)
		h := open(t, policy)
		l := h.local(t)
		for range min(perHouse, *interleavings-done) {
			x := &two{local: l, t: t, r: r, cursor: l.seq, key: fmt.Sprintf("i%d", done), naive: r.IntN(2) == 0, outlook: map[string]string{}}
			x.learns, x.hears = x.settled, x.hear
			h.sink(t)
			h.advanceSink(t, l.seq)
			x.play()
			done++
			totals["writes"] += x.own + x.back
			totals["foreign"] += x.foreign
			totals["replaced"] += len(x.replaced)
			totals["resumed"] += h.resumed
			h.resumed = 0
			if t.Failed() {
				t.Fatalf("interleaving %d with %s:\n%v", done, policy, x.log)
			}
		}
	}
	t.Logf("%d interleavings: %v", *interleavings, totals)
}

func (x *two) say(format string, args ...any) {
	x.log = append(x.log, "\n"+fmt.Sprintf(format, args...))
}

func (x *two) play() {
	x.make()
	for range 4 + x.r.IntN(10) {
		switch x.r.IntN(9) {
		case 0, 1, 2:
			if x.id != "" && x.app != "" {
				x.own++
				x.change("own")
			}
		case 3, 4:
			x.change4outlook()
		case 5:
			x.read()
		case 6:
			x.tell()
		case 7:
			x.resume()
		case 8:
			if x.r.IntN(4) == 0 {
				x.remove()
			}
		}
	}
	x.rest()
}

// make has the app make its event.
func (x *two) make() {
	x.own++
	subject := x.subject("own")
	in := x.performed(func(a *act.Act) (graphwarden.Intent, error) {
		return a.Create(x.t.Context(), act.Create{Target: x.to(x.key), Reference: x.key, Event: plain(subject)})
	})
	x.making = in.ID
	x.settled(in)
}

func (x *two) subject(by string) string {
	x.n++
	return fmt.Sprintf("%s %s %d", x.key, by, x.n)
}

// performed performs a write, at times cut off after or before its effect, at times in
// a process that dies and never keeps the outcome.
func (x *two) performed(do func(a *act.Act) (graphwarden.Intent, error)) graphwarden.Intent {
	config := x.config
	switch x.r.IntN(6) {
	case 0:
		x.sky("* /users/*/events**", pick(x.r, "before", "after"), 1+x.r.IntN(2))
	case 1:
		config.Intents = dies{x.config.Intents}
	}
	in, err := do(act.New(config))
	x.Ask(x.t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
	x.say("write %s %s: %s %v (subject %s)", in.ID, in.Kind, in.Outcome.State, err, subjectOf(in.Request))
	if in.ID == "" {
		return in
	}
	x.witness(in.ID)
	if errors.Is(err, errDead) {
		in.Outcome = graphwarden.Outcome{}
	}
	return in
}

// settled has the app learn what came of a write.
func (x *two) settled(in graphwarden.Intent) {
	o := in.Outcome
	switch {
	case in.ID == "":
		return
	case o.State == graphwarden.IntentOpen || o.State == "":
		x.open = append(x.open, in.ID)
		return
	case in.Kind == graphwarden.DeleteEvent && o.State == graphwarden.IntentDone:
		x.app = ""
		return
	}
	if in.Kind == graphwarden.CreateEvent && o.State == graphwarden.IntentDone {
		x.id = in.Item
		x.watch(in.Item, in.ID)
	}
	x.answered(in, "")
	if o.Result != nil && x.app != "" || in.Kind == graphwarden.CreateEvent {
		x.app, x.etag = subjectOf(o.Result), etagOf(o.Result)
	}
	x.conflict(in)
}

// conflict checks that a version that lost is kept.
func (x *two) conflict(in graphwarden.Intent) {
	loser, kept, err := x.Loser(x.t.Context(), in)
	lost := in.Outcome.State == graphwarden.IntentLost || in.Outcome.Refusal != nil && in.Outcome.Refusal.Code == "act.conflict"
	switch {
	case err != nil:
		x.t.Error(err)
	case lost && (!kept || loser.Side != "app" || subjectOf(loser.Body) != subjectOf(in.Request)):
		x.t.Errorf("the app's version lost and is not kept: %+v", loser)
	case kept && loser.Side == "microsoft":
		x.replaced = append(x.replaced, loser.ETag)
		if want, known := x.outlook[loser.ETag]; known && want != subjectOf(loser.Body) {
			x.t.Errorf("Microsoft's version lost and is kept as %s", loser.Body)
		}
	}
}

// change has the app change the event, naming the version it knows or not.
func (x *two) change(by string) {
	u := act.Update{Target: x.to(fmt.Sprintf("%s-%d", x.key, x.n)), ID: x.id, Change: json.RawMessage(fmt.Sprintf(`{"subject":%q}`, x.subject(by)))}
	if x.r.IntN(2) == 0 && x.etag != "" {
		u.Version = x.etag
	}
	before := x.truthNow()
	in := x.performed(func(a *act.Act) (graphwarden.Intent, error) { return a.Update(x.t.Context(), u) })
	if u.Version != "" && before != nil && etagOf(before) != u.Version && in.Outcome.State == graphwarden.IntentDone && x.flow.Conflicts != flow.AppWins {
		x.t.Errorf("the app wrote over %s with the version %s named", etagOf(before), u.Version)
	}
	if u.Version != "" && before != nil && etagOf(before) != u.Version && in.Outcome.State == graphwarden.IntentDone && !in.Outcome.Looked {
		if loser, kept, _ := x.Loser(x.t.Context(), in); !kept || loser.ETag != etagOf(before) {
			x.t.Errorf("the version that the app wrote over is not kept")
		}
	}
	x.settled(in)
}

func (x *two) remove() {
	if x.id == "" || x.app == "" {
		return
	}
	if x.r.IntN(2) == 0 {
		x.say("Outlook deletes")
		x.request(x.t, http.MethodDelete, x.path("/events/"+x.id), nil)
		x.witness()
		return
	}
	x.settled(x.performed(func(a *act.Act) (graphwarden.Intent, error) {
		return a.Delete(x.t.Context(), act.Delete{Target: x.to(fmt.Sprintf("%s-%d-x", x.key, x.n)), ID: x.id})
	}))
}

func (x *two) change4outlook() {
	if x.id == "" {
		return
	}
	subject := x.subject("outlook")
	w := x.request(x.t, http.MethodPatch, x.path("/events/"+x.id), doc{"subject": subject})
	if w.Code == http.StatusOK {
		x.foreign++
		x.outlook[etagOf(w.Body.Bytes())] = subject
		x.say("Outlook writes %s as %s", subject, etagOf(w.Body.Bytes()))
	}
	x.witness()
}

func (x *two) read() { x.local.read(x.t) }

// tell tells the app what its sink has for it.
func (x *two) tell() {
	for {
		fresh, _, upTo, err := x.rooms.Store.FreshDeliveries(x.t.Context(), x.sink(x.t), 100)
		if err != nil {
			x.t.Fatal(err)
		}
		if upTo == 0 {
			return
		}
		for _, d := range fresh {
			origins, err := x.rooms.Store.Origins(x.t.Context(), x.flow.Name, []graphwarden.Delivery{d})
			if err != nil {
				x.t.Fatal(err)
			}
			d.Origin = origins[0]
			tells, waits := deliver.Tells(d, false)
			if waits {
				x.advanceSink(x.t, d.Change.Seq-1)
				x.say("%s of %.8s waits", d.Change.Kind, d.Change.Item)
				return
			}
			if tells {
				x.hears(d)
			}
		}
		x.advanceSink(x.t, upTo)
	}
}

// hear has the app take a change in; a naive one writes back what it heard.
func (x *two) hear(d graphwarden.Delivery) {
	x.say("told %s %s %s, reference %q, write %q", d.Change.Kind, subjectOf(d.Change.Body), etagOf(d.Change.Body), d.Origin.Reference, d.Origin.Write)
	if d.Origin.Reference != x.key {
		if d.Change.Item == x.id && x.id != "" {
			x.t.Errorf("the change of the app's event has the reference %q", d.Origin.Reference)
		}
		return
	}
	switch d.Change.Kind {
	case graphwarden.Created:
		x.created++
		x.id = d.Change.Item
		x.watch(x.id, x.making)
		if d.Origin.Write != "" {
			return // it knows the event as it is told, or newer
		}
	case graphwarden.Deleted:
		x.judgeRemoval(d, "", false)
		x.app = ""
		return
	case graphwarden.Updated:
		x.judge(d, "")
		if x.app == "" {
			return // it deleted it itself
		}
	}
	x.app, x.etag = subjectOf(d.Change.Body), etagOf(d.Change.Body)
	if x.naive && d.Origin.Write == "" && d.Change.Kind == graphwarden.Updated {
		x.back++
		x.change("back")
	}
}

// resume has another process take up what was left.
func (x *two) resume() {
	x.clock.advance(10 * time.Minute)
	for range 30 {
		any, err := act.New(x.config).Resume(x.t.Context())
		if err != nil {
			x.t.Fatal(err)
		}
		if !any {
			break
		}
		x.resumed++
		x.clock.advance(10 * time.Minute)
	}
	open := x.open
	x.open = nil
	if len(open) > 0 {
		x.witness(open...)
	}
	for _, id := range open {
		in, err := x.Write(x.t.Context(), "crm", id)
		if err != nil {
			x.t.Fatal(err)
		}
		x.say("resumed %s: %s, looked %t", id, in.Outcome.State, in.Outcome.Looked)
		x.learns(in)
	}
}

// rest lets everything come to rest and compares.
func (x *two) rest() {
	for range 5 {
		x.resume()
		x.read()
		x.tell()
	}
	now := x.truthNow()
	want := ""
	if now != nil {
		want = subjectOf(now)
	}
	if x.app != want {
		x.t.Errorf("the app believes %q, Microsoft has %q", x.app, want)
	}
	if len(x.open) != 0 {
		x.t.Errorf("%d writes have no outcome", len(x.open))
	}
	if now != nil && x.created != 1 || x.created > 1 {
		x.t.Errorf("the app was told %d times that its event was made", x.created)
	}
	if x.back > x.foreign+x.resumed {
		x.t.Errorf("a loop: %d writes answer %d changes", x.back, x.foreign)
	}
	if n := x.count(x.key); n > 1 {
		x.t.Errorf("there are %d events", n)
	}
	if now != nil {
		x.request(x.t, http.MethodDelete, x.path("/events/"+x.id), nil)
		x.witness()
		x.read()
		x.tell()
	}
}

// dies is a process that dies before it keeps what came of a write.
type dies struct{ act.Intents }

var errDead = errors.New("the process has died")

func (dies) EndIntent(context.Context, graphwarden.Tx, graphwarden.Intent, *graphwarden.Loser) (bool, error) {
	return false, errDead
}

func subjectOf(raw []byte) string {
	var e struct{ Subject string }
	_ = json.Unmarshal(raw, &e)
	return e.Subject
}

func etagOf(raw []byte) string {
	var e struct {
		ETag string `json:"@odata.etag"`
	}
	_ = json.Unmarshal(raw, &e)
	return e.ETag
}
