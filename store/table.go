package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// PutItems brings the table of a sink in line with changes. What the table has
// from a later change stays. An item that its feed has no more is changed where it
// is (its deletion follows) and not put anew: a replay tells old changes, of items
// whose end the table has been told already, and what left the window is in no
// table any more.
func (s *Store) PutItems(ctx context.Context, tx graphwarden.Tx, sink string, items []graphwarden.CalendarItem) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	for _, x := range items {
		if x.Gone {
			_, err = t.exec(ctx, `DELETE FROM calendar_items WHERE sink = ? AND feed = ? AND item_id = ? AND changed_seq <= ?`,
				sink, x.Change.Feed, x.Change.Item, x.Change.Seq)
		} else {
			var there bool
			if there, err = t.present(ctx, sink, x.Change.Feed, x.Change.Item); there {
				if err = t.putItem(ctx, sink, x); err == nil {
					err = t.leaveOthers(ctx, sink, x)
				}
			}
		}
		if err != nil {
			return fmt.Errorf("keeping the table of sink %s: %w", sink, err)
		}
	}
	return nil
}

// present says whether a feed, or a sink's table of it, has an item now.
func (t *transaction) present(ctx context.Context, sink string, feed int64, item string) (bool, error) {
	key := digestOf(item)
	var kept, shown int
	err := t.row(ctx, `SELECT (SELECT count(*) FROM items WHERE feed = ?1 AND key = ?2),
(SELECT count(*) FROM calendar_items WHERE sink = ?3 AND feed = ?1 AND item_id = ?4)`, []any{feed, key[:], sink, item}, &kept, &shown)
	return kept+shown > 0, err
}

// untable takes items that have left the window of a feed out of every table of its
// flow: nothing more is heard of them, so nobody would keep their rows right.
func (t *transaction) untable(ctx context.Context, flow string, feed int64, items []string) error {
	for _, item := range items {
		_, err := t.exec(ctx, `DELETE FROM calendar_items WHERE feed = ? AND item_id = ? AND sink IN (SELECT name FROM sinks WHERE flow = ?)`, feed, item, flow)
		if err != nil {
			return fmt.Errorf("taking what left the window out of the tables: %w", err)
		}
	}
	return nil
}

// leaveOthers takes an item out of the table's rows of the other calendars of its
// mailbox: it was moved from there.
func (t *transaction) leaveOthers(ctx context.Context, sink string, x graphwarden.CalendarItem) error {
	_, err := t.exec(ctx, `DELETE FROM calendar_items WHERE sink = ?1 AND item_id = ?2 AND changed_seq < ?3 AND feed IN
(SELECT o.id FROM feeds f JOIN feeds o ON o.flow = f.flow AND o.mailbox = f.mailbox WHERE f.id = ?4 AND o.id <> f.id)`,
		sink, x.Change.Item, x.Change.Seq, x.Change.Feed)
	return err
}

func (t *transaction) putItem(ctx context.Context, sink string, x graphwarden.CalendarItem) error {
	_, err := t.exec(ctx, `INSERT INTO calendar_items (sink, feed, item_id, flow, tenant, mailbox_id, mailbox, calendar_id, calendar, etag, type, series_id,
start_utc, end_utc, all_day, cancelled, show_as, sensitivity, subject, location, organizer, body, changed_seq, changed_at)
VALUES (?1, ?2, ?3, (SELECT flow FROM sinks WHERE name = ?1), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)
ON CONFLICT (sink, feed, item_id) DO UPDATE SET flow = excluded.flow, tenant = excluded.tenant, mailbox_id = excluded.mailbox_id, mailbox = excluded.mailbox,
calendar_id = excluded.calendar_id, calendar = excluded.calendar, etag = excluded.etag, type = excluded.type, series_id = excluded.series_id,
start_utc = excluded.start_utc, end_utc = excluded.end_utc, all_day = excluded.all_day, cancelled = excluded.cancelled, show_as = excluded.show_as,
sensitivity = excluded.sensitivity, subject = excluded.subject, location = excluded.location, organizer = excluded.organizer, body = excluded.body,
changed_seq = excluded.changed_seq, changed_at = excluded.changed_at WHERE calendar_items.changed_seq <= excluded.changed_seq`,
		sink, x.Change.Feed, x.Change.Item, x.Tenant, x.Mailbox.ID, x.Mailbox.UPN, x.Resource, x.Title, x.ETag, known(x.Type), known(x.Series),
		instant(x.Start), instant(x.End), answer(x.AllDay), answer(x.Cancelled), known(x.ShowAs), known(x.Sensitivity), known(x.Subject),
		known(x.Location), known(x.Organizer), known(string(x.Body)), x.Change.Seq, instant(x.Change.At))
	return err
}

// known makes NULL of what is not known.
func known(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// instant writes a time as SQL readers of any engine compare it.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// answer writes a yes or no that may be unknown.
func answer(b *bool) any {
	if b == nil {
		return nil
	}
	return yes(*b)
}
