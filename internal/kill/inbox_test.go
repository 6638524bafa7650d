package kill

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// at is an item of a mailbox, whichever calendar it lies in.
type at struct{ mailbox, item string }

// inbox is where the scribe is told of changes. It keeps each once.
type inbox struct {
	*httptest.Server

	mu      sync.Mutex
	dice    *rand.Rand
	good    bool // it takes all at once
	seen    map[string]bool
	told    map[at][]graphwarden.Envelope // in the order of their numbers
	invited map[string][]string           // invitations that were not answered, by mailbox
	// connections is what the app of people was told of their sign-ins, by account.
	connections map[string][]graphwarden.Envelope
	people      map[at]json.RawMessage
}

func openInbox(t *testing.T, dice *rand.Rand) *inbox {
	t.Helper()
	b := &inbox{dice: dice, good: true, seen: map[string]bool{}, told: map[at][]graphwarden.Envelope{}, invited: map[string][]string{},
		connections: map[string][]graphwarden.Envelope{}, people: map[at]json.RawMessage{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// ServeHTTP takes a delivery; in bad weather it declines some, and of some it loses
// the answer.
func (b *inbox) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var e graphwarden.Envelope
	if err != nil || json.Unmarshal(body, &e) != nil || e.ID == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	fate := b.dice.IntN(100)
	if b.good {
		fate = 99
	}
	if fate >= 2 && !b.seen[e.ID] {
		b.seen[e.ID] = true
		b.keep(e)
	}
	b.mu.Unlock()
	switch {
	case fate < 2:
		w.WriteHeader(http.StatusServiceUnavailable)
	case fate < 4:
		panic(http.ErrAbortHandler)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (b *inbox) keep(e graphwarden.Envelope) {
	parts := strings.Split(e.Source, "/") // "", tenants, T, mailboxes, M, calendars, C
	if strings.HasPrefix(e.Type, "com.graphwarden.connection.") {
		b.connections[e.Subject] = append(b.connections[e.Subject], e)
		return
	}
	if len(parts) != 7 {
		return
	}
	mailbox, _ := url.PathUnescape(parts[4])
	k := at{mailbox, e.Subject}
	list := append(b.told[k], e)
	slices.SortStableFunc(list, func(x, y graphwarden.Envelope) int { return int(x.Sequence - y.Sequence) })
	b.told[k] = list
	var d struct {
		IsOrganizer    *bool
		ResponseStatus struct{ Response string }
	}
	if e.Data.Item != nil && json.Unmarshal(e.Data.Item, &d) == nil && d.IsOrganizer != nil && !*d.IsOrganizer && d.ResponseStatus.Response == "notResponded" && !slices.Contains(b.invited[mailbox], e.Subject) {
		b.invited[mailbox] = append(b.invited[mailbox], e.Subject)
	}
}

// invitation gives an invitation in a mailbox, and mostly takes it off the list.
func (b *inbox) invitation(mailbox string, roll func(int) int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.invited[mailbox]
	if len(list) == 0 {
		return ""
	}
	id := list[len(list)-1]
	if roll(3) > 0 {
		b.invited[mailbox] = list[:len(list)-1]
	}
	return id
}

// be has the inbox behave well or badly.
func (b *inbox) be(good bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.good = good
}

// version is an item as the scribe knows it, from a change or from an answer.
type version struct {
	at   time.Time
	body doc
}

// newest takes up a version unless one that is newer is known.
func newest(copy map[at]version, k at, raw json.RawMessage, tie bool) {
	var d doc
	if json.Unmarshal(raw, &d) != nil || d == nil {
		return
	}
	when, err := time.Parse(time.RFC3339Nano, text(d, "lastModifiedDateTime"))
	if err != nil {
		return // of an occurrence, or private
	}
	if old, known := copy[k]; !known || when.After(old.at) || tie && when.Equal(old.at) {
		copy[k] = version{when, d}
	}
}
