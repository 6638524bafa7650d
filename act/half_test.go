package act_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// TestHalfACharacterIsRefused: it would be written as another one.
func TestHalfACharacterIsRefused(t *testing.T) {
	h := open(t, "")
	times := `"start":{"dateTime":"2027-03-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-03-01T10:00:00","timeZone":"UTC"}`
	for text, field := range map[string]string{
		`{"subject":"B\ud800",` + times + `}`:            "event.subject",
		`{"subject":"\uDC00\uD83D",` + times + `}`:       "event.subject",
		`{"subject":"\\\\\ud83dx",` + times + `}`:        "event.subject",
		`{"subject":"\uD83D\ud83d\ude00",` + times + `}`: "event.subject",
		`{"subject":"x","attendees":[{"emailAddress":{"address":"a@b.example","name":"a"}},{"emailAddress":{"address":"a@b.example","name":"\udfff"}}],` + times + `}`: "event.attendees[1].emailAddress.name",
	} {
		_, err := h.Create(t.Context(), act.Create{Target: h.to(""), Event: json.RawMessage(text)})
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Code != "act.value" || no.Field != field || !strings.Contains(no.Say, "surrogate") {
			t.Errorf("%s gave %v", text, err)
		}
	}
	_, err := h.Send(t.Context(), act.Send{Target: h.to(""), Message: json.RawMessage(`{"subject":"B\ud800","toRecipients":[{"emailAddress":{"address":"a@b.example"}}]}`)})
	var no *graphwarden.Refusal
	if !errors.As(err, &no) || no.Field != "message.subject" {
		t.Errorf("a message gave %v", err)
	}
	made := h.create("", "", json.RawMessage(`{"subject":"\ud83d\ude00 \\ud800 \u00e4 \ufffd",`+times+`}`))
	var item struct{ Subject string }
	if err := json.Unmarshal(made.Outcome.Result, &item); err != nil || item.Subject != "\U0001F600 \\ud800 ä \uFFFD" {
		t.Errorf("whole characters came out as %q, %v", item.Subject, err)
	}
}
