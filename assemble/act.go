package assemble

import (
	"context"
	"encoding/json"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// writing makes the room that writes for apps.
func (g *Graphwarden) writing(microsoft *graph.Graph, o Outside) *act.Act {
	s := g.Store
	return act.New(act.Config{Roster: g.Roster, Writer: steppedWriter{microsoft, o.Step}, Reader: steppedReader{microsoft, o.Step}, Mailer: steppedMailer{microsoft, o.Step}, Mails: steppedMails{microsoft, o.Step}, Files: steppedFiles{microsoft, o.Step}, Uploads: steppedUploads{s}, Claims: s, Store: s,
		Intents: steppedIntents{s}, Due: steppedDue{s}, Shelf: s, Log: o.Log, Now: o.Now, Holder: g.self})
}

// readingRoster is the roster as those see it who read for apps: without the flows that
// only write.
type readingRoster struct{ *connect.Roster }

// Flows gives the flows that read.
func (r readingRoster) Flows() []flow.Flow {
	var out []flow.Flow
	for _, f := range r.Roster.Flows() {
		if f.Kind.Reads() {
			out = append(out, f)
		}
	}
	return out
}

// writer and intents are names that the interfaces' own methods leave free.
type (
	writer  = act.Writer
	reader  = act.Reader
	intents = act.Intents
	due     = act.Due
)

type steppedWriter struct {
	writer
	step step
}

func (s steppedWriter) CreateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar string, event []byte) (json.RawMessage, error) {
	return stepping(s.step, "act:send", func() (json.RawMessage, error) { return s.writer.CreateEvent(ctx, f, m, calendar, event) })
}

func (s steppedWriter) UpdateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error) {
	return stepping(s.step, "act:send", func() (json.RawMessage, error) { return s.writer.UpdateEvent(ctx, f, m, id, version, change) })
}

func (s steppedWriter) DeleteEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string) error {
	return s.step("act:send", func() error { return s.writer.DeleteEvent(ctx, f, m, id, version) })
}

func (s steppedWriter) CancelEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, parameters []byte) error {
	return s.step("act:send", func() error { return s.writer.CancelEvent(ctx, f, m, id, version, parameters) })
}

func (s steppedWriter) RespondEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, answer string, parameters []byte) error {
	return s.step("act:send", func() error { return s.writer.RespondEvent(ctx, f, m, id, answer, parameters) })
}

type steppedReader struct {
	reader
	step step
}

func (s steppedReader) WholeEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, properties ...string) (json.RawMessage, error) {
	return stepping(s.step, "act:look", func() (json.RawMessage, error) { return s.reader.WholeEvent(ctx, f, m, id, properties...) })
}

func (s steppedReader) FindEvents(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar, property, value string) ([]json.RawMessage, error) {
	return stepping(s.step, "act:look", func() ([]json.RawMessage, error) {
		return s.reader.FindEvents(ctx, f, m, calendar, property, value)
	})
}

type steppedIntents struct{ intents }

func (s steppedIntents) PutIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (graphwarden.Intent, bool, error) {
	tx.Step("act:intent")
	return s.intents.PutIntent(ctx, tx, in)
}

func (s steppedIntents) AmendIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) error {
	tx.Step("act:amend")
	return s.intents.AmendIntent(ctx, tx, in)
}

func (s steppedIntents) BeginIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (bool, error) {
	tx.Step("act:amend")
	return s.intents.BeginIntent(ctx, tx, in)
}

func (s steppedIntents) EndIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, loser *graphwarden.Loser) (bool, error) {
	tx.Step("act:outcome")
	return s.intents.EndIntent(ctx, tx, in, loser)
}

type steppedDue struct{ due }

func (s steppedDue) LeaseIntents(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, limit int) ([]graphwarden.Intent, error) {
	list, err := s.due.LeaseIntents(ctx, tx, holder, span, limit)
	if len(list) > 0 {
		tx.Step("act:lease")
	}
	return list, err
}

func (s steppedDue) DeferIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) error {
	tx.Step("act:later")
	return s.due.DeferIntent(ctx, tx, in, until)
}

// checkWriting refuses a flow's direction and its way with conflicts that nobody knows.
func (f *Flow) checkWriting(found *faults, at string) {
	known := found.word(at+".direction", f.Direction, string(flow.In), string(flow.Both), string(flow.Out))
	met := found.word(at+".conflicts", f.Conflicts, string(flow.RefuseConflicts), string(flow.MicrosoftWins), string(flow.AppWins))
	found.when(known && met && f.Conflicts != "" && flow.Direction(f.Direction) == flow.In, at+".conflicts", "a flow of direction in does not write, so it meets none")
}
