package deliver_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// TestTheTableIsTheSameOnPostgreSQL asks the documented queries as a reader who
// was granted what the documents say, while the table is kept.
func TestTheTableIsTheSameOnPostgreSQL(t *testing.T) {
	pg.Need(t)
	url := pg.New(t)
	s := put(t, nil)
	server, err := store.Open(context.WithoutCancel(t.Context()), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	s.Store, s.Ledger = server, ledger.New(server)
	s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
		c.Targets = []deliver.Target{{Sink: graphwarden.Sink{Name: "table", Flow: "office", Kind: graphwarden.Table}}}
	})
	stop := s.run(t)
	defer stop()
	pg.Exec(t, url, `CREATE ROLE reader`)
	pg.Exec(t, url, `GRANT SELECT ON calendar_items TO reader`)
	reader, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	reader.SetMaxOpenConns(1)
	if _, err := reader.ExecContext(t.Context(), `SET ROLE reader`); err != nil {
		t.Fatal(err)
	}
	until := func(want string, query string) {
		t.Helper()
		got := ""
		for late := time.Now().Add(2 * time.Minute); got != want && time.Now().Before(late); {
			got = ""
			for i, row := range answers(t, reader, query) {
				if i > 0 {
					got += "\n"
				}
				got += strings.Join(row, "|")
			}
			if got != want {
				<-time.After(20 * time.Millisecond)
			}
		}
		if got != want {
			t.Fatalf("%s gives\n%s\nwant\n%s", query, got, want)
		}
	}
	const rows = `SELECT sink, flow, tenant, mailbox, calendar, item_id, coalesce(subject, '-'), coalesce(start_utc, '-'), coalesce(end_utc, '-'),
coalesce(all_day, 9), coalesce(cancelled, 9), coalesce(show_as, '-'), coalesce(sensitivity, '-'), coalesce(body, '-'), changed_seq FROM calendar_items ORDER BY item_id`
	lunch := `{"id":"a","subject":"Lunch","showAs":"busy","isCancelled":false,"start":{"dateTime":"2026-03-02T12:00:00.0000000","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"2026-03-02T13:00:00.0000000","timeZone":"Europe/Berlin"}}`
	first := "table|office|contoso|alice@contoso.com|Work|a|Lunch|2026-03-02T11:00:00Z|2026-03-02T12:00:00Z|9|0|busy|-|" + lunch + "|1"
	s.item(t, "a", lunch)
	until(first, rows)
	wants := []string{"alice@contoso.com|Lunch|2026-03-02T11:00:00Z|2026-03-02T12:00:00Z", "alice@contoso.com|1", "a|Lunch|1"}
	queries := snippets(t, "sql")
	if len(queries) != len(wants) {
		t.Fatalf("%d queries", len(queries))
	}
	for i, q := range queries {
		until(wants[i], q)
	}
	s.item(t, "b", `{"id":"b","subject":"Nobody's business","sensitivity":"private","isAllDay":true}`)
	until(first+"\ntable|office|contoso|alice@contoso.com|Work|b|-|-|-|1|9|-|private|"+`{"id":"b","sensitivity":"private","isAllDay":true}`+"|2", rows)
	if _, err := s.desk().Replay(t.Context(), deliver.Asked{Sink: "table"}); err != nil {
		t.Fatal(err)
	}
	s.item(t, "b", "")
	until(first, rows) // the replay of what was does not bring it back
	if _, err := reader.QueryContext(t.Context(), `SELECT count(*) FROM items`); err == nil {
		t.Error("the reader reads more than the table")
	}
}
