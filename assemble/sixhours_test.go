package assemble_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// office is people who change their calendars at random, and how long the app
// waited for each change. A change is a number in the subject.
type office struct {
	*journey
	chance  *rand.Rand
	made    int
	events  []string // ids
	owner   map[string]string
	open    map[string][]change // by event, what the app has not seen
	waits   []time.Duration
	deleted map[string]bool
	kept    []graphwarden.Subscription // before the trouble
	heard   map[string]bool            // events that the app was ever told of
	told    map[string]int             // the last change of an event that the app knows
	// free is until when nothing could be read: waits count from there.
	free time.Time
	away bool // no wait counts
}

type change struct {
	number int
	at     time.Time
}

func newOffice(j *journey, c *copied) *office {
	o := &office{journey: j, chance: rand.New(rand.NewPCG(7, 11)), owner: map[string]string{}, open: map[string][]change{}, deleted: map[string]bool{}, heard: map[string]bool{}, told: map[string]int{}}
	for _, u := range j.ready.Users[:2] { // where meetings are moved to
		j.outlook(http.MethodPost, "/v1.0/users/"+u.ID+"/calendars", map[string]any{"name": "Trips"})
	}
	c.note = o.seen
	return o
}

// seen closes the changes of an event that the app now knows; the app's lock is
// held.
func (o *office) seen(id string, r row, there bool) {
	o.heard[id] = true
	number := 1 << 30 // a deletion is the last change
	if there {
		_, text, _ := strings.Cut(r.Subject, " #")
		number, _ = strconv.Atoi(text)
	}
	o.told[id] = max(o.told[id], number)
	o.open[id] = slices.DeleteFunc(o.open[id], func(c change) bool {
		if c.number > number {
			return false
		}
		from := c.at
		if from.Before(o.free) {
			from = o.free
		}
		if !o.away {
			o.waits = append(o.waits, time.Since(from))
		}
		return true
	})
}

// wrote notes a change, unless the app knew it before Microsoft's answer was here.
func (o *office) wrote(id string, number int) {
	o.app.mu.Lock()
	defer o.app.mu.Unlock()
	if o.told[id] >= number {
		o.waits = append(o.waits, 0)
		return
	}
	o.open[id] = append(o.open[id], change{number, time.Now()})
}

// moved notes that an event lies elsewhere. What nobody has read of it by now can
// be read there only, by the next sweep of that calendar: nobody looks for an event
// that came and went between two sweeps of the calendar where it was.
func (o *office) moved(id string) {
	o.app.mu.Lock()
	defer o.app.mu.Unlock()
	for i := range o.open[id] {
		o.open[id][i].at = time.Now()
	}
}

// unseen counts the changes that the app does not know, and the events that were
// made and deleted before anybody could read them.
func (o *office) unseen() (changes, brief int) {
	o.app.mu.Lock()
	defer o.app.mu.Unlock()
	for id, c := range o.open {
		if len(c) > 0 && o.deleted[id] && !o.heard[id] {
			brief++
			continue
		}
		changes += len(c)
	}
	return changes, brief
}

// act has somebody change something.
func (o *office) act() {
	o.Helper()
	o.made++
	subject := fmt.Sprintf("Meeting #%d", o.made)
	if len(o.events) < 10 || o.chance.IntN(3) == 0 {
		person := o.ready.Users[o.chance.IntN(2)].ID
		start := time.Date(2026, 4, 1+o.chance.IntN(400), o.chance.IntN(24), 0, 0, 0, time.UTC)
		at := func(t time.Time) map[string]any {
			return map[string]any{"dateTime": t.Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
		}
		made := o.outlook(http.MethodPost, "/v1.0/users/"+person+"/events", map[string]any{"subject": subject, "start": at(start), "end": at(start.Add(time.Hour))})
		id := made["id"].(string)
		o.events, o.owner[id] = append(o.events, id), person
		o.wrote(id, o.made)
		return
	}
	i := o.chance.IntN(len(o.events))
	id := o.events[i]
	at := "/v1.0/users/" + o.owner[id] + "/events/" + id
	switch o.chance.IntN(5) {
	case 0:
		o.outlook(http.MethodDelete, at, nil)
		o.events = slices.Delete(o.events, i, i+1)
		o.deleted[id] = true
		o.wrote(id, 1<<30)
		return
	case 1:
		o.outlook(http.MethodPost, "/sim/events", map[string]any{"mailbox": o.owner[id], "event": id, "do": "move", "calendar": []string{"Calendar", "Trips"}[o.chance.IntN(2)]})
		o.moved(id)
	}
	o.outlook(http.MethodPatch, at, map[string]any{"subject": subject})
	o.wrote(id, o.made)
}

// faults makes the weather: rules are match, member, value, ...
func (j *journey) faults(rules ...map[string]any) {
	j.Helper()
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"rules": rules})
}

