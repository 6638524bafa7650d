package act_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestAnotherKindOfValueIsToldAsThat, and not as a value that is none of some.
func TestAnotherKindOfValueIsToldAsThat(t *testing.T) {
	h := open(t, flow.RefuseConflicts)
	id := h.create("k", "", plain("Talk")).Item
	for change, want := range map[string]string{
		`{"importance":5}`: "a string is expected", `{"showAs":true}`: "a string is expected", `{"onlineMeetingProvider":[]}`: "a string is expected",
		`{"reminderMinutesBeforeStart":"15"}`: "a number is expected", `{"start":{"dateTime":5,"timeZone":"UTC"},"end":{"dateTime":5,"timeZone":"UTC"}}`: "a string is expected",
		`{"importance":"loud"}`: "it is none of low, normal, high", `{"reminderMinutesBeforeStart":1.5}`: "a whole number",
	} {
		_, err := h.Update(t.Context(), act.Update{Target: h.to(""), ID: id, Change: json.RawMessage(change)})
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Code != "act.value" || !strings.Contains(no.Say, want) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
	for _, version := range []string{" ", `"a"`, `W/"a", W/"b"`, "*"} {
		if _, err := h.Delete(t.Context(), act.Delete{Target: h.to(""), ID: id, Version: version}); code(err) != "act.version" {
			t.Errorf("the version %q: %v", version, err)
		}
	}
}
