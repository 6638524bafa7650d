package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestAConsentIsAnsweredOnceAndInTime(t *testing.T) {
	h := open(t)
	until := h.clock.now.Add(time.Hour).UTC()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, c := range []graphwarden.Consent{
			{State: "old", Tenant: "contoso", Registration: "contoso/main", Until: h.clock.now.Add(-40 * 24 * time.Hour)},
			{State: "late", Tenant: "contoso", Registration: "contoso/main", Until: h.clock.now.Add(-time.Second)},
			{State: "good", Tenant: "contoso", Registration: "contoso/main", Until: until},
		} {
			if err := h.PutConsent(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
	for _, try := range []struct {
		state string
		taken bool
		known bool
	}{{"late", false, true}, {"old", false, false}, {"unknown", false, false}, {"good", true, true}, {"good", false, true}} {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			before, taken, err := h.AnswerConsent(ctx, tx, try.state, "access_denied")
			if taken != try.taken || (before.State != "") != try.known {
				t.Errorf("%s: taken %t, before %+v", try.state, taken, before)
			}
			return err
		})
	}
	last, err := h.LastConsent(t.Context(), "contoso", "contoso/main")
	if err != nil || last.State != "good" || last.Problem != "access_denied" || last.AnsweredAt.IsZero() || !last.Until.Equal(until) {
		t.Errorf("the last is %+v, %v", last, err)
	}
	if other, err := h.LastConsent(t.Context(), "contoso", "contoso/other"); err != nil || other != (graphwarden.Consent{}) {
		t.Errorf("another's is %+v, %v", other, err)
	}
}
