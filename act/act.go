package act

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// The extended properties that Graphwarden gives to what it writes, in a namespace
// of its own. Mark holds the mark of the last write, by which that is found again;
// Reference is what the app calls the item.
const (
	namespace = "{8d1c5a0e-6f5b-4f0c-9d53-7a1e0c2b94d7}"
	Mark      = "String " + namespace + " Name GraphwardenWrite"
	Reference = "String " + namespace + " Name GraphwardenReference"
)

const (
	// lease is how long a process has a write alone.
	lease = time.Minute
	// within bounds one attempt, so that it ends before its lease.
	within = 45 * time.Second
	// atOnceTries is how often a write is tried while its app waits.
	atOnceTries = 3
	// giveUp is how long a write is tried that nobody answers.
	giveUp = 24 * time.Hour
	// Kept is how long the outcome of a write is kept, for repeats of its key.
	Kept = 7 * 24 * time.Hour
	// LosersKept is how long versions that lost are kept, and writes that are uncertain.
	LosersKept = 90 * 24 * time.Hour
)

// Config is what the room is made of.
type Config struct {
	Roster  Roster
	Writer  Writer
	Reader  Reader
	Mailer  Mailer
	Mails   Mails
	Files   Files
	Uploads Uploads
	Claims  Claims
	Store   Store
	Intents Intents
	Due     Due
	Shelf   Shelf
	Log     *slog.Logger
	Now     func() time.Time
	Random  io.Reader // ids and marks; nil is crypto/rand
	Holder  string    // of this process, in leases
}

// Act writes for apps. It may be used by any number of goroutines.
type Act struct {
	config Config
	wake   chan struct{}
	lines  lines
	under  under // uploads to Microsoft that this process has begun

	mu sync.Mutex // guards config.Random
}

// New makes the room; Run resumes what was left.
func New(c Config) *Act {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return &Act{config: c, wake: make(chan struct{}, 1), lines: lines{of: map[string]*line{}}, under: under{of: map[string]underway{}}}
}

// Wake has what is due looked for at once. It does not block.
func (a *Act) Wake() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Target says for whom an app writes.
type Target struct {
	App     string
	Tenant  string // Tenant.Name
	Mailbox string // by object id or by name
	// Flows are those that may be used; none means all of the app's.
	Flows []string
	// Key is the app's: a repeated request with the same key is the same write.
	// "" makes one up.
	Key string
}

// place finds the flow by which an app may perform an operation on a mailbox.
func (a *Act) place(t Target, op flow.Operation) (flow.Flow, graphwarden.Mailbox, error) {
	mayWrite, named := false, false // a flow performs it, one that names its mailboxes
	doing, declare := "writes into", "Declare one of kind calendar with direction: both or out, and have its permissions consented to."
	if op.Mails() {
		doing, declare = "sends mail of", "Declare one of kind mail-send, and have its permissions consented to."
	}
	for _, f := range a.config.Roster.Flows() {
		if f.App != t.App || f.Tenant != t.Tenant || !performs(f, op) || !among(t.Flows, f.Name) {
			continue
		}
		mayWrite = true
		named = named || !f.People
		if m, ok := member(f, t.Mailbox); ok {
			return f, m, nil
		}
	}
	if !mayWrite {
		return flow.Flow{}, graphwarden.Mailbox{}, refuse(graphwarden.Denied, "act.no_flow", "",
			fmt.Sprintf("No flow of the app %s %s mailboxes of the tenant %s.", t.App, doing, t.Tenant), declare)
	}
	do := "Name the mailbox in the flow's mailboxes or groups; one that was added now is known within minutes."
	if !named {
		do = "Have its person sign in for the app: POST /v1/tenants/{tenant}/sign-ins gives the link."
	}
	return flow.Flow{}, graphwarden.Mailbox{}, refuse(graphwarden.Denied, "act.mailbox", "mailbox",
		fmt.Sprintf("No flow of the app %s %s the mailbox %s.", t.App, doing, t.Mailbox), do)
}

// among says whether a name is one of those given, if any are.
func among(names []string, name string) bool {
	return len(names) == 0 || slices.Contains(names, name)
}

// performs says whether apps may have a flow perform an operation; what other kinds
// do, they do for themselves.
func performs(f flow.Flow, op flow.Operation) bool {
	return (f.Kind.Events() || op.Mails()) && slices.Contains(f.Kind.Operations(), op)
}

// member finds a mailbox of a flow by its object id or its name.
func member(f flow.Flow, name string) (graphwarden.Mailbox, bool) {
	for _, m := range f.Mailboxes {
		if name != "" && (m.ID == name || strings.EqualFold(m.UPN, name)) {
			return m, true
		}
	}
	return graphwarden.Mailbox{}, false
}

// random gives n bytes of chance.
func (a *Act) random(n int) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(a.config.Random, b); err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}
	return b, nil
}

// name gives an intent its id and its mark, a GUID (RFC 9562, version 4).
func (a *Act) name(in *graphwarden.Intent) error {
	b, err := a.random(28)
	if err != nil {
		return err
	}
	in.ID = "wrt_" + hex.EncodeToString(b[:12])
	g := b[12:]
	g[6], g[8] = g[6]&0x0f|0x40, g[8]&0x3f|0x80
	in.Mark = fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:])
	if in.Key == "" {
		in.Key = "auto_" + in.ID
	}
	return nil
}

// Write gives a write of an app.
func (a *Act) Write(ctx context.Context, app, id string) (graphwarden.Intent, error) {
	in, found, err := a.config.Shelf.Intent(ctx, id)
	if err != nil {
		return in, err
	}
	if !found || in.App != app {
		return graphwarden.Intent{}, refuse(graphwarden.Unknown, "act.write_unknown", "id", fmt.Sprintf("The app %s has no write %q.", app, id),
			"Use the id that the write was answered with; writes are kept for seven days, uncertain ones for 90.")
	}
	in.Again = true
	return in, nil
}

// Loser gives the version that lost when a write met another change.
func (a *Act) Loser(ctx context.Context, in graphwarden.Intent) (graphwarden.Loser, bool, error) {
	if in.Outcome.State == graphwarden.IntentDone && loserOf(in) == nil {
		return graphwarden.Loser{}, false, nil
	}
	l, kept, err := a.config.Shelf.LoserOf(ctx, in.ID)
	if kept && l.Side == "app" {
		l.Body = unmarked(l.Body)
	}
	return l, kept, err
}

// refuse makes a refusal about a field of the request, "" for all of it.
func refuse(kind graphwarden.Kind, code, field, say, do string) *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: kind, Code: code, Field: field, Say: say, Do: do}
}

// line is the queue of those who write the same item in this process.
type line struct {
	mu   sync.Mutex
	here int
}

// lines lets one goroutine at a time write each item.
type lines struct {
	mu sync.Mutex
	of map[string]*line
}

// enter waits for its turn and gives how to leave.
func (l *lines) enter(item string) (leave func()) {
	l.mu.Lock()
	at := l.of[item]
	if at == nil {
		at = &line{}
		l.of[item] = at
	}
	at.here++
	l.mu.Unlock()
	at.mu.Lock()
	return func() {
		at.mu.Unlock()
		l.mu.Lock()
		defer l.mu.Unlock()
		if at.here--; at.here == 0 {
			delete(l.of, item)
		}
	}
}
