package act_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// several is an app and Outlook that change the same series, its dates, and an
// invitation, with the feed between them.
type several struct {
	*two
	series, invited string
	dates           []string
	knows           map[string]string // what the app believes: item -> subject, and its answer; none is gone
	tells           map[string]int
}

// TestDatesAndAnswersDoNotEcho lets an app and Outlook change a series, its dates and an
// invitation in random order, as the other test does with one event: whatever a write of
// the app's changes comes with its id, what Outlook changed meanwhile comes without, and
// all of it with the app's reference (R39).
func TestDatesAndAnswersDoNotEcho(t *testing.T) {
	r := chance(t)
	totals := map[string]int{}
	perHouse := min(100, *interleavings/6+1)
	for done := 0; done < *interleavings; {
		h := open(t, pick(r, flow.RefuseConflicts, flow.MicrosoftWins, flow.AppWins))
		l := h.local(t)
		for range min(perHouse, *interleavings-done) {
			x := &several{two: &two{local: l, t: t, r: r, cursor: l.seq, key: fmt.Sprintf("s%d", done), outlook: map[string]string{}},
				knows: map[string]string{}, tells: totals}
			x.learns, x.hears = x.learn, x.hear
			h.sink(t)
			x.play()
			if done++; t.Failed() {
				t.Fatalf("interleaving %d:\n%v", done, x.log)
			}
			totals["resumed"] += h.resumed
			h.resumed = 0
		}
	}
	t.Logf("%d interleavings: %v", *interleavings, totals)
}

func (x *several) play() {
	x.begin()
	for range 5 + x.r.IntN(10) {
		date := x.dates[x.r.IntN(len(x.dates))]
		switch x.r.IntN(14) {
		case 0, 1, 2:
			x.write(date)
		case 3:
			x.write(x.series)
		case 4:
			x.remove(date)
		case 5:
			x.answer()
		case 6:
			x.elsewhere(date, pick(x.r, http.MethodPatch, http.MethodPatch, http.MethodDelete))
		case 7:
			x.elsewhere(x.series, http.MethodPatch)
		case 8:
			x.invite()
		case 9, 10:
			x.read()
		case 11:
			x.tell()
		case 12:
			x.resume()
		case 13: // several dates, one of them while the series is read
			x.remove(date)
			x.while = func() { x.remove(x.dates[x.r.IntN(len(x.dates))]) }
			x.read()
		}
	}
	x.rest()
}

// begin has the app make a series, and the second mailbox invite the first.
func (x *several) begin() {
	x.series = x.course(x.t, x.key)
	x.dates, _ = x.days(x.t, x.series)
	subject := x.key + " invitation"
	made := x.request(x.t, http.MethodPost, "/v1.0/users/"+x.flow.Mailboxes[1].ID+"/events", doc{"subject": subject,
		"attendees": []any{doc{"emailAddress": doc{"address": x.flow.Mailboxes[0].UPN}}},
		"start":     doc{"dateTime": "2027-05-01T09:00:00", "timeZone": "UTC"}, "end": doc{"dateTime": "2027-05-01T10:00:00", "timeZone": "UTC"}})
	if made.Code != http.StatusCreated {
		x.t.Fatal(made.Body)
	}
	x.id = idOf(made.Body.Bytes()) // at the organizer
	hears := x.hears
	x.hears = func(d graphwarden.Delivery) {
		if subjectOf(d.Change.Body) == subject {
			x.invited = d.Change.Item
		}
	}
	x.read()
	x.tell()
	x.hears = hears
	for _, id := range append(x.dates, x.series) {
		x.knows[id] = "Course"
	}
	x.knows[x.invited] = subject + " notResponded"
	for id := range x.knows {
		x.watch(id)
	}
}

// write has the app give a date, or the series, another subject.
func (x *several) write(id string) {
	if _, there := x.knows[id]; !there {
		return
	}
	u := act.Update{Target: x.to(fmt.Sprintf("%s-%d", x.key, x.n)), ID: id, Change: json.RawMessage(fmt.Sprintf(`{"subject":%q}`, x.subject("own")))}
	x.made(x.performed(func(a *act.Act) (graphwarden.Intent, error) { return a.Update(x.t.Context(), u) }))
}

// remove has the app delete or cancel a date.
func (x *several) remove(id string) {
	if _, there := x.knows[id]; !there {
		return
	}
	target := x.to(fmt.Sprintf("%s-%d-x", x.key, x.n))
	x.n++
	x.made(x.performed(func(a *act.Act) (graphwarden.Intent, error) {
		if x.r.IntN(2) == 0 {
			return a.Cancel(x.t.Context(), act.Cancel{Target: target, ID: id})
		}
		return a.Delete(x.t.Context(), act.Delete{Target: target, ID: id})
	}))
}

// answer has the app answer the invitation.
func (x *several) answer() {
	if _, there := x.knows[x.invited]; !there {
		return
	}
	x.n++
	r := act.Respond{Target: x.to(fmt.Sprintf("%s-%d-r", x.key, x.n)), ID: x.invited, Answer: pick(x.r, "accept", "tentativelyAccept", "accept", "decline")}
	x.made(x.performed(func(a *act.Act) (graphwarden.Intent, error) { return a.Respond(x.t.Context(), r) }))
}

