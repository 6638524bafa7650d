package presence

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// follow takes up the changes of calendars that are new.
func (h *house) follow(ctx context.Context) error {
	for name, hh := range h.flows {
		for {
			list, err := h.room.config.Calendars.ChangesAfter(ctx, name, h.cursor[name], changesAtOnce)
			if err != nil {
				return fmt.Errorf("reading the changes of flow %s: %w", name, err)
			}
			for _, c := range list {
				if err := h.change(ctx, hh, c); err != nil {
					return err
				}
				h.cursor[name] = c.Seq
			}
			if len(list) < changesAtOnce {
				break
			}
		}
		if err := h.await(ctx, hh); err != nil {
			return err
		}
	}
	return nil
}

// await looks whether a calendar that nobody has read yet has been read: who has just
// come is not unknown for longer than that takes.
func (h *house) await(ctx context.Context, hh *household) error {
	now := h.room.config.Now()
	if now.Sub(hh.lookedAt) < lookAgain {
		return nil
	}
	for _, m := range hh.people {
		if m.readAt.IsZero() && m.reason == nil {
			return h.freshenFlow(ctx, hh)
		}
	}
	return nil
}

// change takes up one change.
func (h *house) change(ctx context.Context, hh *household, c graphwarden.Change) error {
	whose, known := hh.feeds[c.Feed]
	if !known {
		if err := h.freshenFlow(ctx, hh); err != nil {
			return err
		}
		whose = hh.feeds[c.Feed]
	}
	m := hh.people[whose]
	if m == nil {
		return nil
	}
	m.put(c.Item, c.Body, hh.plan.Subjects)
	if hh.flow.DefaultOnly && !m.readAt.IsZero() && m.readAt.Before(c.At) {
		m.readAt = c.At // its one calendar was read for this
	}
	if now := h.room.config.Now(); len(m.items)%256 == 0 {
		m.forget(now, now.Add(horizon))
	}
	h.mark(m)
	return nil
}

// freshen looks how lately every feed was read.
func (h *house) freshen(ctx context.Context) error {
	for _, hh := range h.flows {
		if err := h.freshenFlow(ctx, hh); err != nil {
			return err
		}
	}
	return nil
}

// freshenFlow looks how lately a flow's feeds were read, and what is in the way.
func (h *house) freshenFlow(ctx context.Context, hh *household) error {
	hh.lookedAt = h.room.config.Now()
	feeds, err := h.room.config.Calendars.FeedSights(ctx, hh.flow.Name)
	if err != nil {
		return err
	}
	skipped, err := h.room.config.Calendars.Skipped(ctx, hh.flow.Name)
	if err != nil {
		return err
	}
	type sight struct {
		readAt time.Time
		unread bool
		reason *Reason
	}
	seen := make(map[string]sight, len(hh.people))
	for _, f := range feeds {
		hh.feeds[f.Feed] = f.Mailbox.ID
		s, some := seen[f.Mailbox.ID]
		s.unread = s.unread || f.ReadAt.IsZero()
		if !some || f.ReadAt.Before(s.readAt) {
			s.readAt = f.ReadAt
		}
		if f.Code != "" {
			s.reason = &Reason{f.Code, f.Say}
		}
		seen[f.Mailbox.ID] = s
	}
	for _, k := range skipped {
		s := seen[k.Mailbox.ID]
		s.reason = &Reason{k.Code, k.Say}
		seen[k.Mailbox.ID] = s
	}
	for id, m := range hh.people {
		s := seen[id]
		if s.unread {
			s.readAt = time.Time{}
		}
		changed := s.readAt.IsZero() != m.readAt.IsZero() || (m.reason == nil) != (s.reason == nil) || m.reason != nil && *m.reason != *s.reason
		late := m.readAt.Add(m.promise).Before(s.readAt)
		m.readAt, m.reason = s.readAt, s.reason
		if changed || late {
			h.mark(m)
		}
	}
	return nil
}

// wait is how long nothing is due.
func (h *house) wait() time.Duration {
	first := h.alarms.first()
	if first.IsZero() {
		return lookAgain
	}
	return min(max(0, first.Sub(h.room.config.Now())), lookAgain)
}

// alarm marks those whose states have changed by themselves.
func (h *house) alarm() {
	now := h.room.config.Now()
	for {
		m, due := h.alarms.due(now)
		if !due {
			return
		}
		h.mark(m)
	}
}

// tell stores what is new of those who are marked. If we crash before it is
// stored it is found again by comparing, and if after, it is not told twice.
func (h *house) tell(ctx context.Context) error {
	now := h.room.config.Now()
	list := h.gone
	var of []*member
	var digests [][16]byte
	for _, m := range h.dirty {
		m.dirty = false
		p := m.seen(now)
		h.alarms.set(m, m.nextChange(p))
		d := digest(p)
		if d == m.said {
			continue
		}
		body, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("writing the state of %s: %w", m.mailbox.UPN, err)
		}
		list = append(list, told(m.household.flow.Name, m.mailbox, body))
		of, digests = append(of, m), append(digests, d)
	}
	h.dirty, h.gone = nil, nil
	for chunk := range slices.Chunk(list, toldAtOnce) {
		err := h.room.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			tx.AfterCommit(h.room.config.Told)
			return h.room.config.Book.PutPresence(ctx, tx, chunk)
		})
		if err != nil {
			return fmt.Errorf("storing what is told of %d people: %w", len(chunk), err)
		}
	}
	for i, m := range of {
		m.said = digests[i]
	}
	return nil
}

// seen is what is to be told of a member at a moment.
func (m *member) seen(now time.Time) Presence {
	p := m.judge(m.spans(now, now.Add(horizon)), now)
	p.Person, p.ID, p.Flow, p.Zone = m.mailbox.UPN, m.mailbox.ID, m.household.flow.Name, m.zone
	return p
}

// digest is the same for states that say the same: when the source was last read
// makes no difference.
func digest(p Presence) [16]byte {
	p.AsOf = time.Time{}
	text, _ := json.Marshal(p) // it is made of texts and times
	sum := sha256.Sum256(text)
	return [16]byte(sum[:16])
}
