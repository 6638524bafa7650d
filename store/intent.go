package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

const intentColumns = `i.id, i.name, i.app, i.key, i.hash, i.flow, i.tenant, i.mailbox, i.upn, i.kind, i.container, i.item, i.reference, i.mark,
i.request, i.version, i.before, i.state, i.attempts, i.holder, i.made_at, i.due_at, i.ended_at, i.refusal, i.code, i.say, i.fix, i.etag, i.result, i.looked`

func scanIntent(row scanner) (graphwarden.Intent, error) {
	var in graphwarden.Intent
	var hash []byte
	var made, due, ended int64
	r := graphwarden.Refusal{}
	o := &in.Outcome
	err := row.Scan(&in.Seq, &in.ID, &in.App, &in.Key, &hash, &in.Flow, &in.Tenant, &in.Mailbox.ID, &in.Mailbox.UPN, &in.Kind, &in.Container,
		&in.Item, &in.Reference, &in.Mark, (*[]byte)(&in.Request), &in.Version, (*[]byte)(&in.Before), &o.State, &in.Attempts, &in.Holder,
		&made, &due, &ended, &r.Kind, &r.Code, &r.Say, &r.Do, &o.ETag, (*[]byte)(&o.Result), &o.Looked)
	copy(in.Hash[:], hash)
	in.MadeAt, in.DueAt, o.EndedAt = fromMicros(made), fromMicros(due), fromMicros(ended)
	if r.Code != "" {
		o.Refusal = &r
	}
	return in, err
}

// PutIntent keeps a write that an app asks for, unless the app has asked with the
// same key before: then it gives what was kept, and false. The intent is held by
// in.Holder until in.DueAt.
func (s *Store) PutIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (kept graphwarden.Intent, fresh bool, err error) {
	t, err := open(tx)
	if err != nil {
		return in, false, err
	}
	in.MadeAt, in.DueAt = fromMicros(micros(t.now)), fromMicros(micros(in.DueAt))
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentOpen}
	err = t.row(ctx, `INSERT INTO intents (name, app, key, hash, flow, tenant, mailbox, upn, kind, container, item, reference, mark,
request, version, before, state, attempts, holder, made_at, due_at, ended_at, refusal, code, say, fix, etag, result, looked)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, 0, '', '', '', '', '', NULL, 0) ON CONFLICT (app, key) DO NOTHING RETURNING id`,
		[]any{in.ID, in.App, in.Key, in.Hash[:], in.Flow, in.Tenant, in.Mailbox.ID, in.Mailbox.UPN, string(in.Kind), in.Container, in.Item, in.Reference,
			in.Mark, nilIfEmpty(in.Request), in.Version, nilIfEmpty(in.Before), in.Attempts, in.Holder, micros(in.MadeAt), micros(in.DueAt)}, &in.Seq)
	switch {
	case err == nil:
		return in, true, t.expect(ctx, in)
	case !errors.Is(err, sql.ErrNoRows):
		return in, false, fmt.Errorf("keeping a write of %s: %w", in.App, err)
	}
	err = t.rows(ctx, `SELECT `+intentColumns+` FROM intents i WHERE i.app = ? AND i.key = ?`, []any{in.App, in.Key}, func(row scanner) error {
		kept, err = scanIntent(row)
		return err
	})
	return kept, false, wrapped(err, "reading a write that was asked for before")
}

// older says that a write of the same item was asked for earlier and has no
// outcome yet.
const older = `EXISTS (SELECT 1 FROM intents o WHERE o.mailbox = i.mailbox AND o.item = i.item AND o.item <> '' AND o.state = 'open' AND o.id < i.id)`

// Behind says whether an open write waits behind an earlier one of its item.
func (s *Store) Behind(ctx context.Context, tx graphwarden.Tx, id string) (waits bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	err = t.row(ctx, `SELECT `+older+` FROM intents i WHERE i.name = ? AND i.item <> ''`, []any{id}, &waits)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return waits, wrapped(err, "looking for an earlier write")
}

