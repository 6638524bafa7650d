package store_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestATokenIsReplacedOnlyByTheNextVersion(t *testing.T) {
	h := open(t)
	put := func(version int64, sealed string) error {
		return h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			return h.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: "contoso", Registration: "calendar", Version: version,
				Sealed: []byte(sealed), ExpiresAt: h.clock.now.Add(time.Hour)})
		})
	}
	if k, err := h.Token(t.Context(), "contoso", "calendar"); err != nil || k.Sealed != nil || k.Version != 0 || !k.ExpiresAt.IsZero() {
		t.Errorf("nothing stored: %+v %v", k, err)
	}
	for _, step := range []struct {
		version int64
		good    bool
	}{{2, false}, {1, true}, {1, false}, {3, false}, {2, true}} {
		err := put(step.version, "sealed")
		if (err == nil) != step.good {
			t.Errorf("version %d: %v", step.version, err)
		}
		if err != nil && refusal(t, err, graphwarden.Conflict) != "store.token_moved" {
			t.Errorf("version %d: %v", step.version, err)
		}
	}
	k, err := h.Token(t.Context(), "contoso", "calendar")
	if err != nil || string(k.Sealed) != "sealed" || k.Version != 2 || !k.ExpiresAt.Equal(h.clock.now.Add(time.Hour)) {
		t.Errorf("stored: %+v %v", k, err)
	}
	if k, _ := h.Token(t.Context(), "fabrikam", "calendar"); k.Version != 0 {
		t.Error("another tenant has the token")
	}
	if n, err := h.SealedRows(t.Context()); err != nil || n != 1 {
		t.Errorf("%d sealed rows, %v", n, err)
	}
}

func TestANameStaysWithTheMailboxItWasPinnedTo(t *testing.T) {
	h := open(t)
	pin := func(upn, id string) error {
		return h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			return h.PinMailbox(ctx, tx, "contoso", graphwarden.Mailbox{ID: id, UPN: upn})
		})
	}
	if _, ok, err := h.Mailbox(t.Context(), "contoso", "ada@contoso.example"); ok || err != nil {
		t.Errorf("found before it was pinned (%v)", err)
	}
	for range 2 {
		if err := pin("Ada@contoso.example", "id-ada"); err != nil {
			t.Fatal(err)
		}
	}
	if code := refusal(t, pin("ada@CONTOSO.example", "id-eve"), graphwarden.Conflict); code != "store.mailbox_moved" {
		t.Errorf("refused with %s", code)
	}
	if m, ok, err := h.Mailbox(t.Context(), "contoso", "ADA@contoso.example"); !ok || err != nil || m.ID != "id-ada" {
		t.Errorf("pinned is %+v, %v, %v", m, ok, err)
	}
	if err := errors.Join(pin("zoe@contoso.example", "id-eve"), pin("eve@contoso.example", "id-eve")); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"id-ada": "ada@contoso.example", "id-eve": "eve@contoso.example"}
	if names, err := h.MailboxNames(t.Context()); err != nil || !maps.EqualFunc(names, want, strings.EqualFold) {
		t.Errorf("the names are %v, %v", names, err)
	}
}

func TestSubscriptionsAreFoundByIDFlowAndTime(t *testing.T) {
	h := open(t)
	sub := func(id, flow string, renew time.Duration) graphwarden.Subscription {
		return graphwarden.Subscription{
			ID: id, Flow: flow, Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: "id-ada", UPN: "ada@contoso.example"},
			Resource: "users/id-ada/events", ClientState: "state-" + id,
			ExpiresAt: h.clock.now.Add(2 * renew), RenewAt: h.clock.now.Add(renew),
		}
	}
	a, b, c := sub("a", "f", 3*time.Hour), sub("b", "f", time.Hour), sub("c", "g", 2*time.Hour)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, s := range []graphwarden.Subscription{a, b, c} {
			if err := h.PutSubscription(ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if got, ok, err := h.SubscriptionByID(t.Context(), "b"); err != nil || !ok || got != b {
		t.Errorf("b is %+v, %v, %v", got, ok, err)
	}
	if _, ok, err := h.SubscriptionByID(t.Context(), "z"); err != nil || ok {
		t.Errorf("z was found (%v)", err)
	}
	ids := func(list []graphwarden.Subscription, err error) (out string) {
		if err != nil {
			t.Error(err)
		}
		for _, s := range list {
			out += s.ID
		}
		return out
	}
	if got := ids(h.Subscriptions(t.Context(), "f")); got != "ab" {
		t.Errorf("flow f has %s", got)
	}
	if got := ids(h.Subscriptions(t.Context(), "")); got != "abc" {
		t.Errorf("all are %s", got)
	}
	if got := ids(h.DueSubscriptions(t.Context(), h.clock.now.Add(2*time.Hour), 10)); got != "bc" {
		t.Errorf("due are %s", got)
	}
	b.RenewAt = h.clock.now.Add(9 * time.Hour)
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := h.PutSubscription(ctx, tx, b); err != nil {
			return err
		}
		return h.DeleteSubscription(ctx, tx, "c")
	})
	if got := ids(h.DueSubscriptions(t.Context(), h.clock.now.Add(4*time.Hour), 10)); got != "a" {
		t.Errorf("with b renewed and c gone, due are %s", got)
	}
}

func TestAStoreThatAnswersSaysSo(t *testing.T) {
	h := open(t)
	if err := h.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Ping(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
}
