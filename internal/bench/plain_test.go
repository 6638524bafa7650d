//go:build unix

package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"
)

// plainPage is a page as an integrator would declare it, keeping each event's
// own text beside what the program wants to query.
type plainPage struct {
	Value     []json.RawMessage `json:"value"`
	NextLink  string            `json:"@odata.nextLink"`
	DeltaLink string            `json:"@odata.deltaLink"`
}

type plainEvent struct {
	ID      string    `json:"id"`
	ETag    string    `json:"@odata.etag"`
	Removed *struct{} `json:"@removed"`
	Subject string    `json:"subject"`
	Start   plainTime `json:"start"`
	End     plainTime `json:"end"`
}

type plainTime struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

// plain is the program that is written without Graphwarden: the standard
// library, the same SQLite and the same promise to the disk; a page is one
// transaction with its cursor, an event one upsert. It has no policy, ledger,
// budget, change log or comparison with what is stored.
type plain struct {
	server *server
	db     *sql.DB
}

func newPlain(tb testing.TB, s *server) program {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "plain.db")
	db, err := sql.Open("sqlite3", "file:"+path+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_txlock=immediate")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	_, err = db.ExecContext(tb.Context(), `
CREATE TABLE events (id TEXT PRIMARY KEY, etag TEXT, subject TEXT, starts TEXT, ends TEXT, body TEXT);
CREATE TABLE cursor (one INTEGER PRIMARY KEY, link TEXT)`)
	if err != nil {
		tb.Fatal(err)
	}
	return &plain{s, db}
}

func (p *plain) run(ctx context.Context) error {
	for link := p.server.start(); link != ""; {
		page, err := p.fetch(ctx, link)
		if err != nil {
			return err
		}
		if err := p.store(ctx, page); err != nil {
			return fmt.Errorf("storing a page: %w", err)
		}
		link = page.NextLink
	}
	return nil
}

func (p *plain) fetch(ctx context.Context, link string) (*plainPage, error) {
	response, err := get(ctx, link)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var page plainPage
	return &page, json.NewDecoder(response.Body).Decode(&page)
}

func (p *plain) store(ctx context.Context, page *plainPage) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	upsert, err := tx.PrepareContext(ctx, `INSERT INTO events (id, etag, subject, starts, ends, body) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET etag = excluded.etag, subject = excluded.subject, starts = excluded.starts, ends = excluded.ends, body = excluded.body`)
	if err != nil {
		return err
	}
	defer upsert.Close()
	for _, raw := range page.Value {
		var e plainEvent
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		if e.Removed != nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM events WHERE id = ?`, e.ID)
		} else {
			_, err = upsert.ExecContext(ctx, e.ID, e.ETag, e.Subject, e.Start.DateTime, e.End.DateTime, string(raw))
		}
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO cursor (one, link) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET link = excluded.link`,
		page.NextLink+page.DeltaLink)
	if err != nil {
		return err
	}
	return tx.Commit()
}

func (p *plain) count(ctx context.Context) (n int, err error) {
	return n, p.db.QueryRowContext(ctx, `SELECT count(*) FROM events`).Scan(&n)
}

func (p *plain) close() error { return p.db.Close() }

// download only reads the pages: the server's part of what the others cost, and
// HTTP's.
type download struct{ server *server }

func (d download) run(ctx context.Context) error {
	for n := range d.server.pages {
		response, err := get(ctx, fmt.Sprintf("%s?$skiptoken=.%d", d.server.start(), n))
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (d download) close() error { return nil }

func get(ctx context.Context, link string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = fmt.Errorf("the server answers %s", response.Status)
	}
	return response, err
}
