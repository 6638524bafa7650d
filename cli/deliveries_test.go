package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
)

// counter is an app's receiver that answers with a status and counts.
type counter struct {
	*httptest.Server
	status atomic.Int32
	mu     sync.Mutex
	ids    map[string]int
	came   chan struct{}
}

func newCounter(t *testing.T, status int) *counter {
	c := &counter{ids: map[string]int{}, came: make(chan struct{}, 1)}
	c.status.Store(int32(status))
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.ids[r.Header.Get("webhook-id")]++
		c.mu.Unlock()
		w.WriteHeader(int(c.status.Load()))
		select {
		case c.came <- struct{}{}:
		default:
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// await waits until something holds of how often each delivery came.
func (c *counter) await(t *testing.T, what string, holds func(ids map[string]int) bool) {
	t.Helper()
	for late := time.After(2 * time.Minute); ; {
		c.mu.Lock()
		done := holds(c.ids)
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-c.came:
		case <-late:
			t.Fatalf("the receiver did not see %s", what)
		}
	}
}

// sinks asks the server for its sinks, until one is in a state.
func awaitSink(t *testing.T, config, name string, holds func(api.Sink) bool) api.Sink {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		code, out, stderr := run(t, "deliveries", "--json", "--sink", name, "--config", config)
		var list []api.Sink
		if err := json.Unmarshal([]byte(out), &list); code != cli.ExitOK || err != nil || len(list) != 1 {
			t.Fatalf("exit code %d, %v:\n%s%s", code, err, out, stderr)
		}
		if holds(list[0]) {
			return list[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("the sink is %+v", list[0])
		}
		<-time.After(20 * time.Millisecond)
	}
}

func says(t *testing.T, wantCode int, wants string, args ...string) string {
	t.Helper()
	code, out, stderr := run(t, args...)
	if code != wantCode || !strings.Contains(out+stderr, wants) {
		t.Fatalf("%v: exit code %d, want %d and %q:\n%s%s", args, code, wantCode, wants, out, stderr)
	}
	return out
}

// TestDeliveriesAreLookedAtAndToldAgain goes through what an operator does when
// a receiver says that it wants nothing more.
func TestDeliveriesAreLookedAtAndToldAgain(t *testing.T) {
	tn := open(t)
	shop := newCounter(t, http.StatusGone)
	config := tn.server(t, func(s *settings) {
		s.sink = strings.TrimPrefix(shop.URL, "http://")
		s.more = "    sinks: {warehouse: {type: table}, ears: {type: none}}\n"
	})
	gone := awaitSink(t, config, "office", func(s api.Sink) bool { return s.Disabled != "" })
	if gone.State != "disabled" || gone.Pending == 0 || gone.Reason == "" {
		t.Errorf("the sink is %+v", gone)
	}
	says(t, cli.ExitOK, "disabled", "deliveries", "--config", config)
	id := regexp.MustCompile(`msg_\w+`).FindString(says(t, cli.ExitOK, "answered 410", "deliveries", "--failed", "--config", config))
	if out := says(t, cli.ExitOK, "answered 410", "deliveries", "--failed", "--config", config); !regexp.MustCompile(id + `.* disabled .* 1 +- `).MatchString(out) {
		t.Errorf("of a delivery that nobody tries it says\n%s", out)
	}
	says(t, cli.ExitOK, "not tried: the sink is disabled", "deliveries", id, "--config", config)
	says(t, cli.ExitOK, "graphwarden deliveries enable office", "deliveries", "replay", "office", "--dry-run", "--config", config)
	says(t, cli.ExitOK, "STATUS", "deliveries", id, "--config", config)
	says(t, cli.ExitUsage, "store.delivery_unknown", "deliveries", "msg_1", "--config", config)
	says(t, cli.ExitOK, "no dead delivery", "deliveries", "--dead", "--config", config)
	says(t, cli.ExitUsage, "deliver.sink", "deliveries", "enable", "nobody", "--config", config)
	says(t, cli.ExitUsage, "api.name", "deliveries", "replay", "office", "--item", "nosuch", "--dry-run", "--config", config)
	says(t, cli.ExitUsage, "deliver.ahead", "listen", "--flow", "office", "--since", "99999999999", "--end", "--config", config)

	shop.status.Store(http.StatusNoContent)
	says(t, cli.ExitOK, "goes on", "deliveries", "enable", "office", "--config", config)
	done := awaitSink(t, config, "office", func(s api.Sink) bool { return s.Pending == 0 })
	if done.State != "up to date" || done.TakenAt == nil || int(done.Taken) < gone.Pending {
		t.Errorf("the sink is %+v", done)
	}
	table := awaitSink(t, config, "office/warehouse", func(s api.Sink) bool { return s.Pending == 0 })
	if table.Type != "table" || table.Taken == 0 {
		t.Errorf("the table is %+v", table)
	}

	says(t, cli.ExitOK, "not disabled", "deliveries", "enable", "office", "--config", config)
	says(t, cli.ExitUsage, "deliver.never_disabled", "deliveries", "enable", "office/warehouse", "--config", config)
	says(t, cli.ExitOK, "Nothing was changed", "deliveries", "enable", "office", "--dry-run", "--config", config)
	says(t, cli.ExitUsage, "deliver.sink", "deliveries", "enable", "nope", "--dry-run", "--config", config)
	says(t, cli.ExitUsage, "deliver.never_disabled", "deliveries", "enable", "office/warehouse", "--dry-run", "--config", config)
	says(t, cli.ExitOK, "taken, or left out", "deliveries", id, "--config", config)
	says(t, cli.ExitUsage, "never been", "deliveries", id[:strings.LastIndexByte(id, '_')]+"_987654", "--config", config)
	for _, filter := range [][]string{{"feeds", "--flow", "ofice"}, {"feeds", "--mailbox", "nobody@contoso.example"}, {"feeds", "--tenant", "nope"}, {"feeds", "--skipped", "--flow", "nope"},
		{"deliveries", "--sink", "nope"}, {"deliveries", "--dead", "--sink", "nope"}, {"deliveries", "replays", "--sink", "nope"}, {"writes", "--app", "nope"}, {"apps", "key", "list", "nope"},
		{"deliveries", "replay", "office", "--mailbox", "nobody@contoso.example", "--dry-run"}} {
		says(t, cli.ExitUsage, "api.name", append(filter, "--config", config)...)
	}
	says(t, cli.ExitUsage, "100 to 50", "deliveries", "replay", "office", "--from", "100", "--to", "50", "--config", config)
	says(t, cli.ExitUsage, `"x" is not a replay's number`, "deliveries", "stop", "x", "--config", config)
	if out := says(t, cli.ExitOK, "would tell", "deliveries", "replay", "office", "--dry-run", "--config", config); !strings.Contains(out, "from 1 to ") {
		t.Errorf("it says %s", out)
	}
	says(t, cli.ExitOK, "tells 1 delivery", "deliveries", "replay", "office", "--id", id, "--config", config)
	shop.await(t, "the replayed one again", func(ids map[string]int) bool { return ids[id] >= 3 })
	for late := time.Now().Add(2 * time.Minute); ; {
		var replays []api.Replay
		if err := json.Unmarshal([]byte(says(t, cli.ExitOK, "", "deliveries", "replays", "--json", "--config", config)), &replays); err != nil || time.Now().After(late) {
			t.Fatalf("the replay does not end: %+v, %v", replays, err)
		}
		if replays[0].EndedAt != nil {
			break
		}
	}
	says(t, cli.ExitOK, "tells", "deliveries", "replay", "office", "--snapshot", "--config", config)
	shop.await(t, "a snapshot", func(ids map[string]int) bool {
		for id := range ids {
			if strings.HasSuffix(id, "_s2") {
				return true
			}
		}
		return false
	})
	says(t, cli.ExitOK, "REPLAY", "deliveries", "replays", "--config", config)
	says(t, cli.ExitUsage, "store.replay_unknown", "deliveries", "stop", "99", "--config", config)
	says(t, cli.ExitOK, "nothing to tell", "deliveries", "replay", "office", "--dead", "--config", config)
	says(t, cli.ExitUsage, "deliver.replay", "deliveries", "replay", "office", "--snapshot", "--dead", "--config", config)
	says(t, cli.ExitUsage, "deliver.replay", "deliveries", "replay", "office/ears", "--config", config)
	says(t, cli.ExitUsage, "not a change's number", "deliveries", "replay", "office", "--from", "x", "--config", config)
}

// TestListenTellsForwardsAndGoesOn listens to what there is, and to what comes.
func TestListenTellsForwardsAndGoesOn(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.server(t, nil)
	out := says(t, cli.ExitOK, `"specversion":"1.0"`, "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", config)
	var last graphwarden.Envelope
	lines := 0
	for s := bufio.NewScanner(strings.NewReader(out)); s.Scan(); lines++ {
		if err := json.Unmarshal(s.Bytes(), &last); err != nil {
			t.Fatal(err)
		}
	}
	if lines == 0 || last.Sequence == 0 {
		t.Fatalf("%d lines, the last is %+v", lines, last)
	}
	says(t, cli.ExitUsage, "deliver.flow", "listen", "--flow", "nothing", "--config", config)
	says(t, cli.ExitUsage, "neither a sequence nor a time", "listen", "--flow", "office", "--since", "soon", "--config", config)

	type got struct {
		header http.Header
		body   []byte
	}
	forwarded := make(chan got, 100)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		forwarded <- got{r.Header, body}
	}))
	defer app.Close()
	l := start(t, "listen", "--flow", "office", "--forward-to", app.URL, "--config", config)
	secret := l.err.await(t, `signed with (whsec_\S+)`)[1]
	verifier, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().UTC().AddDate(0, 0, 2).Format("2006-01-02")
	for _, e := range []struct{ subject, sensitivity string }{{"Seen by all", "normal"}, {"Nobody's business", "private"}} {
		tn.graph(t, http.MethodPost, "/users/"+tn.Users[0].ID+"/events", map[string]any{"subject": e.subject, "sensitivity": e.sensitivity,
			"start": map[string]any{"dateTime": day + "T10:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": day + "T11:00:00", "timeZone": "UTC"}}, nil)
		f := <-forwarded
		var envelope graphwarden.Envelope
		if err := verifier.Verify(f.body, f.header); err != nil || json.Unmarshal(f.body, &envelope) != nil || envelope.Sequence <= last.Sequence {
			t.Errorf("%v: forwarded was %s", err, f.body)
		}
		if shown := strings.Contains(string(f.body), e.subject); shown != (e.sensitivity == "normal") || !strings.Contains(string(f.body), day) {
			t.Errorf("of a %s event it tells %s", e.sensitivity, f.body)
		}
	}
	l.out.await(t, fmt.Sprintf(`created +%s %sT10:00:00 "Seen by all" -> 200 OK`, regexp.QuoteMeta(tn.Users[0].UserPrincipalName), day))
	l.stop()
	l.ends(t, cli.ExitOK)
}
