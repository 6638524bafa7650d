package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// began is when the searched ledger begins; an entry in ten, its clock goes on a second.
func began() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// busy makes a ledger of n entries by dice: calls of three apps that are refused, end
// well or badly, soon, late or never, and acts.
func busy(t *testing.T, n int, dice *rand.Rand) *store.Store {
	t.Helper()
	now := began()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	l := ledger.New(s)
	var running []string
	for written := 0; written < n; {
		err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			for range 10 {
				e := graphwarden.Entry{Kind: graphwarden.Decided, Call: fmt.Sprintf("call-%d", written), App: []string{"crm", "portal", "desk"}[dice.IntN(3)],
					Flow: "office", Tenant: "contoso", Method: "GET", Path: []string{"/v1.0/users/{mailbox}/messages", "/beta/users/{mailbox}/events"}[dice.IntN(2)],
					Mailbox: []string{"id-ada", "id-bob"}[dice.IntN(2)], Allowed: dice.IntN(4) > 0, Rule: "flow:office"}
				switch what := dice.IntN(10); {
				case what == 0:
					e = graphwarden.Entry{Kind: graphwarden.Acted, Call: e.Call, App: e.App, Path: "apply", Allowed: true, Note: "by anna about id-ada"}
				case what < 5 && len(running) > 0:
					i := max(0, len(running)-1-dice.IntN(40))
					if dice.IntN(50) == 0 {
						i = dice.IntN(len(running))
					}
					e = graphwarden.Entry{Kind: graphwarden.Closed, Call: running[i], Allowed: true, Status: []int{200, 201, 404, 0}[dice.IntN(4)]}
					running = slices.Delete(running, i, i+1)
				case e.Allowed && dice.IntN(8) > 0: // the others never end
					running = append(running, e.Call)
				}
				if _, err := l.Append(ctx, tx, e); err != nil {
					return err
				}
				written++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	return s
}

// TestASearchFindsWhatReadingEverythingFinds holds searches of a ledger, which leave out
// as they go, against all of it in memory.
func TestASearchFindsWhatReadingEverythingFinds(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(6, 1))
	entries, searches := 5000, 70
	if testing.Short() {
		entries, searches = 2000, 25
	}
	s := busy(t, entries, dice)
	names := map[string]string{"id-ada": "ada@contoso.com"}
	all, more, err := ledger.Search(t.Context(), s, names, ledger.Query{}, entries)
	if err != nil || more {
		t.Fatal(more, err)
	}
	known := everything(t, s)
	counts := map[ledger.Outcome]int{}
	for _, r := range all {
		counts[r.Outcome]++
	}
	if len(all) != len(known) || len(counts) != len(ledger.Outcomes()) {
		t.Fatalf("found %d of %d: %v", len(all), len(known), counts)
	}
	some := func(list ...string) string { return list[dice.IntN(len(list))] }
	cut := 0
	for range searches {
		q := ledger.Query{App: some("", "", "crm", "PORTAL"), Outcome: ledger.Outcome(some("", "refused", "answered", "failed", "unknown", "done")),
			Operation: some("", "", "", "GET /users/{id}/messages", "/beta/users/{id}/events"), Mailbox: some("", "", "", "Ada@contoso.com", "id-bob"), Text: some("", "", "", "ANNA")}
		if dice.IntN(2) == 0 {
			q.Before = dice.Int64N(int64(entries)) + 1
		}
		if dice.IntN(3) == 0 {
			q.After = dice.Int64N(int64(entries))
		}
		if dice.IntN(3) == 0 {
			q.Since = began().Add(time.Duration(dice.IntN(entries/10+100)) * time.Second)
		}
		if dice.IntN(3) == 0 {
			q.Until = began().Add(time.Duration(dice.IntN(entries/10+100)) * time.Second)
		}
		limit := 1 + dice.IntN(40)
		var want []ledger.Record
		for _, r := range known {
			if wanted(q, r) {
				want = append(want, r)
			}
		}
		wantMore := len(want) > limit
		want = want[max(0, len(want)-limit):]
		found, more, err := ledger.Search(t.Context(), s, names, q, limit)
		if err != nil {
			t.Fatal(err)
		}
		if more != wantMore || !reflect.DeepEqual(found, want) {
			t.Fatalf("%+v, limit %d: found %d, more %v; want %d, more %v\n%+v\n%+v", q, limit, len(found), more, len(want), wantMore, found, want)
		}
		if more {
			cut++
		}
	}
	if cut < searches/7 {
		t.Errorf("only %d searches left something out", cut)
	}
}

// everything gives all records, in the plainest way.
func everything(t *testing.T, s *store.Store) (out []ledger.Record) {
	t.Helper()
	at := map[string]int{}
	err := s.EntriesAfter(t.Context(), 0, 1<<20, func(e graphwarden.Entry, _ [32]byte) error {
		e.At = e.At.UTC()
		if e.Kind == graphwarden.Closed {
			r := &out[at[e.Call]]
			r.Closed = &ledger.End{Seq: e.Seq, At: e.At, Status: e.Status}
			r.Outcome = ledger.Failed
			if e.Status == 200 || e.Status == 201 {
				r.Outcome = ledger.Answered
			}
			return nil
		}
		r := ledger.Record{Entry: e, Outcome: ledger.Unclosed}
		if e.Kind == graphwarden.Acted {
			r.Outcome = ledger.Done
		} else if !e.Allowed {
			r.Outcome = ledger.Refused
		}
		if e.Mailbox == "id-ada" {
			r.Name = "ada@contoso.com"
		}
		at[e.Call] = len(out)
		out = append(out, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wanted judges by the words that the test above uses.
func wanted(q ledger.Query, r ledger.Record) bool {
	act := r.Kind == graphwarden.Acted
	switch {
	case q.App == "crm" && r.App != "crm", q.App == "PORTAL" && r.App != "portal",
		q.Outcome != "" && r.Outcome != q.Outcome,
		q.Operation == "GET /users/{id}/messages" && r.Path != "/v1.0/users/{mailbox}/messages",
		q.Operation == "/beta/users/{id}/events" && r.Path != "/beta/users/{mailbox}/events",
		q.Mailbox == "id-bob" && r.Mailbox != "id-bob", q.Mailbox == "Ada@contoso.com" && r.Name == "",
		q.Text == "ANNA" && !act,
		q.Before > 0 && r.Seq >= q.Before, r.Seq <= q.After,
		!q.Since.IsZero() && r.At.Before(q.Since), !q.Until.IsZero() && !r.At.Before(q.Until):
		return false
	}
	return true
}

// TestPagesOfASearchGiveEachRecordOnce follows --before from the newest to the oldest.
func TestPagesOfASearchGiveEachRecordOnce(t *testing.T) {
	t.Parallel()
	entries := 3000
	if testing.Short() {
		entries = 1500
	}
	s := busy(t, entries, rand.New(rand.NewPCG(6, 2)))
	for _, outcome := range append(ledger.Outcomes(), "") {
		var pages []int64
		for q := (ledger.Query{Outcome: outcome}); ; {
			found, more, err := ledger.Search(t.Context(), s, nil, q, 33)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range slices.Backward(found) {
				pages = append(pages, r.Seq)
			}
			if !more {
				break
			}
			q.Before = found[0].Seq
		}
		slices.Reverse(pages)
		var want []int64
		for _, r := range everything(t, s) {
			if outcome == "" || r.Outcome == outcome {
				want = append(want, r.Seq)
			}
		}
		if len(want) == 0 || !slices.Equal(pages, want) {
			t.Errorf("%q: pages have %d records, and there are %d", outcome, len(pages), len(want))
		}
	}
}

func TestAPersonThatACallAsksAboutIsFoundByHisID(t *testing.T) {
	t.Parallel()
	s := busy(t, 100, rand.New(rand.NewPCG(6, 3)))
	found, _, err := ledger.Search(t.Context(), s, nil, ledger.Query{Mailbox: "ID-ADA", Outcome: ledger.Done}, 100)
	if err != nil || len(found) == 0 {
		t.Errorf("%d found, %v", len(found), err)
	}
}

// TestACallThatNeverEndsIsNotTakenForOneThatWasFound has one before the only call that
// is looked for, and after it more than a search keeps.
func TestACallThatNeverEndsIsNotTakenForOneThatWasFound(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "graphwarden.db"))
	l := ledger.New(s)
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		entries := []graphwarden.Entry{{Kind: graphwarden.Decided, Call: "a", Allowed: true}, {Kind: graphwarden.Decided, Call: "b", Allowed: true},
			{Kind: graphwarden.Closed, Call: "b", Allowed: true, Status: 200}}
		for range 2500 {
			entries = append(entries, graphwarden.Entry{Kind: graphwarden.Decided, Call: "c"})
		}
		for _, e := range entries {
			if _, err := l.Append(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found, more, err := ledger.Search(t.Context(), s, nil, ledger.Query{Outcome: ledger.Answered}, 1)
	if err != nil || more || len(found) != 1 || found[0].Call != "b" {
		t.Errorf("%v, more %v, %v", found, more, err)
	}
}
