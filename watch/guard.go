package watch

import (
	"context"
	"time"
)

// Guard watches in every process of a cluster that the database answers: while it
// does not, nobody has the duty to watch. It tells from memory.
func (w *Watch) Guard(ctx context.Context, ping func(ctx context.Context) error) error {
	var failing time.Time
	for ctx.Err() == nil {
		asking, stop := context.WithTimeout(ctx, every)
		err := ping(asking)
		stop()
		now := w.config.Now()
		switch _, storage := storage(err); {
		case ctx.Err() != nil:
		case !storage:
			failing = time.Time{}
			w.restored(ctx, now)
		case failing.IsZero():
			failing = now
		case now.Sub(failing) >= time.Minute:
			w.withoutStore(ctx, now, err)
		}
		w.show()
		pause(ctx, every, nil)
	}
	return nil
}

// restored tells that what was told from memory is over.
func (w *Watch) restored(ctx context.Context, now time.Time) {
	for k, n := range w.unkept {
		n.ClosedAt, n.Told = now, n.Told+1
		w.direct(ctx, now, closed, *n)
		delete(w.unkept, k)
		delete(w.seen, k)
	}
}
