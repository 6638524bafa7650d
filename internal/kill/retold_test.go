package kill

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// The sinks of the flow that is compared.
const (
	webhook   = "office"
	warehouse = "office/warehouse"
)

// anew is the copy of an app that has lost everything and begins again from a
// snapshot and what comes besides: of each item the highest number counts.
type anew struct {
	last map[place]int64
	copy map[place]json.RawMessage
}

func (a *anew) take(at place, e graphwarden.Envelope, gone bool) {
	if e.Sequence < a.last[at] {
		return
	}
	a.last[at] = e.Sequence
	if gone {
		delete(a.copy, at)
	} else {
		a.copy[at] = e.Data.Item
	}
}

// replay has one of the sinks told again what came in the last minute, by a gateway
// that may be about to start.
func (r *trial) replay(string) {
	sink := []string{webhook, warehouse}[r.dice.IntN(2)]
	since := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	r.until(2*time.Second, func() bool { return r.operator("/v1/replays", doc{"sink": sink, "since": since}) })
}

// loseCopy has the app lose its data, beside the copy that is compared without
// that, and ask for a snapshot.
func (r *trial) loseCopy() {
	r.lose(webhook, func() {
		r.app.be(func(a *receiver) { a.anew = &anew{last: map[place]int64{}, copy: map[place]json.RawMessage{}} })
	})
}

// loseTable empties the table that SQL readers see, and asks for a snapshot.
func (r *trial) loseTable() {
	r.lose(warehouse, func() { r.query(`DELETE FROM calendar_items WHERE sink = '`+warehouse+`'`, nil) })
}

// lose has a sink lose its data while no gateway runs and nothing old is told
// again, and asks for a snapshot until a gateway has confirmed it; one that was
// killed over it may have taken it.
func (r *trial) lose(sink string, all func()) {
	r.Helper()
	for _, m := range r.members {
		r.strike(m)
	}
	if !r.app.again && !r.replaying(sink) {
		all()
		r.owed[sink] = true
	}
	r.up()
	r.ask()
}

// replaying says whether old changes are told again, while no gateway runs.
func (r *trial) replaying(sink string) bool {
	r.Helper()
	s, err := store.Open(r.ctx, r.options())
	if err != nil {
		r.Fatal(err)
	}
	defer s.Close()
	replays, err := s.Replays(r.ctx, sink)
	if err != nil {
		r.Fatal(err)
	}
	return slices.ContainsFunc(replays, func(x graphwarden.Replay) bool { return x.EndedAt.IsZero() })
}

// ask asks for the snapshots that no gateway has confirmed yet, and says whether
// there are none.
func (r *trial) ask() bool {
	r.Helper()
	for sink := range r.owed {
		if r.operator("/v1/replays", doc{"sink": sink, "snapshot": true}) {
			delete(r.owed, sink)
			r.result.snapshots++
		}
	}
	return len(r.owed) == 0
}

// compareAnew holds the copy of the app that began anew against the tenant.
func (r *trial) compareAnew(_ *store.Store, truth map[place]string) []string {
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	if r.app.anew == nil {
		return nil
	}
	all := map[place]string{}
	for at, body := range r.app.anew.copy {
		all[at] = plain(body)
	}
	r.app.anew = nil
	r.result.anew++
	return r.tenant.differences(shown(truth), all)
}

// compareTold wants every stored change to have been told, by its own id or, if
// nobody took it for days, by a snapshot.
func (r *trial) compareTold(s *store.Store, _ map[place]string) []string {
	var wrong []string
	r.result.changes = 0
	r.each(s, func(c graphwarden.Change) {
		r.result.changes++
		r.app.mu.Lock()
		defer r.app.mu.Unlock()
		if r.app.heard[c.Seq].IsZero() {
			wrong = append(wrong, fmt.Sprintf("number %d was never told", c.Seq))
		}
	})
	r.result.undelivered = len(wrong)
	return wrong
}

// compareRetold wants all that a replay was asked to tell to have been told since
// it was asked.
func (r *trial) compareRetold(s *store.Store, _ map[place]string) []string {
	replays, err := s.Replays(r.ctx, webhook)
	if err != nil {
		r.Fatal(err)
	}
	var wrong []string
	for _, x := range replays {
		if x.Snapshot || x.Dead || r.retold[x.ID] {
			continue
		}
		r.retold[x.ID] = true
		if x.EndedAt.IsZero() {
			wrong = append(wrong, fmt.Sprintf("replay %d has not ended", x.ID))
		}
		r.each(s, func(c graphwarden.Change) {
			r.app.mu.Lock()
			defer r.app.mu.Unlock()
			if c.Seq >= x.First && c.Seq <= x.Last && r.app.heard[c.Seq].Before(x.MadeAt) {
				wrong = append(wrong, fmt.Sprintf("replay %d has not told number %d", x.ID, c.Seq))
			}
		})
	}
	r.result.replays = len(r.retold)
	return wrong
}

// each goes through the sequence of changes.
func (r *trial) each(s *store.Store, do func(graphwarden.Change)) {
	r.Helper()
	for seq := int64(0); ; {
		batch, err := s.ChangesAfter(r.ctx, "office", seq, 1000)
		if err != nil {
			r.Fatal(err)
		}
		for _, c := range batch {
			do(c)
			seq = c.Seq
		}
		if len(batch) == 0 {
			return
		}
	}
}

// tabled is the table that SQL readers see.
func (r *trial) tabled() map[place]string {
	r.Helper()
	out := map[place]string{}
	r.query(`SELECT mailbox_id, calendar_id, item_id, body FROM calendar_items WHERE sink = '`+warehouse+`'`, func(rows *sql.Rows) error {
		var at place
		var body string
		err := rows.Scan(&at.mailbox, &at.calendar, &at.item, &body)
		out[at] = plain(json.RawMessage(body))
		return err
	})
	return out
}
