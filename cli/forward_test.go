package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/cli"
)

// developed is a program that somebody works on: it takes what it is sent, and may
// be away.
type developed struct {
	mu     sync.Mutex
	got    []int64
	answer func(nth int) int // of every request; nil: 200
	n      int
}

func (d *developed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var e graphwarden.Envelope
	_ = json.Unmarshal(body, &e)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.n++
	if d.answer != nil {
		if status := d.answer(d.n); status >= 300 {
			w.WriteHeader(status)
			return
		}
	}
	d.got = append(d.got, e.Sequence)
}

func (d *developed) taken() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return fmt.Sprint(d.got)
}

// last is the change that was taken last.
func (d *developed) last() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.got) == 0 {
		return 0
	}
	return d.got[len(d.got)-1]
}

// TestAProgramThatIsStartedAgainMissesNothing: what is forwarded to it waits while it
// is away or says that it cannot, and comes once, in order.
func TestAProgramThatIsStartedAgainMissesNothing(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.server(t, nil)
	listed := func() (all []int64) {
		for line := range strings.Lines(says(t, cli.ExitOK, "", "listen", "--flow", "office", "--since", "0", "--end", "--json", "--config", config)) {
			var e graphwarden.Envelope
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Fatal(err)
			}
			all = append(all, e.Sequence)
		}
		return all
	}
	all := listed()
	if len(all) < 4 {
		t.Fatalf("only %d changes", len(all))
	}
	address := freePort(t)
	l := start(t, "listen", "--flow", "office", "--since", "0", "--end", "--forward-to", "http://"+address, "--config", config)
	l.err.await(t, `does not take change `+strconv.FormatInt(all[0], 10)+` \(no answer\); trying again`)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	app := &developed{answer: func(nth int) int {
		return map[int]int{1: http.StatusServiceUnavailable, 3: http.StatusTooManyRequests, 5: http.StatusBadRequest}[nth]
	}}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: app}}
	server.Start()
	defer server.Close()
	l.ends(t, cli.ExitUnhealthy)
	for all = listed(); len(all) > 0 && all[len(all)-1] > app.last(); { // what came after it began
		all = all[:len(all)-1]
	}
	want := append(append([]int64{}, all[:2]...), all[3:]...) // the fifth request is the third change's
	if app.taken() != fmt.Sprint(want) {
		t.Errorf("it took %s, want %v", app.taken(), want)
	}
	if said := l.err.String(); !strings.Contains(said, fmt.Sprintf("Forwarded were %d changes.", len(want))) || !strings.Contains(said, fmt.Sprintf("refused 1 change: %d.", all[2])) ||
		!strings.Contains(said, fmt.Sprintf("--since %d --forward-to", all[len(all)-1])) {
		t.Errorf("at the end it says %s", said)
	}

	server.Close()
	away := start(t, "listen", "--flow", "office", "--since", "0", "--forward-to", "http://"+address, "--config", config)
	away.err.await(t, "trying again")
	away.stop()
	away.ends(t, cli.ExitOK)
	if said := away.err.String(); !strings.Contains(said, fmt.Sprintf("Change %d was not forwarded. To go on with it: graphwarden listen --flow office --since %d --forward-to", all[0], all[0]-1)) {
		t.Errorf("at the end it says %s", said)
	}
}
