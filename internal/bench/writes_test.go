//go:build linux

package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	writesBar  = 3 * time.Millisecond
	writesRate = 50 // a second
)

// writer is the part of a configuration in which an app writes.
const writer = `apps: 127.0.0.1:0
apps_rate: 6000000
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    direction: out
    mailboxes: [%s]
`

// writes measures what the way through Graphwarden adds to a write: the same event is
// made through the API and, in turn, by a raw program that posts it to the office
// itself, so that both meet the same machine.
func (l *lab) writes() {
	people, n := 50, 500
	if *full {
		n = 5000
	}
	o := openOffice(l, people, 0, pageSize)
	folder, _ := setUp(l, o, http.StatusGone, "")
	rewrite(l, folder, o, writer)
	g := run(l, l.binary, folder)
	key, at := l.appKey(g, "portal", "write"), g.address("apps=")
	through := func(i int) *http.Request {
		r := posts("http://"+at+"/v1/tenants/contoso/mailboxes/"+mailboxID(i%people)+"/events", key, `{"event":`+made(i)+`}`)
		r.Header.Set("Idempotency-Key", fmt.Sprint("write-", i))
		return r
	}
	raw := func(i int) *http.Request {
		return posts(o.URL+"/v1.0/users/"+mailboxID(i%people)+"/events", "a-token", made(i))
	}
	ours, direct := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}, o.Client()
	l.post(ours, through, 0, 100) // tokens are fetched, statements prepared
	l.post(direct, raw, 0, 100)
	g.mark()
	cpu, wrote, stick := g.cpu(), g.written(), lay(l)
	var took [2][]time.Duration
	var both sync.WaitGroup
	both.Go(func() { took[0] = l.post(ours, through, 100, n) })
	both.Go(func() { took[1] = l.post(direct, raw, 100, n) })
	both.Wait()
	disk := stick.read()
	cpu, wrote = (g.cpu()-cpu)/time.Duration(n), (g.written()-wrote)/int64(n)
	if made := g.ask(`SELECT count(*) FROM intents WHERE state = 'done'`); made != n+100 {
		l.Errorf("%d writes are done, want %d", made, n+100)
	}
	added := quantile(took[0], 0.99) - quantile(took[1], 0.99)
	l.add(fmt.Sprintf("a write through the API, %d/s, %s: added", writesRate, *engine), "p99 < 3 ms", judged(added < writesBar), "p50 %v, p99 %v",
		(quantile(took[0], 0.5) - quantile(took[1], 0.5)).Round(time.Millisecond/100), added.Round(time.Millisecond/100))
	l.add("  all of it, beside the raw program's", "", noBar, "p50 %v and %v, p99 %v and %v", quantile(took[0], 0.5).Round(time.Millisecond/100),
		quantile(took[1], 0.5).Round(time.Millisecond/100), quantile(took[0], 0.99).Round(time.Millisecond/100), quantile(took[1], 0.99).Round(time.Millisecond/100))
	l.add("  processor time of each write, and written to the disk", "", noBar, "%v, %d kB", cpu.Round(time.Microsecond), wrote/1000)
	l.add("  one page written to the disk meanwhile", "", noBar, "%s", disk)
	g.stop(g.began)
}

// rewrite gives a configuration other flows.
func rewrite(l *lab, folder string, o *office, flows string) {
	path := filepath.Join(folder, "graphwarden.yaml")
	raw, err := os.ReadFile(path)
	if err != nil {
		l.Fatal(err)
	}
	names := make([]string, o.people)
	for n := range names {
		names[n] = mailboxName(n)
	}
	head, _, _ := strings.Cut(string(raw), "flows:\n")
	if err := os.WriteFile(path, []byte(head+fmt.Sprintf(flows, strings.Join(names, ", "))), 0o600); err != nil {
		l.Fatal(err)
	}
}

// made is an event as an app sends it.
func made(i int) string {
	return fmt.Sprintf(`{"subject":"Item %d","body":{"contentType":"text","content":%q},"start":{"dateTime":"2026-05-04T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-05-04T10:00:00","timeZone":"UTC"}}`,
		i, strings.Repeat("All hands on deck. ", 20))
}

func posts(address, token, body string) *http.Request {
	r, err := http.NewRequest(http.MethodPost, address, bytes.NewReader([]byte(body))) // the client bounds it
	if err != nil {
		panic(err) // the addresses are this test's own
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// post sends n requests at the rate, whether or not those before are answered, and
// says how long each took.
func (l *lab) post(client *http.Client, request func(i int) *http.Request, from, n int) []time.Duration {
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	began := time.Now()
	for i := range n {
		time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second / writesRate)))
		all.Go(func() {
			sent := time.Now()
			answer, err := client.Do(request(from + i))
			if err != nil {
				l.Error(err)
				return
			}
			body, err := io.ReadAll(answer.Body)
			took[i] = time.Since(sent)
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusCreated || err != nil {
				l.Errorf("answered %d %s, %v", answer.StatusCode, body, err)
			}
		})
	}
	all.Wait()
	return took
}
