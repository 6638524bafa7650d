package act_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestWhatSurelyWasNotSentIsSentLater: of a message that Microsoft asks to wait with,
// or that never left, both modes know that it was not sent.
func TestWhatSurelyWasNotSentIsSentLater(t *testing.T) {
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			p := openMail(t, mode)
			match := map[flow.MailMode]string{flow.Least: "POST /users/*/sendMail", flow.ExactlyOnce: "POST /users/*/messages/*/send"}[mode]
			p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": match, "status": 429, "retryAfter": 90, "times": 1}}})
			in, err := p.send("k1", "Later")
			if err != nil || in.Outcome.State != graphwarden.IntentOpen {
				t.Fatalf("sending gave %+v, %v", in.Outcome, err)
			}
			open, _ := p.Write(t.Context(), "crm", in.ID)
			if wait := time.Until(open.DueAt); wait < 80*time.Second {
				t.Errorf("it is tried again in %s", wait)
			}
			p.later(30 * time.Second)
			if _, err := p.Resume(t.Context()); err != nil || p.found(2, "inbox")["Later"] != 0 {
				t.Errorf("it did not wait: %v", err)
			}
			p.later(2 * time.Minute)
			if _, err := p.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			if in, err = p.Write(t.Context(), "crm", in.ID); err != nil || in.Outcome.State != graphwarden.IntentDone || p.found(2, "inbox")["Later"] != 1 {
				t.Errorf("then it is %+v, %v; arrived %v", in.Outcome, err, p.found(2, "inbox"))
			}
		})
	}
}

// TestWhatCannotBeSentForADayIsNotSent: a message with the least right that never left
// is not uncertain but refused, so that its app may send it anew.
func TestWhatCannotBeSentForADayIsNotSent(t *testing.T) {
	p := openMail(t, flow.Least)
	p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": "POST /users/*/sendMail", "status": 429, "retryAfter": 60}}})
	in, err := p.send("k1", "Never")
	for tries := 0; err == nil && in.Outcome.State == graphwarden.IntentOpen && tries < 400; tries++ {
		p.clock.advance(10 * time.Minute)
		if _, err = p.Resume(t.Context()); err == nil {
			in, err = p.Write(t.Context(), "crm", in.ID)
		}
	}
	if err != nil || in.Outcome.State != graphwarden.IntentRefused || in.Outcome.Refusal.Code != "act.not_sent" || p.all()["send"] != 0 {
		t.Errorf("it is %+v, %v", in.Outcome, err)
	}
	if _, err := p.send("k1", "Never"); code(err) != "act.not_sent" {
		t.Errorf("the same again gave %v", err)
	}
}

// TestAMessageThatMicrosoftRefusesLeavesNoDraft and is told with Microsoft's words.
func TestAMessageThatMicrosoftRefusesLeavesNoDraft(t *testing.T) {
	for _, mode := range flow.MailModes() {
		p := openMail(t, mode)
		match := map[flow.MailMode]string{flow.Least: "POST /users/*/sendMail", flow.ExactlyOnce: "POST /users/*/messages/*/send"}[mode]
		p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": match, "status": 400, "times": 1}}})
		in, err := p.send("k1", "Refused")
		if code(err) != "graph.write_refused" || in.Outcome.State != graphwarden.IntentRefused || len(p.found(0, "drafts")) != 0 || p.all()["send"] != 0 {
			t.Errorf("%s: sending gave %+v, %v, drafts %v", mode, in.Outcome, err, p.found(0, "drafts"))
		}
	}
}

// TestWhatWasSentIsNotRefused: Microsoft refuses to send a draft that it has sent, of
// which nobody had an answer.
func TestWhatWasSentIsNotRefused(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": "POST /users/*/messages/*/send", "cut": "after", "times": 1},
		doc{"match": "GET /users/*/messages/*", "cut": "before", "times": 3}}})
	in, err := p.send("k1", "Sent")
	if err != nil || in.Outcome.State != graphwarden.IntentOpen {
		t.Fatalf("sending gave %+v, %v", in.Outcome, err)
	}
	// a process that does not look: as if Exchange had shown a draft still
	p.config.Mails = blind{p.config.Mails, new(int)}
	p.later(time.Hour)
	if _, err := act.New(p.config).Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in, err = p.Write(t.Context(), "crm", in.ID); err != nil || in.Outcome.State != graphwarden.IntentDone || !in.Outcome.Looked || p.found(2, "inbox")["Sent"] != 1 {
		t.Errorf("then it is %+v, %v", in.Outcome, err)
	}
}

// TestAMessageThatIsGoneIsUncertain: somebody deletes the draft, or the message, for
// good while its answer is lost.
func TestAMessageThatIsGoneIsUncertain(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{doc{"match": "POST /users/*/messages/*/send", "cut": "after", "times": 1},
		doc{"match": "GET /users/*/messages/*", "cut": "before", "times": 3}}})
	in, err := p.send("k1", "Gone")
	if err != nil || in.Outcome.State != graphwarden.IntentOpen {
		t.Fatalf("sending gave %+v, %v", in.Outcome, err)
	}
	p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
	for range 2 { // into Deleted Items, and away
		if w := p.request(t, http.MethodDelete, p.path("/messages/"+in.Item), nil); w.Code != http.StatusNoContent {
			t.Fatal(w.Code, w.Body)
		}
	}
	p.later(time.Hour)
	if _, err := p.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in, err = p.Write(t.Context(), "crm", in.ID); err != nil || in.Outcome.State != graphwarden.IntentUncertain || p.found(2, "inbox")["Gone"] != 1 {
		t.Errorf("then it is %+v, %v", in.Outcome, err)
	}
}

// TestMailIsSentByItsFlowOnly names what an app lacks.
func TestMailIsSentByItsFlowOnly(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	before := len(p.rows(0))
	for name, test := range map[string]struct {
		change func(s *act.Send)
		code   string
	}{
		"another mailbox": {func(s *act.Send) { s.Mailbox = p.Ready.Users[3].UserPrincipalName }, "act.mailbox"},
		"another app":     {func(s *act.Send) { s.App = "other" }, "act.no_flow"},
		"another flow":    {func(s *act.Send) { s.Flows = []string{"other"} }, "act.no_flow"},
		"no copy kept":    {func(s *act.Send) { s.Unkept = true }, "act.sent_items"},
		"a key":           {func(s *act.Send) { s.Key = "two words" }, "act.key"},
		"a reference":     {func(s *act.Send) { s.Reference = strings.Repeat("x", 256) }, "act.reference"},
	} {
		s := act.Send{Target: p.to("k1"), Message: p.letter("x")}
		test.change(&s)
		var r *graphwarden.Refusal
		if _, err := p.Send(t.Context(), s); !errors.As(err, &r) || r.Code != test.code || r.Do == "" {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if len(p.rows(0)) != before {
		t.Error("something reached Microsoft")
	}
}
