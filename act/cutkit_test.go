package act_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/store"
)

// cutWriter, cutReader, cutIntents and cutDue name the room's steps as assemble does.
type cutWriter struct {
	act.Writer
	c *cutting
}

func (w cutWriter) CreateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar string, event []byte) (body json.RawMessage, err error) {
	err = w.c.write(func() (err error) { body, err = w.Writer.CreateEvent(ctx, f, m, calendar, event); return err })
	return body, err
}

func (w cutWriter) UpdateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, change []byte) (body json.RawMessage, err error) {
	err = w.c.write(func() (err error) { body, err = w.Writer.UpdateEvent(ctx, f, m, id, version, change); return err })
	return body, err
}

func (w cutWriter) DeleteEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string) error {
	return w.c.write(func() error { return w.Writer.DeleteEvent(ctx, f, m, id, version) })
}

func (w cutWriter) CancelEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, parameters []byte) error {
	return w.c.write(func() error { return w.Writer.CancelEvent(ctx, f, m, id, version, parameters) })
}

func (w cutWriter) RespondEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, answer string, parameters []byte) error {
	return w.c.write(func() error { return w.Writer.RespondEvent(ctx, f, m, id, answer, parameters) })
}

// write is a step that writes.
func (c *cutting) write(act func() error) error {
	return c.step("act:send", func() error { c.sent = true; return act() })
}

// look is a step that reads.
func (c *cutting) look(act func() error) error {
	return c.step("act:look", func() error {
		if c.sent && c.deaf > 0 {
			c.deaf--
			return errUnanswered
		}
		return act()
	})
}

var errUnanswered = errors.New("nobody answers")

type cutReader struct {
	act.Reader
	c *cutting
}

func (r cutReader) WholeEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, properties ...string) (body json.RawMessage, err error) {
	err = r.c.look(func() (err error) { body, err = r.Reader.WholeEvent(ctx, f, m, id, properties...); return err })
	return body, err
}

func (r cutReader) FindEvents(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar, property, value string) (list []json.RawMessage, err error) {
	err = r.c.look(func() (err error) { list, err = r.Reader.FindEvents(ctx, f, m, calendar, property, value); return err })
	return list, err
}

type cutIntents struct{ *store.Store }

func (s cutIntents) PutIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (graphwarden.Intent, bool, error) {
	tx.Step("act:intent")
	return s.Store.PutIntent(ctx, tx, in)
}

func (s cutIntents) AmendIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) error {
	tx.Step("act:amend")
	return s.Store.AmendIntent(ctx, tx, in)
}

func (s cutIntents) BeginIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (bool, error) {
	tx.Step("act:amend")
	return s.Store.BeginIntent(ctx, tx, in)
}

func (s cutIntents) EndIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, loser *graphwarden.Loser) (bool, error) {
	tx.Step("act:outcome")
	return s.Store.EndIntent(ctx, tx, in, loser)
}

type cutDue struct{ *store.Store }

func (s cutDue) LeaseIntents(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, limit int) ([]graphwarden.Intent, error) {
	list, err := s.Store.LeaseIntents(ctx, tx, holder, span, limit)
	if len(list) > 0 {
		tx.Step("act:lease")
	}
	return list, err
}

func (s cutDue) DeferIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) error {
	tx.Step("act:later")
	return s.Store.DeferIntent(ctx, tx, in, until)
}
