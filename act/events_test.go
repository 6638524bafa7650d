package act_test

import (
	"encoding/json"
	"testing"

	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestAPresenceFlowAsksForItselfOnly: it may ask when people are busy to tell who is
// available; the app may not have it asked.
func TestAPresenceFlowAsksForItselfOnly(t *testing.T) {
	h := openFor(t, "everything", flow.Presence(flow.PresenceWants{Schedule: true}), "", nil)
	at := h.to("")
	_, err := h.Schedule(t.Context(), act.Schedule{App: at.App, Tenant: at.Tenant, People: []string{at.Mailbox},
		Start: json.RawMessage(`{"dateTime":"2027-03-01T00:00:00","timeZone":"UTC"}`), End: json.RawMessage(`{"dateTime":"2027-03-02T00:00:00","timeZone":"UTC"}`)})
	if code(err) != "act.no_flow" {
		t.Errorf("it was asked: %v", err)
	}
}
