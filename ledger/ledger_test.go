package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/store"
)

// entry is a decision with every field set.
func entry(n int) graphwarden.Entry {
	return graphwarden.Entry{
		Kind: graphwarden.Decided, Call: fmt.Sprintf("call-%d", n), App: "crm", Flow: "office-calendars", Tenant: "contoso",
		Method: "GET", Path: "/users/{id}/calendarView/delta", Mailbox: "id-ada", Allowed: n%2 == 0, Rule: "flow:office-calendars",
		Status: 200, Bytes: int64(n) * 1000, Note: "nötig, \"quoted\"\x00 <&>\n",
	}
}

// written makes a database with n entries, closes it, and gives its path.
func written(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "graphwarden.db")
	s := openStore(t, path)
	l := ledger.New(s)
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range n {
			if _, err := l.Append(ctx, tx, entry(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func openStore(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// tamper changes the rows behind the store's back, its triggers removed first.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range append([]string{`DROP TRIGGER entries_stay`, `DROP TRIGGER entries_hold`, `DROP TRIGGER entries_follow`}, statements...) {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// verify has the verifier, which shares no code with this room, judge the ledger by
// what is inside alone.
func verify(t *testing.T, s *store.Store) audit.Report {
	t.Helper()
	r, err := audit.Database(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEntriesAreNumberedInTheTransactionOfWhatTheyRecord(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "graphwarden.db"))
	l := ledger.New(s)
	failed := errors.New("what it records did not happen")
	var seqs []int64
	for i := range 6 {
		err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			stored, err := l.Append(ctx, tx, entry(i))
			if err != nil {
				return err
			}
			if stored.At.IsZero() || !stored.At.Equal(tx.Now()) {
				t.Errorf("the entry's time is %v, the transaction's %v", stored.At, tx.Now())
			}
			if i%3 == 1 {
				return failed
			}
			seqs = append(seqs, stored.Seq)
			return nil
		})
		if err != nil && !errors.Is(err, failed) {
			t.Fatal(err)
		}
	}
	if want := []int64{1, 2, 3, 4}; !slices.Equal(seqs, want) {
		t.Errorf("numbered %v, want %v without gaps", seqs, want)
	}
	if r := verify(t, s); !r.Sound() || r.Entries != 4 {
		t.Errorf("Verify = %+v", r)
	}
}

// TestWhateverACallIsNamedItIsOnRecord: what is no text in UTF-8, or has a zero byte, stands
// there as U+FFFD, on every database.
func TestWhateverACallIsNamedItIsOnRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "graphwarden.db")
	s := openStore(t, path)
	var stored graphwarden.Entry
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
		stored, err = ledger.New(s).Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, App: "a\x00b", Flow: "\xffc", Path: "ü", Note: "d\x00\xfe"})
		return err
	})
	if err != nil || stored.App != "a\uFFFDb" || stored.Flow != "\uFFFDc" || stored.Path != "ü" || stored.Note != "d\uFFFD\uFFFD" {
		t.Errorf("%+v, %v", stored, err)
	}
}

func TestTheDatabaseItselfRefusesToChangeTheLedger(t *testing.T) {
	path := written(t, 3)
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		`UPDATE entries SET note = 'nothing to see' WHERE seq = 2`,
		`DELETE FROM entries WHERE seq = 3`,
		`DELETE FROM entries`,
		`INSERT OR REPLACE INTO entries SELECT 2, at, kind, call, app, flow, tenant, method, path, mailbox, 1, rule, status, bytes, note, leaf FROM entries WHERE seq = 2`,
		`INSERT INTO entries SELECT 5, at, kind, call, app, flow, tenant, method, path, mailbox, 1, rule, status, bytes, note, leaf FROM entries WHERE seq = 3`,
		`INSERT INTO entries SELECT 0, at, kind, call, app, flow, tenant, method, path, mailbox, 1, rule, status, bytes, note, leaf FROM entries WHERE seq = 3`,
		`INSERT INTO entries SELECT 4, at, kind, call, app, flow, tenant, method, path, mailbox, 1, rule, status, bytes, note, x'00' FROM entries WHERE seq = 3`,
	} {
		if _, err := db.ExecContext(t.Context(), q); err == nil {
			t.Errorf("the database obeyed %s", q)
		}
	}
	if r := verify(t, openStore(t, path)); !r.Sound() || r.Entries != 3 {
		t.Errorf("Verify = %+v", r)
	}
}

