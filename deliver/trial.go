package deliver

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Trial asks for a test delivery: a change that never was is sent to a webhook as a
// real one would be.
type Trial struct {
	Sink   string `json:"sink" rule:"required,max=400" example:"office"`
	Kind   string `json:"kind,omitempty" rule:"oneof=created|updated|deleted" doc:"what is said to have happened; created unless it says so"`
	DryRun bool   `json:"dry_run,omitempty" doc:"only show what would be sent"`
}

// Tried is what came of a test delivery.
type Tried struct {
	ID       string               `json:"id" doc:"what the receiver sees in webhook-id"`
	Sink     string               `json:"sink"`
	URL      string               `json:"url"`
	Sent     bool                 `json:"sent"`
	Taken    bool                 `json:"taken" doc:"the receiver answered 2xx"`
	Status   int                  `json:"status" doc:"of the answer; 0: there was none"`
	Took     float64              `json:"took_seconds"`
	Reason   string               `json:"reason,omitempty" doc:"why it was not sent or not taken"`
	Envelope graphwarden.Envelope `json:"envelope" doc:"what was sent, or would be"`
}

// Try sends one test delivery, once: shaped, signed and sent as the sink's real ones
// are, and marked, so that nobody takes it for one. It moves no cursor and nothing
// is tried again. The ledger has it before it leaves, and what came of it after; an
// entry without the second says that a crash came between.
func (d Desk) Try(ctx context.Context, a Trial) (Tried, error) {
	t, err := d.target(a.Sink)
	if err != nil {
		return Tried{}, err
	}
	out := Tried{Sink: a.Sink, URL: t.Sink.URL}
	kind := graphwarden.ChangeKind(a.Kind)
	if kind == "" {
		kind = graphwarden.Created
	}
	switch {
	case t.Sink.Kind == graphwarden.Table || t.Sink.Kind == graphwarden.Nowhere:
		return out, wrongTrial("sink", fmt.Sprintf("The sink %q is no webhook: it is of type %s, and nothing is sent to it.", a.Sink, t.Sink.Kind), "Name a sink with a url.")
	case !slices.Contains([]graphwarden.ChangeKind{graphwarden.Created, graphwarden.Updated, graphwarden.Deleted}, kind):
		return out, wrongTrial("kind", fmt.Sprintf("%q is no kind of change.", a.Kind), "Name created, updated or deleted.")
	}
	var random [12]byte
	if _, err := io.ReadFull(d.Random, random[:]); err != nil {
		return out, fmt.Errorf("naming a test delivery: %w", err)
	}
	out.ID = "msg_test_" + hex.EncodeToString(random[:])
	t.Shape.Mailboxes = nil // its mailbox is none of theirs
	made := madeUp(out.ID, t.Sink, kind, d.Deliver.config.Now())
	shaped, wanted := t.Shape.Apply(made)
	out.Envelope = t.Shape.Envelope(shaped)
	if !wanted {
		out.Reason = fmt.Sprintf("The sink's filter leaves out what was %s.", kind)
	}
	if !wanted || a.DryRun {
		return out, nil
	}
	return out, d.sendTrial(ctx, t, made, &out)
}

// sendTrial sends what Try made, between its two entries in the ledger.
func (d Desk) sendTrial(ctx context.Context, t Target, made graphwarden.Delivery, out *Tried) error {
	keys, err := t.Keys.Keys()
	if err != nil {
		return fmt.Errorf("signing for sink %s: %w", t.Sink.Name, err)
	}
	entry := graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Flow: t.Sink.Flow, Call: out.ID, Method: http.MethodPost,
		Path: "sink.try " + t.Sink.Name, Allowed: true, Rule: "operator", Note: "a test delivery is sent"}
	if err := d.append(ctx, entry); err != nil {
		return err
	}
	c := courier{config: d.Deliver.config, target: t}
	a := c.send(ctx, keys, made)
	out.Sent, out.Taken, out.Status, out.Took, out.Reason = true, a.outcome == taken, a.status, a.took.Seconds(), a.reason
	entry.Status, entry.Note = a.status, "the test delivery was taken"
	if !out.Taken {
		entry.Note = "the test delivery was not taken: " + a.reason
	}
	return d.append(context.WithoutCancel(ctx), entry)
}

// append puts an entry into the ledger in a transaction of its own.
func (d Desk) append(ctx context.Context, e graphwarden.Entry) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	err := d.Deliver.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := d.Ledger.Append(ctx, tx, e)
		return err
	})
	if err != nil {
		return fmt.Errorf("writing a test delivery into the ledger: %w", err)
	}
	return nil
}

func wrongTrial(field, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.trial", Field: field, Say: say, Do: do}
}

// madeUp is the change that never was. Its mailbox, calendar and item are those of
// nobody, and its number is 0, which no change has.
func madeUp(id string, s graphwarden.Sink, kind graphwarden.ChangeKind, now time.Time) graphwarden.Delivery {
	const nobody = "00000000-0000-0000-0000-000000000000"
	d := graphwarden.Delivery{ID: id, Sink: s.Name, Tenant: "test", Resource: "test", Title: "Test", Test: true,
		Mailbox: graphwarden.Mailbox{ID: nobody, UPN: "test@graphwarden.invalid"},
		Change:  graphwarden.Change{Item: "test", Kind: kind, At: now.UTC()}}
	if kind == graphwarden.Deleted {
		return d
	}
	begins := now.UTC().Truncate(time.Hour).Add(time.Hour)
	when := func(t time.Time) map[string]string {
		return map[string]string{"dateTime": t.Format("2006-01-02T15:04:05.0000000"), "timeZone": "UTC"}
	}
	d.Change.Body, _ = json.Marshal(map[string]any{ // strings and maps of them: it never fails
		"id": "test", "@odata.etag": `W/"test"`, "subject": "Test event of Graphwarden", "bodyPreview": "It was never in a calendar.", "type": "singleInstance",
		"sensitivity": "normal", "showAs": "free", "isAllDay": false, "isCancelled": false, "start": when(begins), "end": when(begins.Add(time.Hour))})
	return d
}
