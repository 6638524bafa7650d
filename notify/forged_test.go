package notify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestNoForgeryMarksOrEndsAnything: what does not carry the client state of the
// subscription that it names means nothing, whatever else it says (R34).
func TestNoForgeryMarksOrEndsAnything(t *testing.T) {
	other := strings.Repeat("f", len(state))
	forged := map[string]string{
		"no client state":                    fmt.Sprintf(`{"subscriptionId":%q}`, first),
		"an empty one":                       told(first, ""),
		"null":                               fmt.Sprintf(`{"subscriptionId":%q,"clientState":null}`, first),
		"another of its length":              told(first, other),
		"all but its last letter":            told(first, state[:len(state)-1]),
		"one letter more":                    told(first, state+"0"),
		"in other letters":                   told(first, flipped(state)),
		"with a space":                       told(first, " "+state),
		"with a zero byte":                   told(first, state+"\x00"),
		"twice over":                         told(first, state+state),
		"its id in its place":                told(first, first),
		"the state of a removed one":         told(second, state),
		"a stored one without a state":       told(second, ""),
		"an unknown subscription":            told("00000000-dead-beef-0000-000000000000", state),
		"no subscription":                    fmt.Sprintf(`{"clientState":%q}`, state),
		"an id in capitals":                  told(strings.ToUpper(first), state),
		"an id with braces":                  told("{"+first+"}", state),
		"an id with a quote":                 told(first+"' OR '1'='1", state),
		"a mailbox in place of the id":       told(rig.Alice, state),
		"the state as a list":                fmt.Sprintf(`{"subscriptionId":%q,"clientState":[%q]}`, first, state),
		"the state as an object":             fmt.Sprintf(`{"subscriptionId":%q,"clientState":{"is":%q}}`, first, state),
		"the state as a number":              fmt.Sprintf(`{"subscriptionId":%q,"clientState":1}`, first),
		"a removal without a state":          lifecycle(first, "", "subscriptionRemoved"),
		"a removal with another state":       lifecycle(first, other, "subscriptionRemoved"),
		"a reauthorisation, another state":   lifecycle(first, other, "reauthorizationRequired"),
		"a miss with another state":          lifecycle(first, other, "missed"),
		"the state in another member":        fmt.Sprintf(`{"subscriptionId":%q,"clientstate ":%q}`, first, state),
		"the right one last, a wrong one in": fmt.Sprintf(`{"subscriptionId":%q,"clientState":%q,"clientState":%q}`, first, state, other),
	}
	if len(forged) < 20 {
		t.Fatalf("%d forgeries", len(forged))
	}
	for situation, body := range forged {
		t.Run(situation, func(t *testing.T) {
			d := open(t, nil)
			d.post(t, batch(body))
			d.post(t, batch(body, body))
			subs, err := d.Store.Subscriptions(t.Context(), "")
			if err != nil || len(subs) != 2 || d.dirty(t) || d.marked.Load() != 0 || d.lapsed.Load() != 0 {
				t.Errorf("a forgery was believed: dirty %v, %d marks, %d lapses, %+v (%v)", d.dirty(t), d.marked.Load(), d.lapsed.Load(), subs, err)
			}
		})
	}
}

// TestAReplayMarksOnceAndHarmlessly: a notification that is sent again is one
// pending unit of work.
func TestAReplayMarksOnceAndHarmlessly(t *testing.T) {
	d := open(t, nil)
	for range 50 {
		if w := d.post(t, batch(told(first, state))); w.Code != 202 {
			t.Fatalf("answered %d", w.Code)
		}
	}
	feeds, err := d.Store.Feeds(t.Context(), "")
	if err != nil || len(feeds) != 1 || !feeds[0].Dirty {
		t.Errorf("fifty replays made %+v, %v", feeds, err)
	}
}

func flipped(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}
