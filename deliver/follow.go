package deliver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Head says where the change sequence stands: its last number, and the last that
// was pruned. The store satisfies it.
type Head interface {
	Head(ctx context.Context) (last, pruned int64, err error)
}

// Follow is how the changes of several flows are read, in one order: each as its
// shape tells them.
type Follow struct {
	desk  Desk
	head  Head
	flows map[string]Shape
	Last  int64 // the last change considered
}

// Follower begins to read.
type Follower struct {
	Desk Desk
	Head Head
}

// Follow begins after a number or, where that is below zero, after what was stored
// before a time, or with what is stored from now on. A number that is older than
// what was pruned is refused: what was deleted since may not be told any more.
func (d Follower) Follow(ctx context.Context, flows map[string]Shape, after int64, since time.Time) (*Follow, error) {
	last, pruned, err := d.Head.Head(ctx)
	switch {
	case err != nil:
		return nil, err
	case after < 0 && since.IsZero():
		after = last
	case after < 0:
		if after, err = d.Desk.Shelf.SeqAt(ctx, "", since); err != nil {
			return nil, err
		}
	case after < pruned && after < last:
		return nil, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "deliver.cursor_old", Field: "cursor",
			Say: fmt.Sprintf("Changes since this cursor (number %d) are kept no more.", after),
			Do:  "Read the events anew, and go on with a new cursor: GET /v1/changes without one. keep in the configuration says how long changes are kept."}
	}
	return &Follow{desk: d.Desk, head: d.Head, flows: flows, Last: after}, nil
}

// Next gives what comes next, at most limit envelopes; more says whether there
// may be more at once. What the flow's app wrote itself is told as a webhook tells it.
func (f *Follow) Next(ctx context.Context, limit int) (list []graphwarden.Envelope, more bool, err error) {
	last, _, err := f.head.Head(ctx) // before the changes: those that come meanwhile are the next time's
	if err != nil {
		return nil, false, err
	}
	var all []heard
	for flow, shape := range f.flows {
		changes, err := f.desk.Shelf.ChangesOf(ctx, flow, f.Last, limit)
		if err == nil {
			changes, err = traced(ctx, f.desk.Deliver.config.Origins, f.desk.of(flow), changes)
		}
		if err != nil {
			return nil, false, err
		}
		for _, c := range changes {
			all = append(all, heard{c, shape})
		}
	}
	slices.SortFunc(all, func(a, b heard) int { return int(a.change.Change.Seq - b.change.Change.Seq) })
	if len(all) >= limit {
		all, more = all[:limit], true
		last = all[limit-1].change.Change.Seq
	} else if len(all) > 0 {
		last = max(last, all[len(all)-1].change.Change.Seq)
	}
	f.Last = max(f.Last, last)
	for _, c := range all {
		tells, waits := Tells(c.change, c.shape.Own)
		if waits && f.desk.Deliver.config.Now().Sub(c.change.Change.At) < followHeld {
			f.Last = c.change.Change.Seq - 1
			return list, false, nil // whoever waits is woken by the outcome
		}
		if shown, wanted := c.shape.Apply(c.change); wanted && tells {
			list = append(list, c.shape.Envelope(shown))
		}
	}
	return list, more, nil
}

// followHeld is how long changes that are read in one order wait for the outcome of a
// write that one of them may be of. A write can be tried for a day, which the others
// do not wait for.
const followHeld = 30 * time.Second

// of gives the target of a flow by whose writes its changes are traced: one that
// writes, if there is any.
func (d Desk) of(flow string) (from Target) {
	for _, t := range d.Deliver.config.Targets {
		if t.Sink.Flow == flow && (t.Writes || from.Sink.Flow == "") {
			from = t
		}
	}
	return from
}

type heard struct {
	change graphwarden.Delivery
	shape  Shape
}

// News gives a channel that is closed when there may be more.
func (f *Follow) News() <-chan struct{} { return f.desk.Deliver.News() }
