package store_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden"
)

func TestAPageBecomesTheChangesItMakes(t *testing.T) {
	first := []graphwarden.Item{event("a", "one"), event("b", "two")}
	situations := map[string]struct {
		page []graphwarden.Item
		want []string
	}{
		"nothing came":                         {nil, []string{}},
		"the same page is replayed":            {first, []string{}},
		"one item is new":                      {[]graphwarden.Item{event("c", "three")}, []string{"3 created c"}},
		"one item differs":                     {[]graphwarden.Item{event("a", "uno"), event("b", "two")}, []string{"3 updated a"}},
		"one item is removed":                  {[]graphwarden.Item{removed("a")}, []string{"3 deleted a"}},
		"an unknown item is removed":           {[]graphwarden.Item{removed("z")}, []string{}},
		"an item is removed twice":             {[]graphwarden.Item{removed("a"), removed("a")}, []string{"3 deleted a"}},
		"an item is removed and comes back":    {[]graphwarden.Item{removed("a"), event("a", "one")}, []string{"3 deleted a", "4 created a"}},
		"an item comes twice, the last counts": {[]graphwarden.Item{event("a", "x"), event("a", "y")}, []string{"3 updated a", "4 updated a"}},
		"a new item comes and goes":            {[]graphwarden.Item{event("c", "x"), removed("c")}, []string{"3 created c", "4 deleted c"}},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			h.ensure(t, calendar("c1"))
			feed := h.lease(t, "w")
			if got := told(h.apply(t, &feed, "d1", first...)); !slices.Equal(got, []string{"1 created a", "2 created b"}) {
				t.Fatalf("the first page gave %v", got)
			}
			if got := told(h.apply(t, &feed, "d2", s.page...)); !slices.Equal(got, s.want) {
				t.Errorf("the page gave %v, want %v", got, s.want)
			}
			if got := told(h.apply(t, &feed, "d3", s.page...)); len(got) > 0 && !slices.Contains([]string{"an item is removed and comes back", "an item comes twice, the last counts", "a new item comes and goes"}, name) {
				t.Errorf("its replay gave %v", got)
			}
			h.finish(t, feed, nil)
			stored, err := h.ChangesAfter(t.Context(), feed.Flow, 2, 100)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(stored); len(got) < len(s.want) || !slices.Equal(got[:len(s.want)], s.want) {
				t.Errorf("stored are %v, want %v first", got, s.want)
			}
		})
	}
}
