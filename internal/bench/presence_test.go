//go:build linux

package bench_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	presenceBar = 500 * time.Millisecond
	beginBar    = time.Second
	watched     = 20 // people of a small switchboard
)

// switchboard is the part of a configuration that tells presence.
const switchboard = `apps: 127.0.0.1:0
apps_rate: 6000000
flows:
  office:
    app: switchboard
    kind: presence
    tenant: contoso
    registration: calendar
    mailboxes: [%s]
`

// presence measures how long it takes until somebody at a switchboard knows of a
// change in a calendar, while as many listen as there are people: one switchboard
// for everybody, the others for 20 people each. Then half of the people have a
// meeting at the same moment.
func (l *lab) presence() {
	people, changes := 1000, 200
	if *full {
		people, changes = 5000, 1000
	}
	o := openOffice(l, people, 0, pageSize)
	g, at := l.boarded(o)
	key := l.appKey(g, "switchboard", "read")
	all := l.listen(at, key, "", true)
	l.await(g, "the first listener knows everybody", func() bool { return all.live.Load() })
	before := resident(g.command.Process.Pid)
	var others []*ear
	for n := range people {
		var names []string
		for i := range watched {
			names = append(names, mailboxName((n*watched+i)%people))
		}
		others = append(others, l.listen(at, key, "?people="+strings.Join(names, ","), false))
	}
	l.await(g, "everybody listens", func() bool {
		time.Sleep(50 * time.Millisecond)
		for _, e := range others {
			if !e.live.Load() {
				return false
			}
		}
		return true
	})
	open := resident(g.command.Process.Pid)
	g.mark()
	l.changes(o, g, all, changes, people)
	l.nine(o, g, all, people)
	l.add("  memory with nobody listening but one", "", noBar, "%s resident", megabytes(before))
	l.add(fmt.Sprintf("  and with %d listeners", people+1), "", noBar, "%s, %.0f kB each", megabytes(open), float64(open-before)/1e3/float64(people))
	used := g.stop(g.began)
	l.Logf("the gateway took %v of processor time and %s at most", used.cpu, megabytes(used.peak))
}

// changes makes meetings that go on now, twenty a second, each of somebody else.
func (l *lab) changes(o *office, g *gateway, all *ear, n, people int) {
	sent := make([]time.Time, n)
	var mu sync.Mutex // guards sent
	cpu := g.cpu()
	post(o, g.hooks(), n, 20, func(i int) (int, time.Time) {
		who := i * (people / n)
		o.add(who, meeting(i, time.Now().Add(-time.Minute), time.Now().Add(3*time.Hour)))
		mu.Lock()
		defer mu.Unlock()
		sent[i] = time.Now()
		return who, sent[i]
	})
	l.await(g, "every change is known", func() bool { return all.busy() == n })
	cpu = g.cpu() - cpu
	took := make([]time.Duration, n)
	for i := range took {
		took[i] = all.when(mailboxName(i * (people / n))).Sub(sent[i])
	}
	p99 := quantile(took, 0.99)
	l.add(fmt.Sprintf("change to switchboard, %d people and listeners, 20/s", people), "p99 < 500 ms", judged(p99 < presenceBar), "p50 %v, p99 %v, all within %v",
		quantile(took, 0.5).Round(time.Millisecond/10), p99.Round(time.Millisecond/10), quantile(took, 1).Round(time.Millisecond/10))
	l.add("  processor time of each change", "", noBar, "%v", (cpu / time.Duration(n)).Round(time.Microsecond))
}

// nine has half of the people have a meeting at the same moment: those whom changes
// has left alone.
func (l *lab) nine(o *office, g *gateway, all *ear, people int) {
	had := all.busy()
	begins := time.Now().Add(20 * time.Second).Truncate(time.Second)
	var some []int
	for who := 1; who < people && len(some) < people/2; who++ {
		if all.when(mailboxName(who)).IsZero() {
			some = append(some, who)
		}
	}
	post(o, g.hooks(), len(some), 400, func(i int) (int, time.Time) {
		o.add(some[i], meeting(1_000_000+i, begins, begins.Add(3*time.Hour)))
		return some[i], time.Time{}
	})
	early := time.Until(begins)
	time.Sleep(time.Until(begins) - time.Second) // what came before is told by then
	cpu := g.cpu()
	l.await(g, "the meetings have begun", func() bool { return all.busy() == had+len(some) })
	took := make([]time.Duration, len(some))
	for i, who := range some {
		took[i] = all.when(mailboxName(who)).Sub(begins)
	}
	l.Logf("all notifications were answered %v before", early)
	cpu = g.cpu() - cpu
	last := quantile(took, 1)
	l.add(fmt.Sprintf("%d meetings begin at once", len(some)), "all < 1 s", judged(last < beginBar), "p50 %v, p99 %v, all within %v after the hour",
		quantile(took, 0.5).Round(time.Millisecond), quantile(took, 0.99).Round(time.Millisecond), last.Round(time.Millisecond))
	l.add("  processor time of all of it", "", noBar, "%v", cpu.Round(time.Millisecond))
}

