package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// growing is a ledger of which only the entries up to one are there yet; when it was
// asked which is the last, those ahead were not.
type growing struct {
	ledger.Searched
	head, ahead int64
}

func (g *growing) LastEntry(context.Context) (int64, error) { return g.head - g.ahead, nil }

func (g *growing) EntriesAfter(ctx context.Context, seq int64, limit int, each func(graphwarden.Entry, [32]byte) error) error {
	return g.Searched.EntriesAfter(ctx, seq, int(max(0, min(int64(limit), g.head-seq))), each)
}

// endSeq is the entry by which a record is done with; 0: it is not.
func endSeq(r ledger.Record) int64 {
	switch {
	case r.Closed != nil:
		return r.Closed.Seq
	case r.Outcome == ledger.Unclosed:
		return 0
	}
	return r.Seq
}

// TestATailTellsEachRecordOnce lets a ledger grow under it by dice, and compares with
// what a search finds in the end.
func TestATailTellsEachRecordOnce(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(7, 1))
	s := busy(t, 900, dice)
	all, err := s.LastEntry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for round := range 60 {
		q := ledger.Query{App: []string{"", "crm"}[dice.IntN(2)], Outcome: append(ledger.Outcomes(), "")[dice.IntN(6)]}
		head, n := dice.Int64N(all), dice.IntN(30)
		rows := &growing{s, head, min(head, dice.Int64N(40))}
		begin := head - rows.ahead
		last := q
		last.Before = begin + 1
		before, _, err := ledger.Search(t.Context(), rows, nil, last, n+1)
		if err != nil {
			t.Fatal(err)
		}
		before = before[max(0, len(before)-n):]
		told, tail, err := ledger.FollowLast(t.Context(), rows, nil, q, n)
		if err != nil {
			t.Fatal(err)
		}
		for rows.head < all {
			rows.head = min(all, rows.head+dice.Int64N(200))
			news, err := tail.Next(t.Context(), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			told = append(told, news...)
		}
		told = append(told, tail.Rest()...)
		found, _, err := ledger.Search(t.Context(), s, nil, q, int(all))
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for _, r := range found {
			was := slices.ContainsFunc(before, func(b ledger.Record) bool { return b.Seq == r.Seq })
			if was || endSeq(r) > begin || endSeq(r) == 0 && r.Seq > begin {
				want = append(want, r.Seq)
			}
		}
		got := make([]int64, 0, len(told))
		for _, r := range told {
			got = append(got, r.Seq)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("round %d, %+v, from %d with the last %d: told %v, want %v", round, q, begin, n, got, want)
		}
	}
}

