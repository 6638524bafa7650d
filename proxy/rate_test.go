package proxy_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// TestWhoIsRefusedWithoutEndHasToWait: refusals are counted, alone, in a batch and at a
// handle; past what a key may, they are no entries any more and say when to come again. What is
// let through is not counted.
func TestWhoIsRefusedWithoutEndHasToWait(t *testing.T) {
	h := open(t, events)
	left := 3
	h.takes = func(key string) (time.Duration, bool) {
		if left--; key != "1" {
			t.Errorf("counted is the key %q", key)
		}
		return 2500 * time.Millisecond, left >= 0
	}
	entries := func() (n int) {
		err := h.rooms.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
			if e.Kind == graphwarden.Decided && e.App == "crm" && !e.Allowed {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	passes, refused := "/users/"+h.inside[0].ID+"/events?$top=1", "/users/"+h.outer[0].ID+"/events"
	if a := h.asks("gwk_crm", "GET", passes, ""); a.status != http.StatusOK || left != 3 {
		t.Fatalf("%d %s, and %d are left", a.status, a.body, left)
	}
	for range 3 {
		if a := h.asks("gwk_crm", "GET", refused, ""); a.code() != "proxy.mailbox" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	before := entries()
	for _, path := range []string{refused, "/users/x", h.server.URL + "/graph/handles/AAAA"} {
		if a := h.asks("gwk_crm", "GET", path, ""); a.status != http.StatusTooManyRequests || a.code() != "proxy.rate" || a.header.Get("Retry-After") != "3" {
			t.Errorf("%s: %d %s %s", path, a.status, a.body, a.header)
		}
	}
	a := h.asks("gwk_crm", "POST", "/$batch", `{"requests":[{"id":"1","method":"GET","url":"`+refused+`"},{"id":"2","method":"GET","url":"`+passes+`"}]}`)
	if !strings.Contains(a.body, `"id":"1","status":429`) || !strings.Contains(a.body, `"id":"2","status":200`) {
		t.Errorf("in a batch: %.600s", a.body)
	}
	if n := entries(); before != 3 || n != before || h.denied.Load() != 4 {
		t.Errorf("%d entries, then %d; %d were told of", before, n, h.denied.Load())
	}
}

// TestARequestDoesNotWaitForEver: while a mailbox's calls are all under way a request waits
// for its turn, and for as long as its answer could still be told and no longer.
func TestARequestDoesNotWaitForEver(t *testing.T) {
	h := open(t, events)
	h.bound(-time.Hour, 1<<20)
	path := "/users/" + h.inside[0].ID + "/events"
	call := gate.Call{App: "crm", Flow: h.rooms.Flow.Name, Operation: flow.Asked(flow.V1, "GET", "/users/{id}/events"), Mailbox: h.inside[0].ID, Args: flow.Args{"path": path}}
	var held []*gate.Answer
	for range 4 {
		answer, err := h.rooms.Gate.Do(t.Context(), call)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, answer)
	}
	if a := h.asks("gwk_crm", "GET", path, ""); a.status != http.StatusTooManyRequests || a.code() != "proxy.later" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, a := range held {
		a.Body.Close()
	}
	if a := h.asks("gwk_crm", "GET", path, ""); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
}