// boarded gives a gateway that tells presence, with every mailbox subscribed and
// read, and where it answers apps.
func (l *lab) boarded(o *office) (*gateway, string) {
	folder, _ := setUp(l, o, http.StatusGone, "public_url: https://hooks.contoso.example")
	rewrite(l, folder, o, switchboard)
	g := run(l, l.binary, folder)
	l.await(g, "every mailbox is subscribed and read", func() bool { time.Sleep(100 * time.Millisecond); return o.subscribed() == o.people })
	l.await(g, "nothing is left to read", func() bool {
		time.Sleep(200 * time.Millisecond)
		return g.ask(`SELECT count(*) FROM feeds WHERE read_at > 0 AND due_at > ?`, time.Now().UnixMicro()) == o.people
	})
	return g, g.address("apps=")
}

// address is one that the gateway has said that it listens at.
func (g *gateway) address(mark string) string {
	rest, _ := g.said(mark)
	at, _, _ := strings.Cut(rest, " ")
	return at
}

// appKey makes a key for an app, as an operator does.
func (l *lab) appKey(g *gateway, app, scope string) string {
	token, err := os.ReadFile(filepath.Join(g.folder, "operator.token"))
	if err != nil {
		l.Fatal(err)
	}
	operators := g.address("operate=")
	r, err := http.NewRequestWithContext(l.Context(), http.MethodPost, "http://"+operators+"/v1/apps/"+app+"/keys", strings.NewReader(`{"scope":"`+scope+`"}`))
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	defer answer.Body.Close()
	var made struct{ Key string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || made.Key == "" {
		l.Fatal(answer.Status, err)
	}
	return made.Key
}

// ear is a listener.
type ear struct {
	live atomic.Bool
	mu   sync.Mutex
	seen map[string]time.Time // when each person was first told to be busy
}

func (e *ear) busy() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.seen)
}

func (e *ear) when(person string) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.seen[person]
}

// listen opens a stream, whose events are read to their end; attentive listeners
// look at them.
func (l *lab) listen(at, key, query string, attentive bool) *ear {
	e := &ear{seen: map[string]time.Time{}}
	r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, "http://"+at+"/v1/presence/stream"+query, nil)
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	client := &http.Client{Transport: &http.Transport{}}
	answer, err := client.Do(r)
	if err != nil {
		l.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		l.Fatal(answer.Status)
	}
	l.Cleanup(func() { answer.Body.Close() })
	go func() {
		lines := bufio.NewScanner(answer.Body)
		lines.Buffer(make([]byte, 4<<10), 64<<10)
		for lines.Scan() {
			text := lines.Bytes()
			switch {
			case !e.live.Load() && string(text) == "event: live":
				e.live.Store(true)
			case attentive && e.live.Load() && strings.HasPrefix(string(text), "data: {\"person\""):
				e.hear(text[len("data: "):], time.Now())
			}
		}
	}()
	return e
}

func (e *ear) hear(data []byte, at time.Time) {
	var p struct{ Person, State string }
	if json.Unmarshal(data, &p) != nil || p.State != "busy" {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen[p.Person].IsZero() {
		e.seen[p.Person] = at
	}
}

// meeting is an event between two times.
func meeting(n int, from, to time.Time) []byte {
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000") }
	return fmt.Appendf(nil, `{"@odata.type":"#microsoft.graph.event","@odata.etag":"W/\"%d\"","id":"AAMkADhmNDk2ZWFmLTg4ZTAtNGVjYi05MzBmLTlkNjM5YTU4MTBkMABGAAAAAAAVm%08d=",`+
		`"type":"singleInstance","subject":"Item %[1]d","showAs":"busy","sensitivity":"normal","isAllDay":false,"isCancelled":false,`+
		`"start":{"dateTime":"%[3]s","timeZone":"UTC"},"end":{"dateTime":"%[4]s","timeZone":"UTC"}}`, n, n, at(from), at(to))
}
