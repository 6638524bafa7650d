package deliver

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// Shelf keeps what operators look at and ask for.
type Shelf interface {
	EnableSink(ctx context.Context, tx graphwarden.Tx, sink string) error
	// CountReplay gives it with its bounds and how many deliveries it would make.
	CountReplay(ctx context.Context, r graphwarden.Replay) (graphwarden.Replay, error)
	BeginReplay(ctx context.Context, tx graphwarden.Tx, r graphwarden.Replay) (graphwarden.Replay, error)
	EndReplay(ctx context.Context, tx graphwarden.Tx, id int64) error
	Past
}

// Past is where changes are found by their numbers, times and ids.
type Past interface {
	SeqOf(id string) (int64, error)
	SeqAt(ctx context.Context, flow string, at time.Time) (int64, error)
	Head(ctx context.Context) (last, pruned int64, err error)
	ChangesOf(ctx context.Context, flow string, after int64, limit int) ([]graphwarden.Delivery, error)
	Replays(ctx context.Context, sink string) ([]graphwarden.Replay, error)
}

// Asked is a replay as somebody asks for it: by the id of a delivery, or by
// numbers or times, and by what the changes are.
type Asked struct {
	Sink     string     `json:"sink"`
	ID       string     `json:"id,omitempty"`    // one delivery
	First    int64      `json:"first,omitempty"` // from this change on
	Last     int64      `json:"last,omitempty"`
	Since    *time.Time `json:"since,omitempty"` // from this time on
	Until    *time.Time `json:"until,omitempty"`
	Mailbox  string     `json:"mailbox,omitempty"` // by name or id
	Item     string     `json:"item,omitempty"`
	Kind     string     `json:"kind,omitempty"`
	Dead     bool       `json:"dead,omitempty"`     // dead letters only
	Snapshot bool       `json:"snapshot,omitempty"` // the items as they are
	DryRun   bool       `json:"dry_run,omitempty"`  // count only
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Desk does what operators ask for. Each act that changes something is in the
// ledger, in the same transaction.
type Desk struct {
	Deliver *Deliver
	Shelf   Shelf
	Ledger  Ledger
	Random  io.Reader // ids of test deliveries
}

// Enable has a sink that was disabled go on where it stopped; what failed there is
// tried again at once, whether or not it was. Only a webhook can be disabled.
func (d Desk) Enable(ctx context.Context, sink string) error {
	t, err := d.target(sink)
	if err != nil {
		return err
	}
	if kind := t.Sink.Kind; kind != graphwarden.Webhook && kind != "" {
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.never_disabled", Field: "sink",
			Say: fmt.Sprintf("The sink %q is of type %s: no receiver can disable it, so there is nothing to enable.", sink, kind),
			Do:  "graphwarden deliveries shows how each sink is doing."}
	}
	return d.write(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := d.Shelf.EnableSink(ctx, tx, sink); err != nil {
			return err
		}
		return d.note(ctx, tx, t.Sink.Flow, "sink.enable "+sink, "")
	})
}

// Replay begins a replay, or only counts what it would tell.
func (d Desk) Replay(ctx context.Context, a Asked) (graphwarden.Replay, error) {
	r, err := d.meant(ctx, a)
	if err != nil {
		return r, err
	}
	if r, err = d.Shelf.CountReplay(ctx, r); err != nil || a.DryRun || r.Total == 0 {
		return r, err
	}
	t, err := d.target(a.Sink)
	if err == nil && r.Snapshot {
		err = d.quiet(ctx, a.Sink)
	}
	if err != nil {
		return r, err
	}
	err = d.write(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		if r, err = d.Shelf.BeginReplay(ctx, tx, r); err != nil {
			return err
		}
		return d.note(ctx, tx, t.Sink.Flow, "sink.replay "+a.Sink, fmt.Sprintf("replay %d: %s", r.ID, told(r)))
	})
	return r, err
}

// quiet refuses a snapshot while changes are told again: who begins anew from it
// has forgotten which items are deleted, and would take an old change of one for
// its news.
func (d Desk) quiet(ctx context.Context, sink string) error {
	list, err := d.Shelf.Replays(ctx, sink)
	for _, r := range list {
		if !r.Snapshot && r.EndedAt.IsZero() {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "deliver.replay_under_way", Field: "snapshot",
				Say: fmt.Sprintf("Replay %d still tells the sink %q of old changes, also of items that are deleted now.", r.ID, sink),
				Do:  fmt.Sprintf("Wait for its end or stop it (graphwarden deliveries stop %d), have the receiver forget what it has, and ask again.", r.ID)}
		}
	}
	return err
}

