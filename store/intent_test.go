package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// write is an intent of an app with a key.
func write(h house, key string) graphwarden.Intent {
	return graphwarden.Intent{ID: "wrt_" + key, App: "crm", Key: key, Hash: [32]byte{1, 2}, Flow: "office-calendars", Tenant: "contoso",
		Mailbox: graphwarden.Mailbox{ID: "id-ada", UPN: "ada@contoso.example"}, Kind: graphwarden.UpdateEvent, Item: "event-1", Reference: "deal-17",
		Mark: "mark-" + key, Request: json.RawMessage(`{"subject":"x"}`), Version: `W/"1"`, Before: json.RawMessage(`{"etag":"1"}`),
		Attempts: 1, Holder: "one", DueAt: h.clock.now.Add(time.Minute)}
}

// put keeps an intent.
func (h house) put(t *testing.T, in graphwarden.Intent) (kept graphwarden.Intent, fresh bool) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		kept, fresh, err = h.PutIntent(ctx, tx, in)
		return err
	})
	return kept, fresh
}

// leaseIntents takes what is due, and gives the ids.
func (h house) leaseIntents(t *testing.T, holder string) (list []graphwarden.Intent) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		list, err = h.LeaseIntents(ctx, tx, holder, time.Minute, 10)
		return err
	})
	return list
}

func (h house) endIntent(t *testing.T, in graphwarden.Intent, loser *graphwarden.Loser) (first bool) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		first, err = h.EndIntent(ctx, tx, in, loser)
		return err
	})
	return first
}

func TestAnIntentIsKeptOnceForAKeyOfAnApp(t *testing.T) {
	h := open(t)
	first, fresh := h.put(t, write(h, "k"))
	if !fresh || first.Seq == 0 || first.Outcome.State != graphwarden.IntentOpen || !first.MadeAt.Equal(h.clock.now) {
		t.Fatalf("kept %+v, %t", first, fresh)
	}
	if there, _, err := h.Intent(t.Context(), first.ID); err != nil || !reflect.DeepEqual(there, first) {
		t.Errorf("given as %+v, kept as %+v, %v", first, there, err)
	}
	other := write(h, "k")
	other.ID, other.Hash = "wrt_other", [32]byte{9}
	if again, fresh := h.put(t, other); fresh || again.ID != first.ID || again.Hash != first.Hash {
		t.Errorf("kept again %+v, %t", again, fresh)
	}
	other.App = "desk"
	if _, fresh := h.put(t, other); !fresh {
		t.Error("another app cannot use the key")
	}
	for _, look := range []func() (graphwarden.Intent, bool, error){
		func() (graphwarden.Intent, bool, error) { return h.IntentByKey(t.Context(), "crm", "k") },
		func() (graphwarden.Intent, bool, error) { return h.Intent(t.Context(), "wrt_k") },
	} {
		in, found, err := look()
		if err != nil || !found || in.Mark != "mark-k" || string(in.Request) != `{"subject":"x"}` || in.Version != `W/"1"` ||
			in.Mailbox.UPN != "ada@contoso.example" || in.Reference != "deal-17" || string(in.Before) != `{"etag":"1"}` || in.Holder != "one" {
			t.Errorf("found %+v, %t, %v", in, found, err)
		}
	}
	if _, found, err := h.Intent(t.Context(), "wrt_none"); err != nil || found {
		t.Errorf("found what is not there: %v", err)
	}
}

