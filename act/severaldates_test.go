package act_test

import (
	"fmt"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// TestDatesDeletedOneAfterAnotherDoNotEcho: the series has a version for each, of which the
// feed shows some, also while the next date is being deleted; none is told as somebody else's.
func TestDatesDeletedOneAfterAnotherDoNotEcho(t *testing.T) {
	h := open(t, "")
	l := h.local(t)
	x := &two{local: l, t: t, r: chance(t), cursor: l.seq, outlook: map[string]string{}}
	h.sink(t)
	series := h.course(t, "course")
	dates, _ := h.days(t, series)
	x.hears = func(graphwarden.Delivery) {}
	x.read()
	x.tell()
	deleted := 0
	x.hears = func(d graphwarden.Delivery) {
		if d.Change.Kind == graphwarden.Deleted {
			deleted++
		}
		if d.Origin.Write == "" {
			t.Errorf("told %s of %.8s as somebody else's", d.Change.Kind, d.Change.Item)
		}
	}
	erase := func(i int) {
		if in, err := h.Delete(t.Context(), act.Delete{Target: h.to(fmt.Sprint("date-", i)), ID: dates[i]}); err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Fatalf("deleting a date gave %+v, %v", in.Outcome, err)
		}
	}
	erase(0)
	x.while = func() { erase(1); erase(2) }
	for range 3 {
		x.read()
		x.tell()
	}
	if deleted != 3 {
		t.Errorf("%d dates are told as deleted", deleted)
	}
}