// Stop ends a replay before it has told everything.
func (d Desk) Stop(ctx context.Context, replay int64) error {
	return d.write(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := d.Shelf.EndReplay(ctx, tx, replay); err != nil {
			return err
		}
		return d.note(ctx, tx, "", fmt.Sprintf("replay.stop %d", replay), "")
	})
}

// note has the ledger tell what an operator did.
func (d Desk) note(ctx context.Context, tx graphwarden.Tx, flow, act, about string) error {
	_, err := d.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Flow: flow,
		Path: act, Allowed: true, Rule: "operator", Note: about})
	return err
}

// told says in words what a replay tells.
func told(r graphwarden.Replay) string {
	what := "changes"
	switch {
	case r.Snapshot:
		what = "items as they are"
	case r.Dead:
		what = "dead letters"
	}
	text := fmt.Sprintf("%d %s, %d to %d", r.Total, what, r.First, r.Last)
	for _, only := range []struct{ name, value string }{{"mailbox", r.Mailbox}, {"item", r.Item}, {"kind", string(r.Kind)}} {
		if only.value != "" {
			text += ", " + only.name + " " + only.value
		}
	}
	return text
}

// write stores something and has the couriers look.
func (d Desk) write(ctx context.Context, f func(context.Context, graphwarden.Tx) error) error {
	return d.Deliver.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		tx.AfterCommit(d.Deliver.Wake)
		return f(ctx, tx)
	})
}

// meant says in numbers what was asked for.
func (d Desk) meant(ctx context.Context, a Asked) (graphwarden.Replay, error) {
	r := graphwarden.Replay{Sink: a.Sink, Snapshot: a.Snapshot, Dead: a.Dead, First: a.First, Last: a.Last,
		Mailbox: a.Mailbox, Item: a.Item, Kind: graphwarden.ChangeKind(a.Kind)}
	t, err := d.target(a.Sink)
	if err != nil {
		return r, err
	}
	kinds := []graphwarden.ChangeKind{"", graphwarden.Created, graphwarden.Updated, graphwarden.Deleted}
	switch {
	case t.Sink.Kind == graphwarden.Nowhere:
		return r, wrongReplay("sink", "Nothing is sent to this sink.", "Listen to the changes from any point: graphwarden listen --since.")
	case !slices.Contains(kinds, r.Kind):
		return r, wrongReplay("kind", fmt.Sprintf("%q is no kind of change.", a.Kind), "Name created, updated or deleted.")
	case a.Snapshot && (a.Dead || a.Kind != "" || a.ID != "" || a.First != 0 || a.Last != 0 || a.Since != nil || a.Until != nil):
		return r, wrongReplay("snapshot", "A snapshot tells the items as they are, not changes.", "Choose by mailbox or item only.")
	case a.First < 0 || a.Last < 0:
		return r, wrongReplay("first", "Changes have numbers above zero.", "Name the sequence that a delivery carries.")
	case a.Last != 0 && a.First > a.Last:
		return r, wrongReplay("first", fmt.Sprintf("From %d to %d there is nothing: the first is after the last.", a.First, a.Last), "Name the lower number first.")
	case a.Since != nil && a.Until != nil && !a.Since.Before(*a.Until):
		return r, wrongReplay("until", "The span ends before it begins.", "Name the earlier time as its beginning.")
	}
	if a.ID != "" {
		return d.one(ctx, r, a.ID)
	}
	if a.Since != nil {
		before, err := d.Shelf.SeqAt(ctx, t.Sink.Flow, *a.Since)
		if err != nil {
			return r, err
		}
		r.First = max(r.First, before+1)
	}
	if a.Until != nil {
		until, err := d.Shelf.SeqAt(ctx, t.Sink.Flow, *a.Until)
		if err != nil {
			return r, err
		}
		if r.Last == 0 || until < r.Last {
			r.Last = until
		}
		if until == 0 {
			r.First, r.Last = 2, 1 // nothing was stored before
		}
	}
	return r, nil
}