// LeaseIntents gives writes without an outcome that are due, who has them alone
// until span has passed. Of each item only the earliest is given, so that writes
// of one item stay in order.
func (s *Store) LeaseIntents(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, limit int) ([]graphwarden.Intent, error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	var list []graphwarden.Intent
	err = t.rows(ctx, `SELECT `+intentColumns+` FROM intents i WHERE i.state = 'open' AND i.due_at <= ? AND (i.item = '' OR NOT `+older+`)
ORDER BY i.due_at, i.id LIMIT ?`, []any{micros(t.now), limit}, func(row scanner) error {
		in, err := scanIntent(row)
		list = append(list, in)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for writes that are due: %w", err)
	}
	for i := range list {
		in := &list[i]
		in.Abandoned = in.Holder != "" // gone, or its lease has run out; who puts a write off lets go of it
		in.Holder, in.DueAt = holder, t.now.Add(span)
		in.Attempts++
		_, err := t.exec(ctx, `UPDATE intents SET holder = ?, due_at = ?, attempts = attempts + 1 WHERE id = ?`, holder, micros(in.DueAt), in.Seq)
		if err != nil {
			return nil, fmt.Errorf("leasing a write: %w", err)
		}
	}
	return list, nil
}

// NextIntent says when the next write without an outcome is due.
func (s *Store) NextIntent(ctx context.Context) (due time.Time, ok bool, err error) {
	var at sql.NullInt64
	_, err = s.reads.row(ctx, `SELECT min(due_at) FROM intents WHERE state = 'open'`, nil, &at)
	if err != nil {
		return time.Time{}, false, s.refuse(fmt.Errorf("reading when a write is due: %w", err))
	}
	return fromMicros(at.Int64), at.Valid, nil
}

// DeferIntent has a write without an outcome tried again, not before until.
func (s *Store) DeferIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE intents SET holder = '', due_at = ? WHERE name = ? AND state = 'open' AND holder = ?`, micros(until), in.ID, in.Holder)
	return wrapped(err, "putting off a write")
}

// AmendIntent keeps which item and which version a write without an outcome wants to
// meet, and what was there, when that has moved on.
func (s *Store) AmendIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE intents SET item = ?, version = ?, before = ? WHERE name = ? AND state = 'open'`, in.Item, in.Version, nilIfEmpty(in.Before), in.ID)
	return wrapped(err, "amending a write")
}

// EndIntent keeps what came of a write, with the version that lost if there was
// one, and forgets the text of a message that was to be sent, and the files that it took
// along: nobody needs them any more. A write that has an outcome already keeps it: false.
func (s *Store) EndIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, loser *graphwarden.Loser) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	o := in.Outcome
	r := o.Refusal
	if r == nil {
		r = &graphwarden.Refusal{}
	}
	n, err := t.change(ctx, `UPDATE intents SET state = ?, item = ?, ended_at = ?, holder = '', refusal = ?, code = ?, say = ?, fix = ?, etag = ?, result = ?, looked = ?, request = CASE WHEN kind IN (?, ?) THEN NULL ELSE request END,
before = CASE WHEN kind = ? THEN NULL ELSE before END
WHERE name = ? AND state = 'open'`, string(o.State), in.Item, micros(t.now), string(r.Kind), r.Code, r.Say, r.Do, o.ETag, nilIfEmpty(o.Result), yes(o.Looked), string(graphwarden.SendMail), string(graphwarden.SendMailOnce), string(graphwarden.SendMailOnce), in.ID)
	if err != nil || n == 0 {
		return false, wrapped(err, "keeping the outcome of a write")
	}
	if in.Kind == graphwarden.SendMailOnce {
		if _, err := t.dropUploads(ctx, `intent = ?`, in.ID, 100); err != nil {
			return false, err
		}
	}
	if o.State == graphwarden.IntentDone {
		if err := t.keepReference(ctx, in); err != nil {
			return false, fmt.Errorf("keeping the reference of an item: %w", err)
		}
		if err := t.await(ctx, in); err != nil {
			return false, err
		}
	}
	if loser != nil {
		_, err = t.exec(ctx, `INSERT INTO losers (intent, app, flow, tenant, mailbox, upn, item, side, etag, body, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			in.ID, in.App, in.Flow, in.Tenant, in.Mailbox.ID, in.Mailbox.UPN, in.Item, loser.Side, loser.ETag, []byte(loser.Body), micros(t.now))
	}
	t.touch(TouchedChanges) // deliveries may have waited for it
	return true, wrapped(err, "keeping the version that lost")
}

// keepReference remembers what an app calls an item that it made, and forgets it
// with the item.
func (t *transaction) keepReference(ctx context.Context, in graphwarden.Intent) error {
	key := digestOf(in.Item)
	switch {
	case in.Kind == graphwarden.CreateEvent && in.Item != "":
		_, err := t.exec(ctx, `INSERT INTO item_references (flow, item, reference, intent) VALUES (?, ?, ?, ?)
ON CONFLICT (flow, item) DO UPDATE SET reference = excluded.reference, intent = excluded.intent`, in.Flow, key[:], in.Reference, in.ID)
		return err
	case in.Kind == graphwarden.UpdateEvent && in.Reference != "":
		_, err := t.exec(ctx, `INSERT INTO item_references (flow, item, reference, intent) VALUES (?, ?, ?, ?)
ON CONFLICT (flow, item) DO UPDATE SET reference = excluded.reference`, in.Flow, key[:], in.Reference, in.ID)
		return err
	}
	return nil
}
