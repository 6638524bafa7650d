package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestAnOperatorsTokenIsFoundByItsDigestAndByItsID(t *testing.T) {
	h := open(t)
	k := graphwarden.OperatorToken{ID: "tok_a", Operator: "anna", Note: "n", Posts: []graphwarden.Post{{Role: graphwarden.Auditor, Tenant: "contoso"}, {Role: graphwarden.Runs}},
		MadeBy: "owner", MadeAt: h.clock.now, ExpiresAt: h.clock.now.Add(time.Hour)}
	digest := [32]byte{1}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutOperatorToken(ctx, tx, k, digest) })
	for _, by := range []string{"", "tok_a"} {
		got, there, err := h.OperatorTokenBy(t.Context(), by, digest)
		if err != nil || !there || !reflect.DeepEqual(got, k) {
			t.Errorf("by %q: %+v %v %v", by, got, there, err)
		}
	}
	if _, there, err := h.OperatorTokenBy(t.Context(), "", [32]byte{2}); there || err != nil {
		t.Errorf("another digest is found: %v %v", there, err)
	}
	end := func(revoked, used time.Time) graphwarden.OperatorToken {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.EndOperatorToken(ctx, tx, "tok_a", revoked, used)
		})
		list, err := h.OperatorTokens(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		return list[0]
	}
	now, hour := h.clock.now, h.clock.now.Add(time.Hour)
	if got := end(time.Time{}, hour); !got.RevokedAt.IsZero() || !got.UsedAt.Equal(hour) {
		t.Errorf("used: %+v", got)
	}
	if got := end(now, now); !got.RevokedAt.Equal(now) || !got.UsedAt.Equal(hour) {
		t.Errorf("revoked, used before: %+v", got)
	}
	if got := end(hour, time.Time{}); !got.RevokedAt.Equal(now) {
		t.Errorf("revoked again: %+v", got)
	}
}