// one is the replay of one delivery, which there has to have been.
func (d Desk) one(ctx context.Context, r graphwarden.Replay, id string) (graphwarden.Replay, error) {
	seq, err := d.Shelf.SeqOf(id)
	if err != nil {
		return r, err
	}
	last, _, err := d.Shelf.Head(ctx)
	if err == nil && seq > last {
		err = wrongReplay("id", fmt.Sprintf("There has never been a delivery %q: the last change has the number %d.", id, last), "Name one as receivers see it, such as msg_…_42.")
	}
	r.First, r.Last = seq, seq
	return r, err
}

func wrongReplay(field, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.replay", Field: field, Say: say, Do: do}
}

// target finds a sink of the configuration.
func (d Desk) target(sink string) (Target, error) {
	for _, t := range d.Deliver.config.Targets {
		if t.Sink.Name == sink {
			return t, nil
		}
	}
	return Target{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "deliver.sink", Field: "sink",
		Say: fmt.Sprintf("The configuration has no sink %q.", sink), Do: d.orRather(sink, "Name one that graphwarden deliveries lists.", func(t Target) string { return t.Sink.Name })}
}

// orRather names what was perhaps meant of what targets are called, or says otherwise.
func (d Desk) orRather(typed, otherwise string, called func(Target) string) string {
	var names []string
	for _, t := range d.Deliver.config.Targets {
		names = append(names, called(t))
	}
	return meant.Rather(typed, names, otherwise)
}

// Stream is how the changes of a flow are read line by line: as one of its sinks
// is told them, or as the zero Shape tells them.
type Stream struct {
	desk  Desk
	flow  string
	shape Shape
	from  Target // any of the flow's
	Last  int64  // the last change considered
}

// Stream begins after a number, or after what was stored before a time, or with
// what is stored from now on.
func (d Desk) Stream(ctx context.Context, flow, sink string, after *int64, since *time.Time) (*Stream, error) {
	s := &Stream{desk: d, flow: flow}
	known := false
	for _, t := range d.Deliver.config.Targets {
		if t.Sink.Flow == flow {
			known = true
			s.shape.Graph, s.from = t.Shape.Graph, t
		}
	}
	if !known {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "deliver.flow", Field: "flow",
			Say: fmt.Sprintf("The configuration has no flow %q.", flow), Do: d.orRather(flow, "Name one that graphwarden flows lists.", func(t Target) string { return t.Sink.Flow })}
	}
	if sink != "" {
		t, err := d.target(sink)
		if err != nil {
			return nil, err
		}
		if t.Sink.Flow != flow {
			return nil, wrongReplay("sink", fmt.Sprintf("The sink %q belongs to another flow.", sink), "Name one of this flow's.")
		}
		s.shape = t.Shape
	}
	switch {
	case after != nil:
		s.Last = *after
		last, _, err := d.Shelf.Head(ctx)
		if err == nil && s.Last > last {
			err = &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "deliver.ahead", Field: "after",
				Say: fmt.Sprintf("There is no change %d yet: the last one has the number %d.", s.Last, last), Do: "Name the sequence of a change that was seen; after a restore, one that the backup has."}
		}
		return s, err
	case since == nil:
		end := d.Deliver.config.Now().AddDate(100, 0, 0)
		since = &end
	}
	var err error
	s.Last, err = d.Shelf.SeqAt(ctx, flow, *since)
	return s, err
}

// Next gives what comes next, at most limit envelopes; more says whether there
// may be more at once.
func (s *Stream) Next(ctx context.Context, limit int) (list []graphwarden.Envelope, more bool, err error) {
	changes, err := s.desk.Shelf.ChangesOf(ctx, s.flow, s.Last, limit)
	if err == nil {
		changes, err = traced(ctx, s.desk.Deliver.config.Origins, s.from, changes)
	}
	if err != nil {
		return nil, false, err
	}
	for _, d := range changes {
		s.Last = d.Change.Seq
		if shown, wanted := s.shape.Apply(d); wanted {
			list = append(list, s.shape.Envelope(shown))
		}
	}
	return list, len(changes) == limit, err
}

// News gives a channel that is closed when there may be more.
func (s *Stream) News() <-chan struct{} { return s.desk.Deliver.News() }
