package store_test

import (
	"context"
	"testing"

	"github.com/graphwarden/graphwarden"
)

func TestEachConfigurationThatIsTakenIsRememberedOnce(t *testing.T) {
	h := open(t)
	if _, found, err := h.Applied(t.Context()); err != nil || found {
		t.Errorf("something was taken: %v %v", found, err)
	}
	apply := func(fingerprint, by string) (fresh bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			fresh, err = h.Apply(ctx, tx, graphwarden.Applied{Fingerprint: fingerprint, By: by, Facts: []byte(`{"a":1}`)})
			return err
		})
		return fresh
	}
	for i, s := range []struct {
		fingerprint, by string
		fresh           bool
	}{{"a", "anna", true}, {"a", "bert", false}, {"b", "bert", true}, {"a", "carl", true}} {
		if got := apply(s.fingerprint, s.by); got != s.fresh {
			t.Errorf("%d: %s by %s is fresh: %v", i, s.fingerprint, s.by, got)
		}
	}
	last, found, err := h.Applied(t.Context())
	if err != nil || !found || last.Seq != 3 || last.By != "carl" || last.Fingerprint != "a" || string(last.Facts) != `{"a":1}` || !last.At.Equal(h.clock.now) {
		t.Errorf("taken last: %+v %v", last, err)
	}
}
