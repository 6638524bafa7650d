package presence_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/presence"
	"github.com/graphwarden/graphwarden/store"
)

// TestEveryProcessShowsWhatOneTells has two processes on a PostgreSQL server: one
// tells, and the clients of the other hear of it; then another one tells, and goes
// on where the first stopped.
func TestEveryProcessShowsWhatOneTells(t *testing.T) {
	pg.Need(t)
	url := pg.NewSchema(t)
	o := setUp(t, func(o *office) { o.Store = member(t, url) })
	other := member(t, url)
	o.read(rig.Alice)
	o.read(rig.Bob)
	stop := o.start()
	board := presence.NewBoard(presence.BoardConfig{Roster: o, Book: other, Calendars: other, Flows: []string{"board"}, Promise: time.Hour,
		Log: rig.Log(), Now: time.Now, Origin: other.Origin()})
	ctx, end := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer end()
	all.Go(func() { _ = board.Run(ctx) })
	all.Go(func() {
		_ = other.Woken(ctx, func(what string) {
			if what == store.TouchedPresence {
				board.Wake()
			}
		})
	})
	s, err := board.Stream(t.Context(), []string{"board"}, []string{rig.Alice}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	await := func(what string) {
		t.Helper()
		for late := time.After(2 * time.Minute); ; {
			news := s.News()
			if got := heard(t, s); got == what {
				return
			}
			select {
			case <-news:
			case <-late:
				t.Fatalf("the other process never said %q", what)
			}
		}
	}
	await("alice available")
	o.read(rig.Alice, meeting("a", -5, 25))
	await("alice busy for 25, then available")
	at := s.At()
	stop()
	o.Store = other // the duty has gone to the other process
	o.read(rig.Alice, gone("a"))
	defer o.start()()
	await("alice available")
	back, err := o.board.Stream(t.Context(), []string{"board"}, []string{rig.Alice}, at)
	if err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(2 * time.Minute); heard(t, back) != "alice available"; {
		if time.Now().After(late) {
			t.Fatal("a client that changed processes was not told what it missed")
		}
		<-time.After(50 * time.Millisecond)
	}
}

// member is a process's own way to the database.
func member(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(context.WithoutCancel(t.Context()), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
