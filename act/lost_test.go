package act_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

var (
	lostAnswers = flag.Int("lost", 60, "how many writes lose their answer")
	seed        = flag.Uint64("seed", 0, "what chance begins with; 0 is the time")
)

// chance gives a source of chance whose beginning is printed.
func chance(t *testing.T) *rand.Rand {
	t.Helper()
	from := *seed
	if from == 0 {
		from = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", from)
	return rand.New(rand.NewPCG(from, 39))
}

// loser is a house in which answers are lost.
type loser struct {
	*house
	r       *rand.Rand
	events  []string // of the first mailbox, made by the app
	invited []string // invitations in the first mailbox that were not answered
	want    map[string]int
}

// TestALostAnswerNeverMakesASecondEffect cuts the connection after every write of
// every kind, and often while its effect is looked for, so that it is resumed later
// by another process.
func TestALostAnswerNeverMakesASecondEffect(t *testing.T) {
	h := open(t, "")
	l := &loser{house: h, r: chance(t), want: map[string]int{}}
	outcomes := map[graphwarden.IntentState]int{}
	resumed := 0
	for i := range *lostAnswers {
		l.ready(t)
		before := total(h.all())
		match, do := l.pick(i)
		rules := []any{map[string]any{"match": match, "cut": "after", "times": 1}}
		if l.r.IntN(3) == 0 {
			rules = append(rules, map[string]any{"match": "GET /users/*/events**", "cut": []string{"before", "after"}[l.r.IntN(2)], "times": 1 + l.r.IntN(4)})
		}
		h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": i, "rules": rules})
		in, err := do()
		for tries := 0; code(err) == "act.unread" && tries < 10; tries++ { // reading before the write; nothing is stored
			in, err = do()
		}
		if err != nil {
			t.Fatalf("%s gave %v", match, err)
		}
		for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 20; tries++ {
			resumed++
			h.clock.advance(10 * time.Minute)
			if _, err := act.New(h.config).Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			if in, err = h.Write(t.Context(), "crm", in.ID); err != nil {
				t.Fatal(err)
			}
		}
		h.Ask(t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{}})
		outcomes[in.Outcome.State]++
		effects := total(h.all()) - before
		if in.Outcome.State != graphwarden.IntentDone && in.Outcome.State != graphwarden.IntentUncertain || effects != 1 {
			t.Fatalf("write %d, %s: %s (%v) and %d effects", i, match, in.Outcome.State, in.Outcome.Refusal, effects)
		}
		l.settle(match, in)
	}
	t.Logf("%d writes lost their answer: %v, %d times resumed, effects %v", *lostAnswers, outcomes, resumed, h.all())
}

// ready has invitations for the first mailbox to answer, from the second.
func (l *loser) ready(t *testing.T) {
	for len(l.invited) < 3 {
		made := l.Ask(t, http.MethodPost, "/v1.0/users/"+l.flow.Mailboxes[1].ID+"/events", map[string]any{
			"subject": fmt.Sprintf("Invitation %d", l.r.Uint32()), "attendees": []any{map[string]any{"emailAddress": map[string]any{"address": l.flow.Mailboxes[0].UPN}}},
			"start": map[string]any{"dateTime": "2027-05-01T09:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2027-05-01T10:00:00", "timeZone": "UTC"}})
		found, err := l.rooms.Graph.FindEvents(t.Context(), l.flow, l.flow.Mailboxes[0], "", "String {00000000-0000-0000-0000-000000000001} Name x", "y")
		if err != nil || len(found) != 0 {
			t.Fatal(found, err)
		}
		list := l.Ask(t, http.MethodGet, l.path("/events?$top=1&$filter=subject+eq+'"+"Invitation+"+made["subject"].(string)[len("Invitation "):]+"'"), nil)["value"].([]any)
		l.invited = append(l.invited, list[0].(map[string]any)["id"].(string))
	}
}

// pick chooses a write, and how it is recognised at Microsoft.
func (l *loser) pick(i int) (match string, do func() (graphwarden.Intent, error)) {
	key := fmt.Sprintf("key-%d", i)
	kind := l.r.IntN(6)
	if len(l.events) < 3 {
		kind = 0
	}
	one := func() string { return l.events[l.r.IntN(len(l.events))] }
	t := l.t
	switch kind {
	case 1:
		id := one()
		return "PATCH /users/*/events/*", func() (graphwarden.Intent, error) {
			return l.Update(t.Context(), act.Update{Target: l.to(key), ID: id, Change: json.RawMessage(fmt.Sprintf(`{"subject":"changed %d"}`, i))})
		}
	case 2:
		return "DELETE /users/*/events/*", func() (graphwarden.Intent, error) {
			return l.Delete(t.Context(), act.Delete{Target: l.to(key), ID: l.events[0]})
		}
	case 3:
		return "POST /users/*/events/*/cancel", func() (graphwarden.Intent, error) {
			return l.Cancel(t.Context(), act.Cancel{Target: l.to(key), ID: l.events[0], Comment: "no"})
		}
	case 4, 5:
		answer := []string{"accept", "tentativelyAccept", "decline"}[l.r.IntN(3)]
		return "POST /users/*/events/*/" + answer, func() (graphwarden.Intent, error) {
			return l.Respond(t.Context(), act.Respond{Target: l.to(key), ID: l.invited[0], Answer: answer})
		}
	}
	return "POST /users/*/events", func() (graphwarden.Intent, error) {
		return l.Create(t.Context(), act.Create{Target: l.to(key), Event: plain(key)})
	}
}

// settle takes down what there is after a write.
func (l *loser) settle(match string, in graphwarden.Intent) {
	switch in.Kind {
	case graphwarden.CreateEvent:
		l.events = append(l.events, in.Item)
	case graphwarden.DeleteEvent, graphwarden.CancelEvent:
		l.events = l.events[1:]
	case graphwarden.RespondEvent:
		if in.Container == "decline" || l.r.IntN(2) == 0 { // else it is answered once more
			l.invited = l.invited[1:]
		}
	}
}

func total(effects map[string]int) (n int) {
	for _, k := range effects {
		n += k
	}
	return n
}