// made notes a write, and learns what came of it.
func (x *several) made(in graphwarden.Intent) {
	if in.ID == "" {
		return
	}
	x.tells[string(in.Kind)]++
	x.learn(in)
}

// learn has the app learn what came of a write.
func (x *several) learn(in graphwarden.Intent) {
	o := in.Outcome
	x.answered(in, x.series)
	switch {
	case o.State == graphwarden.IntentOpen || o.State == "":
		x.open = append(x.open, in.ID)
		return
	case o.State != graphwarden.IntentDone:
		return
	case in.Kind == graphwarden.RespondEvent && in.Container != "decline":
		subject, _, _ := cutLast(x.knows[in.Item])
		if o.Result != nil {
			subject = subjectOf(o.Result)
		}
		x.knows[in.Item] = subject + " " + map[string]string{"accept": "accepted", "tentativelyAccept": "tentativelyAccepted"}[in.Container]
	case in.Kind == graphwarden.UpdateEvent:
		subject := subjectOf(o.Result)
		if in.Item == x.series {
			x.follow(subject)
		}
		x.knows[in.Item] = subject
	default:
		delete(x.knows, in.Item)
	}
}

// follow gives the dates the subject of the series that have none of their own: who
// wrote the series knows them.
func (x *several) follow(subject string) {
	for _, id := range x.dates {
		if now, there := x.knows[id]; there && now == x.knows[x.series] {
			x.knows[id] = subject
		}
	}
}

// elsewhere has Outlook change or delete something.
func (x *several) elsewhere(id, method string) {
	subject := x.subject("outlook")
	w := x.request(x.t, method, x.path("/events/"+id), doc{"subject": subject})
	x.say("Outlook: %s of %.8s %s: %d", method, id[len(id)-14:], subject, w.Code)
	if w.Code == http.StatusOK {
		x.tells["outlook"]++
	}
	x.witness()
}

// invite has the organizer change the invitation.
func (x *several) invite() {
	subject := x.subject("outlook")
	w := x.request(x.t, http.MethodPatch, "/v1.0/users/"+x.flow.Mailboxes[1].ID+"/events/"+x.id, doc{"subject": subject})
	x.say("the organizer writes %s: %d", subject, w.Code)
	x.witness()
}

// hear has the app take a change in.
func (x *several) hear(d graphwarden.Delivery) {
	id, o := d.Change.Item, d.Origin
	if !x.watches(id) {
		return
	}
	x.say("told %s %.8s %q, reference %q, write %q", d.Change.Kind, id[len(id)-14:], subjectOf(d.Change.Body), o.Reference, o.Write)
	if id != x.invited && o.Reference != "course-1" {
		x.t.Errorf("a change of the app's series has the reference %q", o.Reference)
	}
	switch d.Change.Kind {
	case graphwarden.Deleted:
		x.judgeRemoval(d, x.series, x.dateless())
		delete(x.knows, id)
	case graphwarden.Updated:
		x.judge(d, x.series)
		x.take(d)
	default:
		x.t.Errorf("told %s of what the app knows", d.Change.Kind)
	}
}

// take has the app believe what it is told.
func (x *several) take(d graphwarden.Delivery) {
	id, subject := d.Change.Item, subjectOf(d.Change.Body)
	x.tells["told"]++
	switch {
	case id == x.invited:
		x.knows[id] = subject + " " + answerOf(d.Change.Body)
	case typeOf(d.Change.Body) == "occurrence": // it is as its series is
		if !x.gone(id) {
			x.knows[id] = x.knows[x.series]
		}
	default:
		if id == x.series {
			x.follow(subject)
		}
		x.knows[id] = subject
	}
}

// rest lets everything come to rest and compares.
func (x *several) rest() {
	for range 5 {
		x.resume()
		x.read()
		x.tell()
	}
	for _, id := range append([]string{x.series, x.invited}, x.dates...) {
		w := x.request(x.t, http.MethodGet, x.path("/events/"+id), nil)
		want := ""
		if w.Code == http.StatusOK {
			if want = subjectOf(w.Body.Bytes()); id == x.invited {
				want += " " + answerOf(w.Body.Bytes())
			}
		}
		if id == x.series && x.knows[id] == "" && x.dateless() {
			continue // a series without dates is in no window
		}
		if x.knows[id] != want {
			x.t.Errorf("of %.8s the app believes %q, Microsoft has %q", id[len(id)-14:], x.knows[id], want)
		}
	}
	x.request(x.t, http.MethodDelete, x.path("/events/"+x.series), nil)
	x.witness()
	x.read()
	x.tell()
}

// dateless says whether all dates of the series are gone.
func (x *several) dateless() bool {
	for _, id := range x.dates {
		if !x.gone(id) {
			return false
		}
	}
	return true
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func idOf(raw []byte) string {
	var e struct{ ID string }
	_ = json.Unmarshal(raw, &e)
	return e.ID
}

func typeOf(raw []byte) string {
	var e struct{ Type string }
	_ = json.Unmarshal(raw, &e)
	return e.Type
}

func answerOf(raw []byte) string {
	var e struct{ ResponseStatus struct{ Response string } }
	_ = json.Unmarshal(raw, &e)
	return e.ResponseStatus.Response
}