// TestACallThatDoesNotEndIsToldAfterAMinute, and once more when it has ended after all.
func TestACallThatDoesNotEndIsToldAfterAMinute(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "graphwarden.db"))
	write(t, s, graphwarden.Entry{Kind: graphwarden.Decided, Call: "before", At: began(), Allowed: true})
	tail, err := ledger.Follow(t.Context(), s, map[string]string{"id-ada": "ada@contoso.com"}, ledger.Query{Mailbox: "ADA@contoso.com"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	next := func(after time.Duration, want ...string) {
		t.Helper()
		news, err := tail.Next(t.Context(), began().Add(after))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range news {
			got = append(got, fmt.Sprint(r.Call, " ", r.Outcome))
		}
		if !slices.Equal(got, want) {
			t.Errorf("after %s came %q, want %q", after, got, want)
		}
	}
	write(t, s, graphwarden.Entry{Kind: graphwarden.Decided, Call: "slow", At: began(), Allowed: true, Mailbox: "id-ada"},
		graphwarden.Entry{Kind: graphwarden.Decided, Call: "bob's", At: began(), Mailbox: "id-bob"},
		graphwarden.Entry{Kind: graphwarden.Decided, Call: "no", At: began(), Mailbox: "id-ada"})
	next(59*time.Second, "no refused")
	next(time.Minute, "slow unknown")
	next(time.Hour)
	write(t, s, graphwarden.Entry{Kind: graphwarden.Closed, Call: "slow", At: began().Add(time.Hour), Status: 200, Note: graphwarden.Ending("7d1c-0", "")})
	next(2*time.Hour, "slow answered")
	if tail.After() != 5 || len(tail.Rest()) != 0 {
		t.Errorf("it has read %d, and %v is left", tail.After(), tail.Rest())
	}
}

// TestATailBeginsWithCallsUnderWay that one shows which is told the last ones.
func TestATailBeginsWithCallsUnderWay(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "graphwarden.db"))
	write(t, s, graphwarden.Entry{Kind: graphwarden.Decided, Call: "a", Allowed: true}, graphwarden.Entry{Kind: graphwarden.Decided, Call: "b", Allowed: true})
	last, tail, err := ledger.FollowLast(t.Context(), s, nil, ledger.Query{}, 1)
	if err != nil || len(last) != 0 {
		t.Fatalf("%v, %v", last, err)
	}
	write(t, s, graphwarden.Entry{Kind: graphwarden.Closed, Call: "a", Allowed: true, Status: 404})
	news, err := tail.Next(t.Context(), time.Time{})
	if rest := tail.Rest(); err != nil || len(news) != 1 || news[0].Call != "a" || news[0].Outcome != ledger.Failed || len(rest) != 1 || rest[0].Call != "b" {
		t.Errorf("%v, %v, then %v", news, err, rest)
	}
}

// TestWhatAnotherProcessRecordsIsFollowed on PostgreSQL.
func TestWhatAnotherProcessRecordsIsFollowed(t *testing.T) {
	url := pg.New(t)
	writes, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = writes.Close() })
	reads, err := store.OpenBeside(t.Context(), store.Options{URL: url}, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reads.Close() })
	write(t, writes, graphwarden.Entry{Kind: graphwarden.Acted, Path: "apply", Allowed: true})
	last, tail, err := ledger.FollowLast(t.Context(), reads, nil, ledger.Query{}, 20)
	if err != nil || len(last) != 1 {
		t.Fatalf("%v, %v", last, err)
	}
	for range 3 {
		write(t, writes, graphwarden.Entry{Kind: graphwarden.Acted, Path: "apply", Allowed: true})
		if news, err := tail.Next(t.Context(), time.Time{}); err != nil || len(news) != 1 {
			t.Errorf("%v, %v", news, err)
		}
	}
}

// TestACallIsFoundByTheIDThatMicrosoftGaveIt, and by the one that it was sent.
func TestACallIsFoundByTheIDThatMicrosoftGaveIt(t *testing.T) {
	t.Parallel()
	s := openStore(t, filepath.Join(t.TempDir(), "graphwarden.db"))
	for i := range 20 {
		call, request := fmt.Sprint("call-", i), fmt.Sprint("7D1C-", i)
		write(t, s, graphwarden.Entry{Kind: graphwarden.Decided, Call: call, Allowed: true},
			graphwarden.Entry{Kind: graphwarden.Closed, Call: call, Allowed: true, Status: 503, Note: graphwarden.Ending(request, "The answer broke off.")})
	}
	for q, want := range map[ledger.Query]string{{Request: "7d1c-3"}: "call-3", {Call: "call-7"}: "call-7", {Request: "7d1c"}: "", {Request: "7d1c-3", Outcome: ledger.Answered}: ""} {
		found, more, err := ledger.Search(t.Context(), s, nil, q, 1)
		switch {
		case err != nil || more:
			t.Errorf("%+v: more %v, %v", q, more, err)
		case want == "" && len(found) == 0:
		case len(found) != 1 || found[0].Call != want || found[0].Closed.Request != "7D1C-"+want[5:] || found[0].Closed.Note != "The answer broke off.":
			t.Errorf("%+v: found %+v, want %s", q, found, want)
		}
	}
}

// write appends entries in one transaction.
func write(t *testing.T, s *store.Store, entries ...graphwarden.Entry) {
	t.Helper()
	l := ledger.New(s)
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
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
}
