//go:build unix

package bench_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/mirror"
	"github.com/graphwarden/graphwarden/outbound"
)

// gateway is Graphwarden's way from Graph to the disk, wired as the product
// wires it: the real client, policy, budget, ledger, mirror and store.
type gateway struct {
	*rig.Rig
	server *server
	mirror *mirror.Mirror
	feed   graphwarden.Feed
}

// sleeping says that no subscription wakes a feed.
type sleeping struct{}

func (sleeping) Awake(string, string) bool { return false }

func newGateway(tb testing.TB, s *server) program {
	tb.Helper()
	g := &gateway{Rig: rig.New(tb, faulty.NewPlan(tb)), server: s}
	address, err := url.Parse(s.URL)
	if err != nil {
		tb.Fatal(err)
	}
	client, err := outbound.New(outbound.Options{Admit: []string{address.Host}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	g.Tenant.Cloud.Graph = s.URL
	g.Gate = gate.New(g.Config(tb, client)).With(rig.Lender{})
	g.mirror = mirror.New(mirror.Config{
		Source: graph.New(g.Gate), Wakers: sleeping{}, Store: g.Store, Feeds: g.Store, Rounds: g.Store,
		Log: rig.Log(), Now: time.Now, Random: rand.New(rand.NewPCG(1, 2)), Holder: "bench", Readers: 1,
		Swept: time.Hour, Woken: time.Hour, Changed: func() {},
	})
	err = g.Store.Update(tb.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := g.Store.EnsureFeed(ctx, tx, graphwarden.Feed{
			Flow: g.Flow.Name, Tenant: g.Tenant.Name, Mailbox: g.Flow.Mailboxes[0], Resource: calendar, Title: "Work",
			Window: graphwarden.Window{Start: tx.Now(), End: tx.Now().Add(24 * time.Hour)},
		})
		if err != nil {
			return err
		}
		g.feed, _, err = g.Store.LeaseDueFeed(ctx, tx, "bench", time.Minute)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

func (g *gateway) run(ctx context.Context) error { return g.mirror.CatchUp(ctx, g.Flow, &g.feed) }

// count gives how many events were stored, once it has found each page's
// decision and end in the ledger.
func (g *gateway) count(ctx context.Context) (int, error) {
	entries := 0
	err := g.Store.EntriesAfter(ctx, 0, 2*g.server.pages+1, func(graphwarden.Entry, [32]byte) error {
		entries++
		return nil
	})
	if err != nil {
		return 0, err
	}
	if want := 2 * g.server.pages; entries != want {
		return 0, fmt.Errorf("the ledger has %d entries, want %d", entries, want)
	}
	stored := 0
	for {
		changes, err := g.Store.ChangesAfter(ctx, g.Flow.Name, int64(stored), 1000)
		if err != nil || len(changes) == 0 {
			return stored, err
		}
		stored += len(changes)
	}
}

func (g *gateway) close() error { return g.Store.Close() }
