package proxy

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

const (
	// together is how many items of a batch are under way at once: as many as Outlook
	// runs of one itself (graph-facts §2.4).
	together = 4
	// longest is how long a batch may begin items, and a request wait for its turn: the apps' address is given a minute for
	// an answer, and what was done must be told.
	longest = 40 * time.Second
	// largestAnswers is how much the answers to one batch may hold, all in all.
	largestAnswers = 16 << 20
)

// batch is a $batch on its way. Each of its items goes to the gate alone, so that each
// has a decision and an end in the ledger, a place in its mailbox's budget, the token of
// its own flow, and Microsoft's own answer; nothing is sent that could be read as more
// than one call.
type batch struct {
	*Proxy
	outer   *http.Request
	whole   incoming
	items   []canon.Item
	answers []held
	room    atomic.Int64 // bytes that the answers may still take
}

// batch answers a $batch.
func (p *Proxy) batch(w http.ResponseWriter, r *http.Request, a *asked) error {
	b := &batch{Proxy: p, outer: r, whole: a.incoming, items: a.form.Items, answers: make([]held, len(a.form.Items))}
	b.room.Store(p.largestAnswers)
	begins, stop := context.WithTimeout(r.Context(), p.longest)
	defer stop()
	b.run(r.Context(), begins)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b.json()) // who asked is gone: nobody to tell
	return nil
}

// run performs the items as if one came after the other: what changes something goes
// alone, and what only reads together with its neighbours. None is begun when begins
// has ended.
func (b *batch) run(ctx, begins context.Context) {
	for from := 0; from < len(b.items); {
		to := from + 1
		for b.reads(from) && to < len(b.items) && to-from < together && b.reads(to) && !b.waits(to, from) {
			to++
		}
		var group sync.WaitGroup
		var panicked atomic.Value // is told on, so that it ends this request and no other
		for i := from; i < to; i++ {
			group.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						panicked.Store(fmt.Sprintf("answering an item of a batch: %v", v))
					}
				}()
				b.perform(ctx, begins, i)
			})
		}
		if group.Wait(); panicked.Load() != nil {
			panic(panicked.Load())
		}
		from = to
	}
}

func (b *batch) reads(i int) bool { return b.items[i].Method == http.MethodGet }

// waits says whether an item depends on one that goes with it.
func (b *batch) waits(i, from int) bool {
	return slices.ContainsFunc(b.items[i].DependsOn, func(on int) bool { return on >= from })
}

// perform has an item go the way of a request that comes alone.
func (b *batch) perform(ctx, begins context.Context, i int) {
	w := &b.answers[i]
	w.header, w.room = http.Header{}, &b.room
	var err error = &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "proxy.batch_late",
		Say: "The requests before it took so long that this one was not begun.", Do: "Send it once more."}
	if begins.Err() == nil {
		err = b.pass(ctx, w, &b.items[i])
	}
	w.room = nil // a refusal always has room
	var broken *broken
	if errors.As(err, &broken) {
		b.room.Add(int64(w.body.Len()))
		w.header, w.body = http.Header{}, bytes.Buffer{}
		err = &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "proxy.broke_off", Cause: err,
			Say: "Microsoft's answer broke off, or is longer than fits into the answer to a batch.", Do: "Ask for it alone, or for less of it; look first whether a change was made."}
	}
	if err != nil {
		b.refuse(w, origin(b.outer), b.items[i].URL, err)
	}
}

// pass is Proxy.pass for an item. The app's key is looked at anew: it may have been
// revoked since the batch began.
func (b *batch) pass(ctx context.Context, w *held, item *canon.Item) error {
	a := &asked{incoming: b.whole, from: b.outer}
	var err error
	if a.key, err = b.admit(b.outer); err != nil {
		return err
	}
	a.method, a.header, a.body = item.Method, item.Header, item.Body
	a.path, a.query, _ = strings.Cut(item.URL, "?")
	if err = item.Fault; err == nil {
		a.person, err = person(b.whole.header)
	}
	if err == nil {
		err = b.failed(item)
	}
	if err == nil && a.body != nil && (!saysJSON(a.header) || packing(a.header) != "") {
		err = strangeBody()
	}
	if err == nil {
		err = b.understand(a)
	}
	if err != nil {
		return b.noted(ctx, a, gate.Call{}, err)
	}
	return b.one(ctx, w, a)
}

// failed refuses an item if one has failed on which it depends.
func (b *batch) failed(item *canon.Item) error {
	for _, on := range item.DependsOn {
		if b.answers[on].status >= http.StatusBadRequest {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "proxy.depends", Field: "dependsOn",
				Say: fmt.Sprintf("The request %q, on which this one depends, has failed.", b.items[on].ID), Do: "See why that one failed."}
		}
	}
	return nil
}

// json writes the answers in the order of the items.
func (b *batch) json() []byte {
	var out bytes.Buffer
	out.WriteString(`{"responses":[`)
	for i := range b.answers {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"id":%s,"status":%d,"headers":%s`, text(b.items[i].ID), b.answers[i].status, b.answers[i].heads())
		if body := b.answers[i].content(); body != nil {
			out.WriteString(`,"body":`)
			out.Write(body)
		}
		out.WriteByte('}')
	}
	out.WriteString("]}")
	return out.Bytes()
}

// held is the answer to an item, until all are there.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
	room   *atomic.Int64 // nil: as much as it takes
}

// Header is the answer's header.
func (h *held) Header() http.Header { return h.header }

// WriteHeader keeps the status.
func (h *held) WriteHeader(status int) { h.status = status }

// Write keeps a part of the body, if there is room.
func (h *held) Write(piece []byte) (int, error) {
	if h.room != nil && h.room.Add(-int64(len(piece))) < 0 {
		h.room.Add(int64(len(piece)))
		return 0, errors.New("the answers to the batch are too long")
	}
	return h.body.Write(piece)
}

// heads are the headers as a batch shows them.
func (h *held) heads() []byte {
	out := map[string]string{}
	for _, name := range slices.Collect(maps.Keys(h.header)) {
		out[name] = strings.Join(h.header[name], ", ")
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return []byte("{}") // texts have a form in JSON
	}
	return raw
}

// content is the body as a batch shows it: JSON as it is, text as a text, and the rest
// in base64 (graph-facts §2.4). Nil is none.
func (h *held) content() []byte {
	kind, raw := strings.ToLower(h.header.Get("Content-Type")), bytes.TrimSpace(h.body.Bytes())
	switch {
	case h.body.Len() == 0:
		return nil
	case strings.HasPrefix(kind, "application/json") && json.Valid(raw):
		return raw
	case strings.HasPrefix(kind, "text/plain"):
		return text(h.body.String())
	}
	return text(base64.StdEncoding.EncodeToString(h.body.Bytes()))
}

// text writes a text as JSON, as it stands.
func text(s string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a text has a form, and memory takes it
	return bytes.TrimSpace(out.Bytes())
}
