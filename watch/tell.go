package watch

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Anchor is the place of a code on the page that explains notices.
func Anchor(code string) string {
	return strings.ReplaceAll(strings.TrimPrefix(code, "notice."), "_", "-")
}

// tellLog writes to the log what is due there. A crash after the line and before
// the row is gone writes it again, under the same id; a database that takes
// nothing does not.
func (w *Watch) tellLog(ctx context.Context, now time.Time) {
	due, err := w.config.Tellings.DueTellings(ctx, ToLog, now, 1000)
	if err != nil || len(due) == 0 {
		return
	}
	for _, x := range due {
		if !w.logged[x.ID] {
			w.line(ctx, x.ID, x.Event, x.Notice)
			w.logged[x.ID] = true
		}
	}
	err = w.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, x := range due {
			if err := w.config.Tellings.Told(ctx, tx, x); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		clear(w.logged)
	} else if _, told := storage(err); !told && ctx.Err() == nil {
		w.config.Log.Error("noting what was told", "reason", err)
	}
}

// line writes one event to the log.
func (w *Watch) line(ctx context.Context, id, name string, n graphwarden.Notice) {
	level := slog.LevelWarn
	switch {
	case name == closed || n.Severity == graphwarden.Info:
		level = slog.LevelInfo
	case n.Severity == graphwarden.Critical:
		level = slog.LevelError
	}
	w.config.Log.Log(ctx, level, "notice "+name, "id", id, "code", n.Code, "subject", n.Subject, "severity", string(n.Severity),
		"what", n.Say, "fix", n.Do, "since", n.Since)
}

// withoutStore tells that the database does not work, which it cannot keep: to
// the log and the webhook at once, then again at intervals, from memory. When the
// database works again the notice gets its row under the same id.
func (w *Watch) withoutStore(ctx context.Context, now time.Time, err error) {
	s, ok := storage(err)
	if !ok {
		w.config.Log.Error("keeping notices", "reason", err)
		return
	}
	k := key{s.Code, s.Subject}
	n, name := w.unkept[k], reminded
	if n == nil {
		made, _ := w.fresh(now, k, s)
		n, name = &made, opened
		w.unkept[k] = n
	} else if next, tell := again(now, *n, s); tell {
		*n = next
	} else {
		return
	}
	w.direct(ctx, now, name, *n)
}

// direct tells an event at once, without the store.
func (w *Watch) direct(ctx context.Context, now time.Time, name string, n graphwarden.Notice) {
	id := telling(n)
	w.line(ctx, id, name, n)
	if w.config.Webhook == nil {
		return
	}
	if err := w.config.Webhook.send(ctx, graphwarden.Telling{ID: id, Event: name, Notice: n}, now); err != nil {
		w.config.Log.Warn("telling a notice by webhook", "notice", n.ID, "reason", err)
	}
}
