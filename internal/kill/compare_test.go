package kill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// settleWithin is how long everything may take to come to rest: longer than the
// lease of a reader that was killed, on a machine that does much else besides.
const settleWithin = 4 * time.Minute

// settle lets everything come to rest, and compares.
func (r *trial) settle() {
	r.Helper()
	r.quiet()
	began := time.Now()
	if err := r.tenant.weather(r.ctx, r.seed, "off"); err != nil {
		r.Fatal(err)
	}
	r.app.be(func(a *receiver) { a.good, a.down, a.sour = true, false, false })
	r.scribe.inbox.be(true)
	r.leaver = 0
	for _, m := range r.members { // so that calendars are looked for
		r.strike(m)
	}
	r.revive()
	r.up()
	truth := r.truth()
	difference := func() []string { return r.tenant.differences(shown(truth), r.app.holds()) }
	if r.until(time.Minute, r.ask); len(r.owed) > 0 {
		r.Errorf("no gateway took the request for a snapshot of %v", r.owed)
	}
	if r.until(time.Minute, r.admitted); r.following == nil {
		ctx, stop := context.WithCancel(r.ctx)
		var all sync.WaitGroup
		all.Go(func() { r.board.follow(ctx) })
		r.following = func() { stop(); all.Wait() }
	}
	looked, written := time.Now(), false
	r.until(settleWithin, func() bool {
		for _, m := range r.members {
			if !m.alive() {
				r.mourn(m)
			}
		}
		r.pause(300 * time.Millisecond) // each look costs calls, of which a mailbox bears so many
		before := written
		if written = r.scribe.finish(r.ctx); written != before || time.Since(looked) > 10*time.Second {
			truth, looked = r.truth(), time.Now()
		}
		d, subscribed := difference(), r.subscribed()
		r.boardWrong = r.board.differs(truth, time.Now())
		if spent := time.Since(began); spent > 15*time.Second && spent > 2*r.told {
			r.told = spent // what it waits for, now and at twice the time
			r.Logf("not at rest after %s: subscribed %t, written %t, the board %.1200s, %d differences %.400s", spent.Round(time.Second), subscribed, written, strings.Join(r.boardWrong, "\n"), len(d), strings.Join(d, "\n"))
		}
		return len(d) == 0 && subscribed && written && len(r.boardWrong) == 0
	})
	r.told = 0
	if d := difference(); len(d) > 0 {
		r.Errorf("after %s the app's copy differs from the tenant in %d items, e.g.\n%s", settleWithin, len(d), strings.Join(d[:min(5, len(d))], "\n"))
	} else if !r.subscribed() {
		r.Errorf("after %s some mailbox has no subscription", settleWithin)
	}
	r.Logf("after %d kills: %d items, the same everywhere after %s", r.kills, len(truth), time.Since(began).Round(time.Millisecond))
	r.result.slowest = max(r.result.slowest, time.Since(began))
	r.drain(truth)
	r.compare(truth)
	r.result.compared++
	if r.Failed() {
		r.keep()
		r.FailNow()
	}
}

// drain stops the members in an orderly way once everything stored is delivered:
// what was declined waits for its time, and need not show in the copy.
func (r *trial) drain(truth map[place]string) {
	r.Helper()
	for late := time.Now().Add(settleWithin); ; {
		for _, m := range r.members {
			if err := m.stop(); err != nil {
				r.Fatal(err)
			}
			m.process = nil
		}
		s, err := store.Open(r.ctx, r.options())
		if err != nil {
			r.Fatal(err)
		}
		rest := r.rest(s) && len(r.compareTold(s, nil)) == 0 && len(r.compareHeard(s, truth)) == 0 && len(r.comparePersons(s, nil)) == 0
		if err := s.Close(); err != nil {
			r.Fatal(err)
		}
		if rest || time.Now().After(late) {
			r.app.be(func(a *receiver) { a.again = false })
			return
		}
		r.up()
		r.pause(3 * time.Second)
	}
}

// truth is what the tenant holds, of all mailboxes that are fed.
func (r *trial) truth() map[place]string {
	r.Helper()
	all := map[place]string{}
	for _, user := range r.fed() {
		var one map[place]string
		err := errors.New("not asked yet")
		r.until(time.Minute, func() bool { // the gateway's calls may fill the mailbox's places
			if one, err = r.tenant.truth(r.ctx, user); err != nil {
				r.pause(time.Second)
			}
			return err == nil
		})
		if err != nil {
			r.Fatal(err)
		}
		maps.Copy(all, one)
	}
	return all
}

// holds is the app's copy.
func (r *receiver) holds() map[place]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[place]string{}
	for at, body := range r.copy {
		all[at] = plain(body)
	}
	return all
}

// shown is what an app may see of what the tenant holds: of private items when
// they are, and nothing else.
func shown(truth map[place]string) map[place]string {
	out := map[place]string{}
	for at, text := range truth {
		var d doc
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			continue // then it differs
		}
		if d["sensitivity"] == "private" || d["sensitivity"] == "confidential" {
			maps.DeleteFunc(d, func(name string, _ any) bool {
				return !slices.Contains([]string{"id", "@odata.type", "@odata.etag", "type", "showAs", "sensitivity", "seriesMasterId",
					"occurrenceId", "isAllDay", "isCancelled", "start", "end"}, name)
			})
			text = plain(d)
		}
		out[at] = text
	}
	return out
}

