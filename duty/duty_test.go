package duty_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/duty"
	"github.com/graphwarden/graphwarden/store"
)

// settable is a store whose leases can be made to fail.
type settable struct {
	*store.Store
	broken atomic.Bool
}

func (s *settable) Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error) {
	if s.broken.Load() {
		return false, errors.New("cut")
	}
	return s.Store.Hold(ctx, tx, name, holder, span)
}

func openStore(t *testing.T) *settable {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &settable{Store: s}
}

func of(s duty.Store, holder string) duty.Duty {
	return duty.Duty{Store: s, Name: "keeper", Holder: holder, Log: slog.New(slog.DiscardHandler), Span: 300 * time.Millisecond}
}

func TestOneProcessWorksAndTheNextFollowsWhenItEnds(t *testing.T) {
	s := openStore(t)
	begun, second := make(chan struct{}), make(chan struct{})
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() {
		ended <- of(s, "one").Run(ctx, func(ctx context.Context) error { close(begun); <-ctx.Done(); return nil })
	}()
	<-begun
	var held bool
	err := s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
		held, err = s.Hold(ctx, tx, "keeper", "two", time.Second)
		return err
	})
	if err != nil || held {
		t.Fatalf("a second process got the duty: %v, %v", held, err)
	}
	end()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	go func() {
		ended <- of(s, "two").Run(t.Context(), func(context.Context) error { close(second); return nil })
	}()
	<-second
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// TestTheNextFollowsAtOnceWhenADeadProcessIsFreed has one die with a lease that
// lasts an hour; the moments between which the next looks by itself are 20 minutes
// apart.
func TestTheNextFollowsAtOnceWhenADeadProcessIsFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t)
		update := func(do func(ctx context.Context, tx graphwarden.Tx) error) {
			t.Helper()
			if err := s.Update(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		update(func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := s.Hold(ctx, tx, "keeper", "dead", time.Hour)
			return err
		})
		begun := make(chan time.Time, 1)
		var all sync.WaitGroup
		all.Go(func() {
			d := of(s, "two")
			d.Span = time.Hour
			_ = d.Run(t.Context(), func(context.Context) error { begun <- time.Now(); return nil })
		})
		time.Sleep(time.Minute)
		synctest.Wait()
		died := time.Now()
		update(func(ctx context.Context, tx graphwarden.Tx) error { return s.Free(ctx, tx, "dead") })
		if took := (<-begun).Sub(died); took > time.Second {
			t.Errorf("it took %s", took)
		}
		all.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestManyDutiesAreRenewedTogether counts the commits of a minute in which one
// process has 300 duties that it took one after the other, and nothing else.
func TestManyDutiesAreRenewedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var commits atomic.Int64
		s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"),
			Step: func(_ string, act func() error) error { commits.Add(1); return act() }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var working atomic.Int64
		for i := range 300 {
			d := duty.Duty{Store: s, Name: fmt.Sprint("sink/", i), Holder: "one", Log: slog.New(slog.DiscardHandler)}
			time.Sleep(17 * time.Millisecond)
			all.Go(func() {
				_ = d.Run(ctx, func(ctx context.Context) error { working.Add(1); defer working.Add(-1); <-ctx.Done(); return nil })
			})
		}
		synctest.Wait()
		before := commits.Load()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := commits.Load() - before; n > 60 || n < 12 {
			t.Errorf("%d commits in a minute", n)
		} else {
			t.Logf("%d commits in a minute, for 300 duties", n)
		}
		if n := working.Load(); n != 300 {
			t.Errorf("%d duties are done", n)
		}
		end()
		all.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWorkStopsWhenTheLeaseCannotBeKept(t *testing.T) {
	s := openStore(t)
	begun, stopped := make(chan struct{}, 2), make(chan struct{}, 2)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ended := make(chan error, 1)
	go func() {
		ended <- of(s, "one").Run(ctx, func(ctx context.Context) error {
			begun <- struct{}{}
			<-ctx.Done()
			stopped <- struct{}{}
			return nil
		})
	}()
	<-begun
	s.broken.Store(true)
	<-stopped
	s.broken.Store(false)
	<-begun // and begins again once the database answers
	end()
	<-stopped
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
