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
	var of told
	_ = json.Unmarshal(d.Change.Body, &of) // what cannot be read has no origin
	for _, id := range []string{d.Change.Item, of.Series} {
		key := digestOf(id)
		if id == "" || o.Reference != "" {
			continue
		}
		if _, err := s.reads.row(ctx, `SELECT reference FROM item_references WHERE flow = ? AND item = ?`, []any{flow, key[:]}, &o.Reference); err != nil {
			return o, err
		}
	}
	if d.Change.Kind == graphwarden.Deleted {
		_, err := s.reads.row(ctx, `SELECT name FROM intents WHERE flow = ? AND mailbox = ? AND item = ? AND state = 'done' AND kind IN ('event.delete', 'event.cancel')
ORDER BY id DESC LIMIT 1`, []any{flow, d.Mailbox.ID, d.Change.Item}, &o.Write)
		if err != nil || o.Write != "" {
			return o, err
		}
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
	_, err = s.reads.row(ctx, `SELECT name FROM intents WHERE etag = ? AND flow = ? AND mailbox = ? AND item IN (?, ?)`,
		[]any{of.ETag, flow, d.Mailbox.ID, d.Change.Item, of.Series}, &o.Write)
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

// superseding gives the write by which the flow's app has made a later version of an
// item than a change tells of, and was answered with it; "" for none.
func (s *Store) superseding(ctx context.Context, flow string, d graphwarden.Delivery, of told) (string, error) {
	var result []byte
	var name string
	found, err := s.reads.row(ctx, `SELECT name, result FROM intents WHERE flow = ? AND mailbox = ? AND item = ? AND state = 'done' AND etag <> '' ORDER BY id DESC LIMIT 1`,
		[]any{flow, d.Mailbox.ID, d.Change.Item}, &name, &result)
	if err != nil || !found {
		return "", err
	}
	var written told
	_ = json.Unmarshal(result, &written) // what cannot be read supersedes nothing
	then, err1 := time.Parse(time.RFC3339Nano, of.At)
	since, err2 := time.Parse(time.RFC3339Nano, written.At)
	if err1 != nil || err2 != nil || !then.Before(since) {
		return "", nil
	}
	return name, nil
}
