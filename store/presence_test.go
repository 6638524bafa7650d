package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestOfEachPersonTheLastStateIsTold(t *testing.T) {
	h := open(t)
	put := func(list ...graphwarden.Told) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutPresence(ctx, tx, list) })
	}
	says := func(who, state string) graphwarden.Told {
		return graphwarden.Told{Flow: "board", Mailbox: graphwarden.Mailbox{ID: "id-" + who, UPN: who}, Body: json.RawMessage(`"` + state + `"`)}
	}
	after := func(seq int64, limit int) (list []string) {
		told, err := h.PresenceAfter(t.Context(), seq, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range told {
			list = append(list, fmt.Sprintf("%d %s %s %t", p.Seq, p.Mailbox.UPN, p.Body, p.Gone))
		}
		return list
	}
	put()
	put(says("ada", "busy"), says("bob", "available"))
	h.clock.Advance(time.Minute)
	put(says("ada", "available"))
	put(graphwarden.Told{Flow: "board", Mailbox: graphwarden.Mailbox{ID: "id-bob", UPN: "bob"}, Gone: true})
	for _, test := range []struct {
		after int64
		limit int
		want  []string
	}{
		{0, 10, []string{`3 ada "available" false`, `4 bob  true`}},
		{0, 1, []string{`3 ada "available" false`}},
		{3, 10, []string{`4 bob  true`}},
		{4, 10, nil},
	} {
		if got := after(test.after, test.limit); !slices.Equal(got, test.want) {
			t.Errorf("after %d: %q, want %q", test.after, got, test.want)
		}
	}
	if told, _ := h.PresenceAfter(t.Context(), 2, 1); !told[0].At.Equal(h.clock.now) {
		t.Errorf("told at %s", told[0].At)
	}
	if many := make([]graphwarden.Told, 1500); true {
		for i := range many {
			many[i] = says(fmt.Sprint("p", i), "busy")
		}
		put(many...)
	}
	if got := after(1503, 10); !slices.Equal(got, []string{`1504 p1499 "busy" false`}) {
		t.Errorf("of many: %q", got)
	}
}

func TestTheItemsOfAFlowAreReadAsTheyAre(t *testing.T) {
	h := open(t)
	feed := h.ensure(t, calendar("a"))
	held := h.lease(t, "reader")
	h.apply(t, &held, "next", event("one", "old"), event("two", "two"))
	h.apply(t, &held, "next2", event("one", "new"))
	h.finish(t, held, nil)
	read := func(flow, mailbox string) (list []string) {
		err := h.FeedItems(t.Context(), flow, mailbox, func(feed int64, owner, item string, body json.RawMessage) error {
			list = append(list, fmt.Sprint(feed, owner, item, string(body)))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return list
	}
	want := []string{fmt.Sprint(feed.ID, "id-ada", "one", `{"id":"one","subject":"new"}`), fmt.Sprint(feed.ID, "id-ada", "two", `{"id":"two","subject":"two"}`)}
	for _, mailbox := range []string{"", "id-ada"} {
		if got := read(feed.Flow, mailbox); !slices.Equal(got, want) {
			t.Errorf("of %q: %q", mailbox, got)
		}
	}
	if got := read(feed.Flow, "id-eve"); got != nil {
		t.Errorf("of nobody: %q", got)
	}
	sights, err := h.FeedSights(t.Context(), feed.Flow)
	if err != nil || len(sights) != 1 || sights[0].Feed != feed.ID || sights[0].Mailbox.ID != "id-ada" || !sights[0].ReadAt.Equal(h.clock.now) || sights[0].Code != "" {
		t.Errorf("the feed is seen as %+v, %v", sights, err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.TroubleFeed(ctx, tx, feed.ID, "x.code", "It is ill.")
	})
	if sights, _ = h.FeedSights(t.Context(), feed.Flow); sights[0].Code != "x.code" || sights[0].Say != "It is ill." {
		t.Errorf("its trouble is seen as %+v", sights)
	}
}
