package kill

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
)

const sinkSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="

// place is where an item is, for the app and for Microsoft alike.
type place struct{ mailbox, calendar, item string }

// receiver is the app: it keeps what it acknowledges, drops what it has seen, and
// behaves badly. What arrives at any path but /app is answered 410.
type receiver struct {
	*httptest.Server
	verifier *webhooks.Webhook
	outside  func(item string) bool // of the window

	mu               sync.Mutex
	dice             *rand.Rand
	good             bool // it takes all
	down             bool // it takes nothing
	sour             bool // it declines everything, one by one
	again            bool // dead letters are told again, after what came later of their items
	calls            int  // in vain, while it was down or sour; those in quick succession are one
	called           time.Time
	seen             map[string][32]byte
	heard            map[int64]time.Time // when a change was told last, by its number
	shots            map[string]bool     // items told by a snapshot, by its number and their places
	anew             *anew               // nil: none has begun anew
	last             map[place]int64     // sequence of the last kept change
	copy             map[place]json.RawMessage
	doubles, changes int
	wrong            []string
}

func openReceiver(t *testing.T, dice *rand.Rand, outside func(item string) bool) *receiver {
	t.Helper()
	v, err := webhooks.NewWebhook(sinkSecret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{verifier: v, outside: outside, dice: dice, seen: map[string][32]byte{}, heard: map[int64]time.Time{}, shots: map[string]bool{}, last: map[place]int64{}, copy: map[place]json.RawMessage{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP takes a delivery, unless the dice say otherwise.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender was killed half way
	}
	if q.URL.Path != "/app" {
		w.WriteHeader(http.StatusGone)
		return
	}
	status, cut, slow := r.take(q.Header, body)
	if slow {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-q.Context().Done():
		}
	}
	if cut {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// take decides what becomes of a delivery: the answer, or none, at once or slowly.
func (r *receiver) take(header http.Header, body []byte) (status int, cut, slow bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fate := r.dice.IntN(100)
	switch {
	case r.down:
		r.inVain()
		return http.StatusServiceUnavailable, false, false
	case r.sour:
		r.inVain()
		return http.StatusInternalServerError, false, false
	case r.good:
	case fate < 2:
		return http.StatusInternalServerError, false, false
	case fate < 4:
		return 0, true, false // before it is kept
	case fate < 6:
		cut = true // after it was kept
	case fate < 8:
		slow = true
	}
	if err := r.verifier.Verify(body, header); err != nil {
		r.complain("a delivery is not signed as it should be: %v", err)
		return http.StatusUnauthorized, false, false
	}
	var e graphwarden.Envelope
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" || e.ID != header.Get("webhook-id") {
		r.complain("a delivery cannot be read: %s", body)
		return http.StatusBadRequest, false, false
	}
	r.keep(e, sha256.Sum256(body))
	return http.StatusNoContent, cut, slow
}

func (r *receiver) inVain() {
	if time.Since(r.called) > 300*time.Millisecond {
		r.calls++
	}
	r.called = time.Now()
}

func (r *receiver) keep(e graphwarden.Envelope, content [32]byte) {
	parts := strings.Split(e.Source, "/") // "", tenants, T, mailboxes, M, calendars, C
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	if len(parts) != 7 {
		r.complain("the source is %q", e.Source)
		return
	}
	at := place{parts[4], parts[6], e.Subject}
	kind := graphwarden.ChangeKind(e.Type[strings.LastIndexByte(e.Type, '.')+1:])
	r.heard[e.Sequence] = time.Now()
	if r.anew != nil {
		r.anew.take(at, e, kind == graphwarden.Deleted)
	}
	if before, known := r.seen[e.ID]; known {
		r.doubles++
		if before != content {
			r.complain("the id %s came with another content", e.ID)
		}
		return
	}
	r.seen[e.ID] = content
	if kind == graphwarden.Snapshot {
		r.show(at, e)
		return
	}
	r.changes++
	if e.Sequence <= r.last[at] && r.again {
		return // it has what is newer
	}
	if e.Sequence <= r.last[at] {
		r.complain("of %v number %d came after number %d", at, e.Sequence, r.last[at])
	}
	r.last[at] = e.Sequence
	before, known := r.copy[at]
	switch {
	case r.again: // what came before may be dead yet
	case kind == graphwarden.Created && known && r.outside(string(before)):
		// it was out of the window, where nobody follows it, and is back
	case kind == graphwarden.Created && known:
		r.complain("%v was created twice", at)
	case kind != graphwarden.Created && !known:
		r.complain("%v was %s and not there", at, kind)
	}
	if kind == graphwarden.Deleted {
		delete(r.copy, at)
		return
	}
	r.copy[at] = e.Data.Item
}

// show takes an item that a snapshot tells: once in each, and as it was told
// before.
func (r *receiver) show(at place, e graphwarden.Envelope) {
	_, snapshot, _ := strings.Cut(e.ID, "_s")
	told := fmt.Sprint(snapshot, at)
	if r.shots[told] {
		r.complain("snapshot %s told %v twice", snapshot, at)
	}
	r.shots[told] = true
	switch {
	case e.Sequence > r.last[at] && r.again: // its change is dead yet, or never comes: this is told in its place
		r.last[at], r.copy[at] = e.Sequence, e.Data.Item
	case r.again:
	case e.Sequence != r.last[at]:
		r.complain("snapshot %s told number %d of %v after number %d", snapshot, e.Sequence, at, r.last[at])
	case string(e.Data.Item) != string(r.copy[at]):
		r.complain("snapshot %s told number %d of %v otherwise than before", snapshot, e.Sequence, at)
	}
}

func (r *receiver) complain(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// be has the receiver behave otherwise from now on.
func (r *receiver) be(change func(*receiver)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = 0
	change(r)
}

// vain says how often the receiver was called in vain since it was told how to be.
func (r *receiver) vain() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}