func TestWritesOfAnItemAreLeasedInOrder(t *testing.T) {
	h := open(t)
	for _, key := range []string{"a", "b"} {
		h.put(t, write(h, key))
	}
	fresh := write(h, "c")
	fresh.Item, fresh.Kind = "", graphwarden.CreateEvent
	h.put(t, fresh)
	if got := h.leaseIntents(t, "two"); len(got) != 0 {
		t.Fatalf("leased %d that are held", len(got))
	}
	var behind []bool
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, id := range []string{"wrt_a", "wrt_b", "wrt_c"} {
			b, err := h.Behind(ctx, tx, id)
			if err != nil {
				return err
			}
			behind = append(behind, b)
		}
		return nil
	})
	if fmt.Sprint(behind) != "[false true false]" {
		t.Errorf("behind: %v", behind)
	}
	h.clock.Advance(2 * time.Minute)
	got := h.leaseIntents(t, "two")
	if len(got) != 2 || got[0].ID != "wrt_a" || got[1].ID != "wrt_c" || got[0].Attempts != 2 || got[0].Holder != "two" {
		t.Fatalf("leased %+v", got)
	}
	got[0].Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, ETag: `W/"2"`, Result: json.RawMessage(`{"id":"event-1"}`)}
	if !h.endIntent(t, got[0], nil) || h.endIntent(t, got[0], nil) {
		t.Error("an outcome is kept once")
	}
	if next := h.leaseIntents(t, "two"); len(next) != 1 || next[0].ID != "wrt_b" {
		t.Errorf("leased %+v once the first has an outcome", next)
	}
	in := got[1]
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		in.Version, in.Before = `W/"9"`, json.RawMessage(`{"etag":"9"}`)
		if err := h.AmendIntent(ctx, tx, in); err != nil {
			return err
		}
		return h.DeferIntent(ctx, tx, in, h.clock.now.Add(time.Hour))
	})
	kept, _, err := h.Intent(t.Context(), in.ID)
	due, ok, err2 := h.NextIntent(t.Context())
	if err != nil || err2 != nil || kept.Version != `W/"9"` || kept.Holder != "" || !kept.DueAt.Equal(h.clock.now.Add(time.Hour)) || !ok || due.After(kept.DueAt) {
		t.Errorf("put off %+v, next %v, %v, %v", kept, due, err, err2)
	}
}

func TestWhatCameOfAWriteIsKeptAndForgotten(t *testing.T) {
	h := open(t)
	in, _ := h.put(t, write(h, "k"))
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentRefused,
		Refusal: &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "act.conflict", Say: "no", Do: "read"}}
	h.endIntent(t, in, &graphwarden.Loser{Side: "app", ETag: `W/"2"`, Body: json.RawMessage(`{"subject":"x"}`)})
	unsure, _ := h.put(t, write(h, "u"))
	unsure.Outcome = graphwarden.Outcome{State: graphwarden.IntentUncertain}
	h.endIntent(t, unsure, nil)
	kept, _, err := h.Intent(t.Context(), in.ID)
	if err != nil || kept.Outcome.State != graphwarden.IntentRefused || kept.Outcome.Refusal == nil || kept.Outcome.Refusal.Kind != graphwarden.Conflict ||
		kept.Outcome.Refusal.Do != "read" || !kept.Outcome.EndedAt.Equal(h.clock.now) {
		t.Errorf("kept %+v, %v", kept.Outcome, err)
	}
	loser, found, err := h.LoserOf(t.Context(), in.ID)
	list, err2 := h.Losers(t.Context(), "crm", 0, 10)
	if err != nil || err2 != nil || !found || loser.Side != "app" || string(loser.Body) != `{"subject":"x"}` || len(list) != 1 || loser.Mailbox.ID != "id-ada" {
		t.Errorf("lost %+v, %v, %v, %v", loser, list, err, err2)
	}
	for state, want := range map[graphwarden.IntentState]int{"": 2, graphwarden.IntentUncertain: 1, graphwarden.IntentOpen: 0} {
		if list, err := h.Intents(t.Context(), state, "", 0, 10); err != nil || len(list) != want {
			t.Errorf("%q: %d writes, %v", state, len(list), err)
		}
	}
	if list, err := h.Intents(t.Context(), "", "crm", unsure.Seq, 10); err != nil || len(list) != 1 || list[0].ID != in.ID {
		t.Errorf("before %d: %+v, %v", unsure.Seq, list, err)
	}
	h.clock.Advance(48 * time.Hour)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.ForgetIntents(ctx, tx, h.clock.now.Add(-24*time.Hour), h.clock.now.Add(-72*time.Hour), 10)
		return err
	})
	if list, err := h.Intents(t.Context(), "", "", 0, 10); err != nil || len(list) != 1 || list[0].ID != unsure.ID {
		t.Errorf("%+v is left, %v", list, err)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.ForgetIntents(ctx, tx, h.clock.now, h.clock.now, 10)
		return err
	})
	if _, found, err := h.LoserOf(t.Context(), in.ID); err != nil || found {
		t.Errorf("the version that lost is still there: %v", err)
	}
}

