package sim_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// TestWeatherStrikesSingleEntriesOfABatch: Graph throttles each entry by itself,
// with its own Retry-After, and the batch is answered all the same
// (concepts/json-batching, concepts/throttling).
func TestWeatherStrikesSingleEntriesOfABatch(t *testing.T) {
	x := start(t, sim.Options{})
	x.steer("/sim/faults", doc{"rules": []doc{
		{"match": "GET /users/*", "status": 429, "retryAfter": 3, "times": 1},
		{"match": "PATCH /users/*", "status": 503, "times": 1},
		{"match": "GET /organization", "cut": "after"}}})
	user := "/users/" + x.ready.Users[2].ID
	batch := func() map[string]doc {
		status, out := x.call("POST", "/v1.0/$batch", x.ready.Tokens.Everything, doc{"requests": []doc{
			{"id": "read", "method": "GET", "url": user},
			{"id": "write", "method": "PATCH", "url": user, "headers": doc{"Content-Type": "application/json"}, "body": doc{"jobTitle": "Struck"}},
			{"id": "after", "method": "GET", "url": "/users?$top=1", "dependsOn": []string{"write"}},
			{"id": "uncut", "method": "GET", "url": "/organization"}}})
		if status != 200 {
			t.Fatalf("%d %v", status, out)
		}
		byID := map[string]doc{}
		for _, v := range out["responses"].([]any) {
			byID[v.(doc)["id"].(string)] = v.(doc)
		}
		return byID
	}
	want := func(got map[string]doc, statuses map[string]float64) {
		t.Helper()
		for id, status := range statuses {
			if got[id]["status"] != status {
				t.Errorf("%s: %v, want %v", id, got[id]["status"], status)
			}
		}
	}
	struck := batch()
	want(struck, map[string]float64{"read": 429, "write": 503, "after": 424, "uncut": 200})
	if after := struck["read"]["headers"].(doc)["Retry-After"]; after != "3" {
		t.Errorf("Retry-After of the entry: %v", after)
	}
	if _, out := x.call("GET", "/v1.0"+user+"?$select=jobTitle", x.ready.Tokens.Everything, nil); out["jobTitle"] == "Struck" {
		t.Error("an entry that was refused took effect")
	}
	want(batch(), map[string]float64{"read": 200, "write": 204, "after": 200, "uncut": 200})
}
