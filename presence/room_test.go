package presence_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/presence"
)

func stream(t *testing.T, o *office, after string, named ...string) *presence.Stream {
	t.Helper()
	s, err := o.board.Stream(t.Context(), []string{"board", "office"}, named, after)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMeetingsBeginAndEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice, meeting("a", 10, 20), meeting("b", 20, 30))
		o.read(rig.Bob)
		defer o.start()()
		synctest.Wait()
		s := stream(t, o, "")
		want(t, "at first", heard(t, s), "alice available for 10, then busy; bob available")
		time.Sleep(10*time.Minute + time.Millisecond)
		synctest.Wait()
		want(t, "as the meeting begins", heard(t, s), "alice busy for 20, then available")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		want(t, "back to back nothing is told", heard(t, s), "")
		want(t, "asked then", o.people(), "alice busy for 10, then available; bob available")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		want(t, "as it ends", heard(t, s), "alice available")
	})
}

func TestAChangeIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice)
		o.read(rig.Bob)
		defer o.start()()
		synctest.Wait()
		s := stream(t, o, "")
		want(t, "at first", heard(t, s), "alice available; bob available")
		began := time.Now()
		o.read(rig.Bob, meeting("b", -5, 25))
		synctest.Wait()
		want(t, "a meeting is made", heard(t, s), "bob busy for 25, then available")
		o.read(rig.Bob, meeting("b", -5, 15))
		synctest.Wait()
		want(t, "it is made shorter", heard(t, s), "bob busy for 15, then available")
		o.read(rig.Bob, gone("b"))
		synctest.Wait()
		want(t, "it is deleted", heard(t, s), "bob available")
		o.read(rig.Bob, meeting("c", -5, 25, `"showAs":"free"`))
		synctest.Wait()
		want(t, "a change that makes no difference", heard(t, s), "")
		if d := time.Since(began); d != 0 {
			t.Errorf("that took %s", d)
		}
	})
}

func TestOfAPrivateMeetingOnlyTheTimeIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t, func(o *office) { o.plan.Subjects = true })
		o.read(rig.Alice, meeting("open", -5, 5), meeting("secret", 5, 15, `"sensitivity":"private"`), meeting("later", 30, 40, `"sensitivity":"confidential"`))
		o.read(rig.Bob, meeting("x", -5, 5, `"sensitivity":"private"`), meeting("y", -5, 5))
		defer o.start()()
		synctest.Wait()
		all := func() string {
			var out strings.Builder
			for _, i := range stream(t, o, "").Next() {
				out.Write(i.Body)
			}
			return out.String()
		}
		if text := all(); !strings.Contains(text, "About open") || strings.Contains(text, "secret") || strings.Contains(text, "About x") || strings.Contains(text, "About y") {
			t.Errorf("told %s", text)
		}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if text := all(); strings.Contains(text, "About") || !strings.Contains(text, `"class":"private"`) {
			t.Errorf("then told %s", text)
		}
		want(t, "asked then", o.people("alice@contoso.com"), "alice busy (private) for 9, then available")
	})
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice, meeting("open", -5, 5))
		defer o.start()()
		synctest.Wait()
		if text := string(stream(t, o, "", rig.Alice).Next()[0].Body); strings.Contains(text, "About") {
			t.Errorf("a flow without subjects told %s", text)
		}
	})
}

func TestWhatNobodyKnowsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice, meeting("a", -5, 5))
		o.update(func(ctx context.Context, tx graphwarden.Tx) error {
			return o.Store.SkipMailbox(ctx, tx, graphwarden.Skipped{Flow: "board", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: rig.Bob, UPN: "bob@contoso.com"}, Code: "graph.mailbox_not_enabled", Say: "It has no mailbox."})
		})
		defer o.start()()
		synctest.Wait()
		list, err := o.board.People(t.Context(), []string{"board", "office"}, nil)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		a, b := list[0], list[1]
		if a.State != presence.Busy || a.Source != presence.FromCalendar || a.Permission != "Calendars.Read" || a.Next.Permission != "Calendars.Read" {
			t.Errorf("alice is %+v", a)
		}
		for _, k := range []presence.Known{a.Desk, a.Call, a.AutomaticReplies} {
			if k.Is != "unknown" || k.Source != "" || k.Permission != "" {
				t.Errorf("a calendar knows %+v", k)
			}
		}
		if b.State != presence.Unknown || b.Source != "" || b.Reason == nil || b.Reason.Code != "graph.mailbox_not_enabled" || !b.AsOf.IsZero() {
			t.Errorf("bob is %+v", b)
		}
	})
}

func TestACalendarThatIsNotReadAnyMoreIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice, meeting("a", -5, 300))
		o.read(rig.Bob)
		defer o.start()()
		synctest.Wait()
		s := stream(t, o, "")
		heard(t, s)
		time.Sleep(20 * time.Minute)
		o.read(rig.Bob)
		time.Sleep(12 * time.Minute)
		synctest.Wait()
		want(t, "after 32 minutes", heard(t, s), "alice busy for 268, then available, stale")
		o.read(rig.Alice)
		time.Sleep(time.Minute)
		synctest.Wait()
		want(t, "read again", heard(t, s), "alice busy for 267, then available")
		list, _ := o.board.People(t.Context(), []string{"board", "office"}, []string{"alice@contoso.com"})
		if got := time.Since(list[0].AsOf); got != time.Minute {
			t.Errorf("as of %s ago", got)
		}
	})
}