// TestTheOriginOfAChangeIsKnown puts down writes, and asks of changes whose they are.
func TestTheOriginOfAChangeIsKnown(t *testing.T) {
	h := open(t)
	create := write(h, "c")
	create.Kind, create.Item = graphwarden.CreateEvent, ""
	made, _ := h.put(t, create)
	change := func(kind graphwarden.ChangeKind, item, etag, mark, series string) graphwarden.Origin {
		t.Helper()
		body := json.RawMessage(fmt.Sprintf(`{"@odata.etag":%q,"transactionId":%q,"seriesMasterId":%q}`, etag, mark, series))
		if kind == graphwarden.Deleted {
			body = nil
		}
		list, err := h.Origins(t.Context(), "office-calendars", []graphwarden.Delivery{{Mailbox: made.Mailbox, Change: graphwarden.Change{Item: item, Kind: kind, Body: body}}})
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	for situation, got := range map[string][2]graphwarden.Origin{
		"made, and not answered yet": {change(graphwarden.Created, "event-9", `W/"1"`, "mark-c", ""), {Reference: "deal-17", Pending: true}},
		"of somebody else":           {change(graphwarden.Created, "event-2", `W/"1"`, "", ""), {}},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %+v, want %+v", situation, got[0], got[1])
		}
	}
	made.Item, made.Outcome = "event-9", graphwarden.Outcome{State: graphwarden.IntentDone, ETag: `W/"1"`}
	h.endIntent(t, made, nil)
	update := write(h, "u")
	update.Item = "event-9"
	changing, _ := h.put(t, update)
	pending := change(graphwarden.Updated, "event-9", `W/"2"`, "mark-c", "")
	changing.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, ETag: `W/"2"`}
	h.endIntent(t, changing, nil)
	remove := write(h, "d")
	remove.Item, remove.Kind = "event-9", graphwarden.DeleteEvent
	removing, _ := h.put(t, remove)
	removing.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
	h.endIntent(t, removing, nil)
	for situation, got := range map[string][2]graphwarden.Origin{
		"while it is changed":    {pending, {Reference: "deal-17", Pending: true}},
		"as it was changed":      {change(graphwarden.Updated, "event-9", `W/"2"`, "mark-c", ""), {Reference: "deal-17", Write: "wrt_u"}},
		"changed by others":      {change(graphwarden.Updated, "event-9", `W/"3"`, "mark-c", ""), {Reference: "deal-17"}},
		"an occurrence of it":    {change(graphwarden.Created, "event-9.1", `W/"3"`, "", "event-9"), {Reference: "deal-17"}},
		"a version of another's": {change(graphwarden.Updated, "event-3", `W/"2"`, "", ""), {}},
		"deleted":                {change(graphwarden.Deleted, "event-9", "", "", ""), {Reference: "deal-17", Write: "wrt_d"}},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %+v, want %+v", situation, got[0], got[1])
		}
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.LeaseIntents(ctx, tx, "here", time.Minute, 10)
		_, err2 := h.Behind(ctx, tx, "wrt_d")
		_, err3 := h.ForgetIntents(ctx, tx, h.clock.now, h.clock.now, 10)
		return errors.Join(err, err2, err3)
	})
	if onServer() {
		return
	}
	for _, name := range []string{"intents", "i", "o"} {
		for _, scan := range store.Scans(t, h.Store, name) {
			t.Error("all writes are gone through:", scan)
		}
	}
}
