package share_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/share"
)

func TestATenantThatHangsLeavesPlacesForOthers(t *testing.T) {
	p := share.New(16, 16)
	var had []int
	for tenant := range 4 {
		n := 0
		for p.Take(fmt.Sprint(tenant), fmt.Sprint(tenant)) {
			n++
		}
		had = append(had, n)
	}
	if !slices.Equal(had, []int{8, 4, 2, 1}) {
		t.Errorf("tenants that take what they get have %v places", had)
	}
	if busy, any := p.Busy(); !any || len(busy.Tenants) != 4 {
		t.Errorf("busy are %+v, %v", busy, any)
	}
	if !p.Take("fifth", "m") {
		t.Error("the fifth finds no place")
	}
	if _, any := p.Busy(); any {
		t.Error("more places than there are")
	}
	p.Leave("fifth", "m")
	p.Leave("0", "0")
	if !p.Take("fifth", "m") {
		t.Error("a place that was given back is lost")
	}
}

func TestOneMailboxTakesFewPlaces(t *testing.T) {
	p := share.New(16, 2)
	for place, want := range []bool{true, true, false} {
		if p.Take("t", "m") != want {
			t.Errorf("place %d of a mailbox that has two: want %v", place+1, want)
		}
	}
	if !p.Take("t", "other") {
		t.Error("another mailbox of its tenant has no place")
	}
	if busy, _ := p.Busy(); len(busy.Mailboxes) != 1 || busy.Mailboxes[0] != "m" {
		t.Errorf("busy are %+v", busy)
	}
}