func TestAClientThatComesBackIsToldWhatItMissedAndNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice)
		o.read(rig.Bob)
		stop := o.start()
		synctest.Wait()
		s := stream(t, o, "")
		first := s.Next()
		if len(first) != 2 {
			t.Fatal(first)
		}
		want(t, "cut within the first states", heard(t, stream(t, o, first[0].ID)), "bob available")
		at := s.At()
		want(t, "cut when all was told", heard(t, stream(t, o, at)), "")
		o.read(rig.Alice, meeting("a", -5, 5))
		synctest.Wait()
		o.read(rig.Alice, meeting("a", -5, 50))
		synctest.Wait()
		o.read(rig.Bob, meeting("b", -5, 5))
		synctest.Wait()
		want(t, "cut and back: the last state of each, once", heard(t, stream(t, o, at)), "alice busy for 50, then available; bob busy for 5, then available")
		want(t, "who stayed is told the same", heard(t, s), "alice busy for 50, then available; bob busy for 5, then available")
		at = s.At()
		stop()
		o.read(rig.Bob, gone("b"))
		stop = o.start() // another process, or this one after a kill
		defer func() { stop() }()
		synctest.Wait()
		want(t, "back after a restart", heard(t, stream(t, o, at)), "bob available")
		for _, id := range []string{"", "nonsense", "other.1", o.Store.Origin() + ".999999", o.Store.Origin() + ".-1"} {
			want(t, "an id that says nothing: "+id, heard(t, stream(t, o, id)), "alice busy for 50, then available; bob available")
		}
	})
}

func TestARestartTellsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice, meeting("a", -5, 50))
		o.read(rig.Bob)
		o.start()()
		stop := o.start()
		synctest.Wait()
		stop()
		before, _ := o.Store.PresenceAfter(t.Context(), 0, 10)
		defer o.start()()
		synctest.Wait()
		after, _ := o.Store.PresenceAfter(t.Context(), 0, 10)
		if len(before) != 2 || !slices.EqualFunc(before, after, func(a, b graphwarden.Told) bool { return a.Seq == b.Seq }) {
			t.Errorf("told %+v, and then %+v", before, after)
		}
	})
}

func TestWhoLeavesTheFlowIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice)
		o.read(rig.Bob)
		stop := o.start()
		synctest.Wait()
		s := stream(t, o, "")
		heard(t, s)
		both := o.flows[0].Mailboxes
		change := func(m graphwarden.MailboxScope) {
			o.mu.Lock()
			o.flows[0].Mailboxes = m
			o.mu.Unlock()
			o.board.Rostered()
			o.room.Rostered()
			synctest.Wait()
		}
		change(both[:1])
		want(t, "left", heard(t, s), "bob gone")
		want(t, "asked", o.people(), "alice available")
		want(t, "a new client", heard(t, stream(t, o, "")), "alice available")
		if _, err := o.board.People(t.Context(), []string{"board", "office"}, []string{"bob@contoso.com"}); err == nil {
			t.Error("who has left may still be asked for")
		}
		change(both)
		want(t, "back", heard(t, s), "bob available")
		at := s.At()
		stop()
		o.flows[0].Mailboxes = both[1:]
		defer o.start()()
		synctest.Wait()
		want(t, "left while nothing ran", heard(t, stream(t, o, at)), "alice gone")
	})
}

func TestAnAppSeesItsOwnFlowsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		o.read(rig.Alice)
		defer o.start()()
		synctest.Wait()
		for flows, named := range map[string][]string{"office": nil, "": nil, "board": {"carol@contoso.com"}} {
			if list, err := o.board.People(t.Context(), []string{flows}, named); err == nil {
				t.Errorf("with %q %q was asked for and got %+v", flows, named, list)
			}
		}
		want(t, "by name in any case, and by id", o.people("ALICE@contoso.com", rig.Bob), "alice available; bob unknown")
		want(t, "by id", o.people(rig.Alice), "alice available")
	})
}

// TestWhereNoFlowTellsNobodyWaits: a board without a presence flow reads nothing, and
// says so at once.
func TestWhereNoFlowTellsNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		board := presence.NewBoard(presence.BoardConfig{Roster: o, Book: o.Store, Calendars: o.Store, Log: rig.Log(), Now: time.Now, Origin: o.Store.Origin()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if err := board.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		_, ofPeople := board.People(ctx, []string{"office"}, nil)
		_, ofStream := board.Stream(ctx, []string{"office"}, nil, "")
		for what, err := range map[string]error{"people": ofPeople, "stream": ofStream} {
			var r *graphwarden.Refusal
			if !errors.As(err, &r) || r.Code != "presence.no_flow" {
				t.Errorf("%s: %v", what, err)
			}
		}
		cancel()
		all.Wait()
	})
}
