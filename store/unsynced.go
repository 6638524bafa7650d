package store

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// UpdateUnsynced is Update without the wait for the disk: it returns once what do did is
// committed, so that everybody sees it and the end of this process loses nothing. Losing
// the power may, and on a server the server's own crash: of the updates that were
// committed last and not synced, as many as did not come to the disk by themselves, each
// with all that followed it. The next Update takes them to the disk, whether or not it
// writes something itself, and where none comes the store syncs within 50 milliseconds.
//
// It is for what its caller finds out again from what an Update has kept before.
func (s *Store) UpdateUnsynced(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error {
	return s.refuse(s.writer.do(ctx, do, unsynced))
}

// synced says whether its commit waits for the disk.
func (g *group) synced() bool { return g.jobs[0].class != unsynced }

// finish does what is left before the commit. A commit without a change writes nothing,
// and syncs nothing: where one must take others along it has a change of its own.
func (g *group) finish(ctx context.Context) error {
	if !g.synced() || len(g.t.entries) > 0 || !g.w.isBehind() {
		return g.t.insertEntries(ctx)
	}
	ctx, cancel := g.t.patient(ctx)
	defer cancel()
	_, err := g.t.exec(ctx, `INSERT INTO counters (name, value) VALUES ('syncs', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1`)
	return wrapped(err, "counting a sync of the disk")
}

func (w *writer) isBehind() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.behind != nil
}

// noteSync notes whether what is committed now is on the disk, and sees to it that it
// will be.
func (w *writer) noteSync(g *group) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if g.synced() {
		w.behind = nil
		return
	}
	w.behind = context.WithoutCancel(g.jobs[0].ctx)
	w.arm()
}
