package store_test

import (
	"context"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestAKeyIsFoundByItsDigestAndByItsID(t *testing.T) {
	h := open(t)
	k := graphwarden.AppKey{ID: "key_a", App: "portal", Note: "n", Flows: []string{"office", "with blank"}, Write: true, MadeAt: h.clock.now, Replaces: "key_0",
		Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8::/32")}}
	digest := [32]byte{1}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutAppKey(ctx, tx, k, digest) })
	for _, by := range []string{"", "key_a"} {
		got, there, err := h.AppKeyBy(t.Context(), by, digest)
		if err != nil || !there || !reflect.DeepEqual(got, k) {
			t.Errorf("by %q: %+v %v %v", by, got, there, err)
		}
	}
	if _, there, err := h.AppKeyBy(t.Context(), "", [32]byte{2}); there || err != nil {
		t.Errorf("another digest is found: %v %v", there, err)
	}
	end := func(expires, revoked, used time.Time) graphwarden.AppKey {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.EndAppKey(ctx, tx, "key_a", expires, revoked, used)
		})
		list, err := h.AppKeys(t.Context(), "portal")
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		return list[0]
	}
	now, hour := h.clock.now, h.clock.now.Add(time.Hour)
	if got := end(hour, time.Time{}, time.Time{}); !got.ExpiresAt.Equal(hour) || !got.RevokedAt.IsZero() || !got.UsedAt.IsZero() {
		t.Errorf("expiring: %+v", got)
	}
	if got := end(time.Time{}, now, hour); !got.ExpiresAt.Equal(hour) || !got.RevokedAt.Equal(now) || !got.UsedAt.Equal(hour) {
		t.Errorf("revoked: %+v", got)
	}
	if got := end(time.Time{}, hour, now); !got.RevokedAt.Equal(now) || !got.UsedAt.Equal(hour) {
		t.Errorf("revoked again, used before: %+v", got)
	}
	if list, err := h.AppKeys(t.Context(), "crm"); err != nil || len(list) != 0 {
		t.Errorf("another app's: %v %v", list, err)
	}
}

func TestARequestThatIsSentAgainIsNotDoneAgain(t *testing.T) {
	h := open(t)
	a := graphwarden.Tried{App: "portal", Key: "k", Print: [32]byte{1}}
	begin := func(r graphwarden.Tried) (found graphwarden.Tried) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			found, err = h.BeginTry(ctx, tx, r, h.clock.now.Add(time.Minute))
			return err
		})
		return found
	}
	end := func(r graphwarden.Tried) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.EndTry(ctx, tx, r) })
	}
	if found := begin(a); found.App != "" {
		t.Fatalf("the first time there is %+v", found)
	}
	if found := begin(a); found.App != "portal" || found.Status != 0 || found.Print != a.Print {
		t.Errorf("while it is in hand there is %+v", found)
	}
	if other := begin(graphwarden.Tried{App: "crm", Key: "k", Print: [32]byte{2}}); other.App != "" {
		t.Errorf("another app's key is its own: %+v", other)
	}
	h.clock.Advance(time.Minute)
	if found := begin(graphwarden.Tried{App: "portal", Key: "k", Print: [32]byte{9}}); found.App == "" {
		t.Error("another request takes over what somebody left")
	}
	if found := begin(a); found.App != "" {
		t.Errorf("who had it in hand is gone, and there is %+v", found)
	}
	a.Status, a.Body = 201, []byte("made")
	end(a)
	h.clock.Advance(24 * time.Hour)
	if found := begin(a); found.Status != 201 || string(found.Body) != "made" {
		t.Errorf("a day later there is %+v", found)
	}
	h.clock.Advance(25 * time.Hour)
	if found := begin(a); found.App != "" {
		t.Errorf("two days later there is %+v", found)
	}
	end(graphwarden.Tried{App: "portal", Key: "k"})
	if found := begin(a); found.App != "" {
		t.Errorf("once forgotten there is %+v", found)
	}
}
