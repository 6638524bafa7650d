package kill

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// operator asks one of the members to do something, as the command line does, and
// says whether it was confirmed. The member may be down, or die of it.
func (r *trial) operator(path string, body doc) (confirmed bool) {
	r.Helper()
	m := r.any()
	token, err := os.ReadFile(filepath.Join(m.folder, "operator.token"))
	if err != nil {
		return false // it has not come that far
	}
	raw, err := json.Marshal(body)
	if err != nil {
		r.Fatal(err)
	}
	ctx, stop := context.WithTimeout(r.ctx, 5*time.Second)
	defer stop()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.operate+path, bytes.NewReader(raw))
	if err != nil {
		r.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	q.Header.Set("Content-Type", "application/json")
	answer, err := r.tenant.client.Do(q)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusConflict {
		r.Errorf("an operator was answered %s: %s", path, answer.Status)
	}
	return answer.StatusCode < 300
}

// buryOne makes a dead letter: what was declined a while ago was so for days.
func (r *trial) buryOne(moment string) {
	r.app.be(func(a *receiver) { a.sour, a.again, a.anew = true, true, nil }) // who begins anew cannot tell what is old
	r.until(20*time.Second, func() bool { return r.app.vain() > 0 })
	for _, m := range r.members {
		r.strike(m)
	}
	r.query(`UPDATE deliveries SET first_at = first_at - 280800000000, due_at = 1 WHERE sink = 'office' AND first_at > 0 AND due_at > 0`, nil)
	for _, m := range r.members {
		r.start(m, moment)
	}
	r.until(20*time.Second, func() bool { return r.died(moment) > 0 })
}

// revive has dead letters told again, while no gateway runs.
func (r *trial) revive() {
	r.Helper()
	if !r.app.again {
		return
	}
	s, err := store.Open(r.ctx, r.options())
	if err != nil {
		r.Fatal(err)
	}
	r.rest(s)
	if err := s.Close(); err != nil {
		r.Fatal(err)
	}
}

// rest says whether nothing is under way to the sinks any more, while no gateway
// runs. What is dead is told again.
func (r *trial) rest(s *store.Store) bool {
	r.Helper()
	states, err := s.SinkStates(r.ctx)
	if err != nil {
		r.Fatal(err)
	}
	rest := true
	for _, x := range states {
		if strings.HasPrefix(x.Flow, "scribe-") || x.Flow == "crm" {
			rest = rest && x.Pending == 0
		}
		if x.Flow != "office" {
			continue
		}
		rest = rest && x.Pending == 0 && x.Dead == 0 && x.Replaying == 0
		replays, err := s.Replays(r.ctx, x.Name)
		if err != nil {
			r.Fatal(err)
		}
		if x.Dead == 0 || slices.ContainsFunc(replays, func(p graphwarden.Replay) bool { return p.Dead && p.EndedAt.IsZero() }) {
			continue
		}
		err = s.Update(r.ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := s.BeginReplay(ctx, tx, graphwarden.Replay{Sink: x.Name, Dead: true, Total: x.Dead})
			return err
		})
		if err != nil {
			r.Fatal(err)
		}
		r.result.dead += x.Dead
	}
	return rest
}

// query does something to the database as another program, while no gateway runs.
func (r *trial) query(text string, each func(*sql.Rows) error) {
	r.Helper()
	driver, name := "pgx", r.server
	if r.server == "" {
		driver, name = "sqlite3", "file:"+r.options().Path
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		r.Fatal(err)
	}
	defer db.Close()
	if each == nil {
		if _, err := db.ExecContext(r.ctx, text); err != nil {
			r.Fatal(fmt.Errorf("%s: %w", text, err))
		}
		return
	}
	rows, err := db.QueryContext(r.ctx, text)
	if err != nil {
		r.Fatal(fmt.Errorf("%s: %w", text, err))
	}
	defer rows.Close()
	for rows.Next() {
		err = errors.Join(err, each(rows))
	}
	if err := errors.Join(err, rows.Err()); err != nil {
		r.Fatal(err)
	}
}
