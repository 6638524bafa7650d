package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// told is what of an item says where it comes from.
type told struct {
	ETag   string `json:"@odata.etag"`
	Mark   string `json:"transactionId"`
	Series string `json:"seriesMasterId"`
	At     string `json:"lastModifiedDateTime"`
	Type   string `json:"type"`
}

// toldOf reads a body; what cannot be read tells nothing.
func toldOf(body []byte) (t told) {
	_ = json.Unmarshal(body, &t)
	return t
}

// after says whether a version was made after another. What does not say when it was made
// comes after nothing, and nothing after it.
func (t told) after(other told) bool {
	at, err1 := time.Parse(time.RFC3339Nano, t.At)
	before, err2 := time.Parse(time.RFC3339Nano, other.At)
	return err1 == nil && err2 == nil && at.After(before)
}

// whole is the series whose version is an occurrence's, too: whoever wrote the series
// knows its dates. An exception is an item of its own, in which nobody knows what it has
// of the series and what not, so that it is told.
func (t told) whole() string {
	if t.Type == "exception" {
		return ""
	}
	return t.Series
}

// Origins says of changes what they have to do with the writes of their flow, in
// the same order.
func (s *Store) Origins(ctx context.Context, flow string, list []graphwarden.Delivery) ([]graphwarden.Origin, error) {
	out := make([]graphwarden.Origin, len(list))
	for i, d := range list {
		var err error
		if out[i], err = s.origin(ctx, flow, d); err != nil {
			return nil, s.refuse(fmt.Errorf("finding the origin of a change: %w", err))
		}
	}
	return out, nil
}

func (s *Store) origin(ctx context.Context, flow string, d graphwarden.Delivery) (o graphwarden.Origin, err error) {
	of := toldOf(d.Change.Body)
	if err := s.traced(ctx, d.Change.Seq, &of, &o); err != nil {
		return o, err
	}
	if d.Change.Kind == graphwarden.Deleted {
		if err := s.removing(ctx, flow, d, of, &o); err != nil {
			return o, err
		}
	}
	for _, id := range []string{d.Change.Item, of.Series} {
		key := digestOf(id)
		if id == "" || o.Reference != "" {
			continue
		}
		if _, err := s.reads.row(ctx, `SELECT reference FROM item_references WHERE flow = ? AND item = ?`, []any{flow, key[:]}, &o.Reference); err != nil {
			return o, err
		}
	}
	if o.Write != "" || o.Pending {
		return o, nil
	}
	if of.Mark != "" {
		var reference, state string
		found, err := s.reads.row(ctx, `SELECT reference, state FROM intents WHERE mark = ? AND flow = ? AND kind = 'event.create'`, []any{of.Mark, flow}, &reference, &state)
		if err != nil {
			return o, err
		}
		if found && o.Reference == "" {
			o.Reference = reference
		}
		if found && state == string(graphwarden.IntentOpen) {
			o.Pending = true
			return o, nil
		}
	}
	if of.ETag == "" {
		return o, nil
	}
	_, err = s.reads.row(ctx, `SELECT name FROM intents WHERE etag = ? AND etag <> '' AND flow = ? AND mailbox = ? AND item IN (?, ?)`,
		[]any{of.ETag, flow, d.Mailbox.ID, d.Change.Item, of.whole()}, &o.Write)
	if err != nil || o.Write != "" {
		return o, err
	}
	if o.Write, err = s.superseding(ctx, flow, d, of); err != nil || o.Write != "" {
		return o, err
	}
	_, err = s.reads.row(ctx, `SELECT EXISTS (SELECT 1 FROM intents WHERE flow = ? AND mailbox = ? AND item IN (?, ?) AND item <> '' AND state = 'open')`,
		[]any{flow, d.Mailbox.ID, d.Change.Item, of.Series}, &o.Pending)
	return o, err
}

// traced says what was noted of a change when it was stored: the write that it is an
// effect of, and the series of a date that is gone.
func (s *Store) traced(ctx context.Context, seq int64, of *told, o *graphwarden.Origin) error {
	var intent, series, state string
	found, err := s.reads.row(ctx, `SELECT t.intent, t.series, COALESCE(i.state, '') FROM traces t LEFT JOIN intents i ON i.name = t.intent WHERE t.seq = ?`,
		[]any{seq}, &intent, &series, &state)
	if err != nil || !found {
		return err
	}
	if of.Series == "" {
		of.Series = series
	}
	switch graphwarden.IntentState(state) {
	case graphwarden.IntentDone:
		o.Write = intent
	case graphwarden.IntentOpen:
		o.Pending = true
	}
	return nil
}

// removing finds the write by which the flow's app removed an item, or the series that
// it was a date of, or declined the invitation that it was.
func (s *Store) removing(ctx context.Context, flow string, d graphwarden.Delivery, of told, o *graphwarden.Origin) error {
	var name, state string
	_, err := s.reads.row(ctx, `SELECT name, state FROM intents WHERE flow = ? AND mailbox = ? AND item IN (?, ?) AND item <> '' AND state IN ('done', 'open')
AND (kind IN ('event.delete', 'event.cancel') OR kind = 'event.respond' AND container = 'decline') ORDER BY id DESC LIMIT 1`,
		[]any{flow, d.Mailbox.ID, d.Change.Item, of.Series}, &name, &state)
	if err != nil {
		return err
	}
	if o.Pending = state == string(graphwarden.IntentOpen); !o.Pending {
		o.Write = name
	}
	return nil
}

// superseding gives the write by which the flow's app has made a later version of an
// item than a change tells of, and was answered with it; "" for none. A date that is as
// its series does not say when it was changed: what was read before the write had its
// answer is older.
func (s *Store) superseding(ctx context.Context, flow string, d graphwarden.Delivery, of told) (string, error) {
	var result []byte
	var name string
	var ended int64
	found, err := s.reads.row(ctx, `SELECT name, result, ended_at FROM intents WHERE flow = ? AND mailbox = ? AND item = ? AND item <> '' AND state = 'done' AND etag <> '' ORDER BY id DESC LIMIT 1`,
		[]any{flow, d.Mailbox.ID, d.Change.Item}, &name, &result, &ended)
	if err != nil || !found {
		return "", err
	}
	if of.Type == "occurrence" && of.At == "" && micros(d.Change.At) <= ended {
		return name, nil
	}
	if !toldOf(result).after(of) {
		return "", nil
	}
	return name, nil
}