// dateless says whether an item is a series that is there and has no date left in
// the window: the view does not show it, and nobody says that it is gone.
func (n *tenant) dateless(truth map[place]string, at place, have string) bool {
	var d struct{ Type string }
	if json.Unmarshal([]byte(have), &d) != nil || d.Type != "seriesMaster" {
		return false
	}
	for other, text := range truth {
		if other.mailbox == at.mailbox && strings.Contains(text, `"seriesMasterId":"`+at.item) {
			return false
		}
	}
	return strings.Contains(n.about(at), at.item)
}

// about is what the tenant says of an item when it is asked for it.
func (n *tenant) about(at place) string {
	d, err := n.outlook(context.Background(), http.MethodGet, at.mailbox, "/events/"+url.PathEscape(at.item), nil)
	if err != nil {
		return err.Error()
	}
	return plain(d)
}

// outside says whether an item, as somebody has it, lies outside of the window: it
// was moved out, and is not followed there.
func (n *tenant) outside(text string) bool {
	var d struct{ Start, End struct{ DateTime string } }
	if json.Unmarshal([]byte(text), &d) != nil {
		return false
	}
	const layout = "2006-01-02T15:04:05.9999999"
	start, err1 := time.Parse(layout, d.Start.DateTime)
	end, err2 := time.Parse(layout, d.End.DateTime)
	return err1 == nil && err2 == nil && (!start.Before(n.to) || !end.After(n.from))
}

// differences says what a copy lacks, has too much, or has in an old state.
func (n *tenant) differences(truth, copy map[place]string) []string {
	var out []string
	for at, want := range truth {
		if have, there := copy[at]; !there {
			out = append(out, fmt.Sprintf("missing: %v %.300s", at, want))
		} else if have != want {
			out = append(out, fmt.Sprintf("stale: %v\n  is   %s\n  want %s", at, have, want))
		}
	}
	for at, have := range copy {
		if _, there := truth[at]; !there && !n.outside(have) && !n.dateless(truth, at, have) {
			out = append(out, fmt.Sprintf("too many: %v\n  is   %s\n  the tenant says %s", at, have, n.about(at)))
		}
	}
	slices.Sort(out)
	return out
}

// subscribed says whether every mailbox that is fed has a subscription that
// reaches the door.
func (r *trial) subscribed() bool {
	live, err := r.tenant.subscriptions(r.ctx)
	if err != nil {
		return false
	}
	for _, user := range r.fed() {
		if !slices.ContainsFunc(live, func(s doc) bool {
			return strings.Contains(text(s, "resource"), user) && strings.Contains(text(s, "notificationUrl"), "//"+r.host+":")
		}) {
			return false
		}
	}
	return true
}

// compare makes all comparisons, now that the gateways are down.
func (r *trial) compare(truth map[place]string) {
	r.Helper()
	s, err := store.Open(r.ctx, r.options())
	if err != nil {
		r.Fatal(err)
	}
	defer s.Close()
	for _, c := range comparisons() {
		if wrong := c.compare(r, s, truth); len(wrong) > 0 {
			r.Errorf("%s: %d are wrong, e.g.\n%s", c.name, len(wrong), strings.Join(wrong[:min(5, len(wrong))], "\n"))
		}
	}
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	for _, w := range r.app.wrong {
		r.Errorf("the app: %s", w)
	}
}

// fold makes a copy of the sequence of changes, as a receiver would.
func (r *trial) fold(s *store.Store) (copy map[place]string, changes int) {
	r.Helper()
	feeds, err := s.Feeds(r.ctx, "office")
	if err != nil {
		r.Fatal(err)
	}
	by := map[int64]graphwarden.Feed{}
	for _, f := range feeds {
		by[f.ID] = f
	}
	copy = map[place]string{}
	r.each(s, func(c graphwarden.Change) {
		changes++
		at := place{by[c.Feed].Mailbox.ID, by[c.Feed].Resource, c.Item}
		if c.Kind == graphwarden.Deleted {
			delete(copy, at)
		} else {
			copy[at] = plain(c.Body)
		}
	})
	return copy, changes
}

// compareSubscriptions wants every stored subscription to live, and counts those
// that live and are not stored: each cost a gateway its life between the making
// and the storing.
func (r *trial) compareSubscriptions(s *store.Store, _ map[place]string) (wrong []string) {
	r.Helper()
	stored, err := s.Subscriptions(r.ctx, "office")
	if err != nil {
		r.Fatal(err)
	}
	live, err := r.tenant.subscriptions(r.ctx) // the gateways are down, nothing is in the way
	if err != nil {
		r.Fatal(err)
	}
	alive := map[string]bool{}
	for _, d := range live {
		alive[text(d, "id")] = true
	}
	have := map[string]bool{}
	for _, sub := range stored {
		if alive[sub.ID] {
			have[sub.Mailbox.ID] = true
			delete(alive, sub.ID)
		}
	}
	for _, user := range r.fed() {
		if !have[user] {
			wrong = append(wrong, user+" has none that is stored and lives")
		}
	}
	others, err := s.Subscriptions(r.ctx, "")
	if err != nil {
		r.Fatal(err)
	}
	for _, sub := range others {
		delete(alive, sub.ID)
	}
	r.result.leaked = len(alive)
	return wrong
}

// keep copies what explains a failure to where it outlives the test.
func (r *trial) keep() {
	for i, m := range r.members {
		r.Logf("gateway %d said at last:\n%s", i, (&process{folder: m.folder}).tail())
	}
	_ = context.Cause(r.ctx)
}