func TestVerifyNamesTheFirstBadEntry(t *testing.T) {
	situations := map[string]struct {
		statements []string
		want       int64
	}{
		"nothing was done":         {nil, 0},
		"one was removed":          {[]string{`DELETE FROM entries WHERE seq = 4`}, 4},
		"the first was removed":    {[]string{`DELETE FROM entries WHERE seq = 1`}, 1},
		"two changed places":       {[]string{`UPDATE entries SET seq = -3 WHERE seq = 3`, `UPDATE entries SET seq = 3 WHERE seq = 6`, `UPDATE entries SET seq = 6 WHERE seq = -3`}, 3},
		"one was put in":           {[]string{`UPDATE entries SET seq = seq + 100 WHERE seq > 2`, `UPDATE entries SET seq = seq - 99 WHERE seq > 2`, `INSERT INTO entries SELECT 3, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf FROM entries WHERE seq = 2`}, 3},
		"all after it renumbered":  {[]string{`DELETE FROM entries WHERE seq = 2`, `UPDATE entries SET seq = seq + 100 WHERE seq > 2`, `UPDATE entries SET seq = seq - 101 WHERE seq > 100`}, 2},
		"one in a later batch too": {[]string{`UPDATE entries SET note = '' WHERE seq IN (1500, 2100)`}, 1500},
	}
	for column, value := range map[string]string{
		"at": "at + 1", "kind": "'close'", "call": "'x'", "app": "'other'", "flow": "'x'", "tenant": "'fabrikam'", "method": "'POST'",
		"path": "path || '/'", "mailbox": "'id-eve'", "allowed": "1 - allowed", "rule": "''", "status": "403", "bytes": "bytes + 1",
		"note": "'nötig'", "leaf": "zeroblob(32)",
	} {
		situations["the "+column+" was changed"] = struct {
			statements []string
			want       int64
		}{[]string{`UPDATE entries SET ` + column + ` = ` + value + ` WHERE seq = 5`}, 5}
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			n := 10
			if s.want > 100 {
				n = 2200
			}
			path := written(t, n)
			tamper(t, path, s.statements...)
			r := verify(t, openStore(t, path))
			if r.Bad != s.want || r.Sound() != (s.want == 0) || s.want > 0 && (r.Entries != s.want-1 || !strings.Contains(r.Why, fmt.Sprint(s.want))) {
				t.Errorf("Verify = %+v, want entry %d named", r, s.want)
			}
		})
	}
}

func TestTheEncodingIsWhatItWasEver(t *testing.T) {
	e := graphwarden.Entry{
		Seq: 7, At: time.Date(2026, 3, 2, 8, 0, 0, 123456000, time.UTC), Kind: graphwarden.Decided, Call: "c", App: "crm", Flow: "f",
		Tenant: "t", Method: "GET", Path: "/me", Mailbox: "m", Allowed: true, Rule: "flow:f", Status: 200, Bytes: 12, Note: "é",
	}
	const want = "31:graphwarden.com/ledger-entry/v1,1:7,16:1772438400123456,8:decision,1:c,3:crm,1:f,1:t,3:GET,3:/me,1:m,1:1,6:flow:f,3:200,2:12,2:é,"
	if got := string(ledger.Encode(e)); got != want {
		t.Errorf("Encode = %s\nwant     %s", got, want)
	}
	// Computed with sha256sum from a zero byte and the text above.
	const leaf = "f6b58c03436cdec6d979d7d3df1a4702da4c14b91bc4eb4454624dc7082c5f6e"
	if got := fmt.Sprintf("%x", ledger.Leaf(e)); got != leaf {
		t.Errorf("Leaf = %s, want %s", got, leaf)
	}
}

// FuzzNoTwoEntriesEncodeAlike moves text between fields, which must show.
func FuzzNoTwoEntriesEncodeAlike(f *testing.F) {
	f.Add("crm", "1:x,", "office", uint64(1))
	f.Add("", ",0:,", "3:abc,", uint64(2))
	f.Fuzz(func(t *testing.T, app, flow, note string, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		a := graphwarden.Entry{App: app, Flow: flow, Note: note, Status: r.IntN(600), Bytes: r.Int64()}
		b := graphwarden.Entry{App: app + flow, Note: note, Status: a.Status, Bytes: a.Bytes}
		c := graphwarden.Entry{App: app, Flow: flow + note, Status: a.Status, Bytes: a.Bytes}
		if flow != "" && ledger.Leaf(a) == ledger.Leaf(b) || note != "" && ledger.Leaf(a) == ledger.Leaf(c) {
			t.Errorf("%+v encodes as another entry", a)
		}
	})
}

// FuzzWhatIsWrittenVerifies stores whatever a foreign request may put in an entry.
func FuzzWhatIsWrittenVerifies(f *testing.F) {
	s, err := store.Open(context.Background(), store.Options{Path: filepath.Join(f.TempDir(), "graphwarden.db")})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	l := ledger.New(s)
	f.Add("/users/{id}", "note", "m")
	f.Add("\x00", "\xff\xfe", "a\x00b")
	f.Fuzz(func(t *testing.T, path, note, mailbox string) {
		var stored graphwarden.Entry
		err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
			stored, err = l.Append(ctx, tx, graphwarden.Entry{Path: path, Note: note, Mailbox: mailbox})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.EntriesAfter(t.Context(), stored.Seq-1, 1, func(e graphwarden.Entry, leaf [32]byte) error {
			if e != stored || ledger.Leaf(e) != leaf {
				t.Errorf("stored %+v, read %+v", stored, e)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