var (
	lost    = map[string]any{"match": "NOTIFY *", "drop": true}
	unmade  = map[string]any{"match": "POST /subscriptions*", "status": 503}
	unkept  = map[string]any{"match": "PATCH /subscriptions/*", "status": 503}
	expired = map[string]any{"match": "GET /users/*/calendars/*/calendarView/delta*", "status": 410, "times": 4}
)

// TestSixHoursOfLostNotifications: every notification is lost while people change
// their calendars. The subscriptions end after two hours and cannot be made anew
// for one; after three every cursor ends; from the fourth on the consent is gone
// for half an hour. Every change reaches the app within one sweep of when it could
// be read, and at the end the app has what Microsoft has.
func TestSixHoursOfLostNotifications(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("hours in a bubble: run without -short, as go test ./... does")
	}
	const sweep = 15 * time.Minute
	indoors(t, 4, func(j *journey, c *copied) {
		o := newOffice(j, c)
		expiry := o.nearTheEnd()
		if left := time.Until(expiry); left < time.Hour || left > 3*time.Hour {
			j.Fatalf("the subscriptions end in %s", left)
		}
		o.faults(lost, unmade, unkept)
		stop := o.run("15m")
		time.Sleep(20 * time.Minute)
		o.same(c, "before the six hours", 2)
		ended := false
		for minute := range 6 * 60 {
			for range o.chance.IntN(3) {
				o.act()
			}
			ended = ended || len(o.subscribed()) == 0
			o.trouble(minute)
			time.Sleep(time.Minute)
		}
		time.Sleep(sweep + 3*time.Minute)
		if !ended {
			j.Error("no subscription ended")
		}
		if n := len(o.subscribed()); n != 2 {
			j.Errorf("%d subscriptions in the end, want 2", n)
		}
		events := o.same(c, "after the six hours", 2)
		stop()
		o.judge(fmt.Sprintf("%d deletions; the app has %d events as Microsoft has them, of %d deliveries", len(o.deleted), events, c.took), sweep*11/10+time.Minute)
	})
}

// judge fails if a change waited for longer, or was never told.
func (o *office) judge(what string, longest time.Duration) {
	o.Helper()
	unseen, brief := o.unseen()
	slices.Sort(o.waits)
	n := len(o.waits)
	if n == 0 {
		o.Fatal("nothing was told")
	}
	o.Logf("%d changes, %s; %d events came and went unread; changes waited %s (median), %s (p99), %s (longest); %d were never told",
		o.made, what, brief, o.waits[n/2], o.waits[n*99/100], o.waits[n-1], unseen)
	if o.waits[n-1] > longest || unseen > 0 {
		o.Errorf("a change waited %s; %d were never told", o.waits[n-1], unseen)
	}
}

// nearTheEnd leaves subscriptions behind that end within some hours, of a gateway
// that stood still since, and gives when the first ends.
func (o *office) nearTheEnd() time.Time {
	o.Helper()
	stop := o.run("1h")
	o.eventually("both subscriptions", func() bool { return len(o.subscribed()) == 2 })
	list, err := o.gateway.Store.Subscriptions(o.Context(), "")
	if err != nil || len(list) != 2 {
		o.Fatal(list, err)
	}
	stop()
	time.Sleep(time.Until(list[0].ExpiresAt) - 140*time.Minute)
	if o.ready, err = o.sim.Ready("https://" + host); err != nil { // a token is good for a day
		o.Fatal(err)
	}
	return list[0].ExpiresAt
}

// trouble makes the trouble of a minute.
func (o *office) trouble(minute int) {
	o.Helper()
	app := func(do string) {
		o.outlook(http.MethodPost, "/sim/apps", map[string]any{"app": "calendar", "do": do})
	}
	switch minute {
	case 175:
		o.faults(lost) // subscriptions can be made again
	case 180:
		o.faults(lost, expired)
	case 240:
		app("revoke")
		o.outlook(http.MethodPost, "/sim/challenge", map[string]any{"app": "calendar", "all": true})
	case 270:
		app("consent")
		o.app.mu.Lock()
		o.free = time.Now()
		o.app.mu.Unlock()
	}
}
