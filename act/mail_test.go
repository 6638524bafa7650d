package act_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// postOffice is a house that sends mail, and whose recipients can be counted.
type postOffice struct{ *house }

func openMail(t *testing.T, mode flow.MailMode) postOffice {
	t.Helper()
	return postOffice{openFor(t, map[flow.MailMode]string{flow.Least: "mail", flow.ExactlyOnce: "mail-once"}[mode], flow.MailSend(mode), "", nil)}
}

// letter is a message to the third person of the tenant, who is in no flow.
func (p postOffice) letter(subject string) json.RawMessage {
	raw, _ := json.Marshal(doc{"subject": subject, "body": doc{"contentType": "text", "content": "Hello"}, "toRecipients": []any{doc{"emailAddress": doc{"address": p.Ready.Users[2].UserPrincipalName}}}})
	return raw
}

func (p postOffice) send(key, subject string) (graphwarden.Intent, error) {
	return p.Send(p.t.Context(), act.Send{Target: p.to(key), Reference: "ref-" + key, Message: p.letter(subject)})
}

// found counts the messages in a folder of a user, by subject.
func (p postOffice) found(user int, folder string) map[string]int {
	p.t.Helper()
	out := map[string]int{}
	for skip := 0; ; skip += 1000 {
		list := p.Ask(p.t, http.MethodGet, fmt.Sprintf("/v1.0/users/%s/mailFolders/%s/messages?$top=1000&$skip=%d&$select=subject", p.Ready.Users[user].ID, folder, skip), nil)["value"].([]any)
		for _, m := range list {
			out[m.(doc)["subject"].(string)]++
		}
		if len(list) < 1000 {
			return out
		}
	}
}

// later moves the clocks of both sides on.
func (p postOffice) later(d time.Duration) {
	p.t.Helper()
	p.clock.advance(d)
	p.Ask(p.t, http.MethodPost, "/sim/clock", doc{"advance": d.String()})
}

func TestAMessageIsSentOnceInEitherMode(t *testing.T) {
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			p := openMail(t, mode)
			for range 2 { // the second time it is the same write
				in, err := p.send("k1", "Your ticket")
				if err != nil || in.Outcome.State != graphwarden.IntentDone || in.Outcome.Looked || len(in.Request) > 0 && in.Outcome.EndedAt.IsZero() == false {
					t.Fatalf("sending gave %+v, %v", in.Outcome, err)
				}
				if mode == flow.ExactlyOnce {
					var told struct{ ID, InternetMessageID string }
					if json.Unmarshal(in.Outcome.Result, &told) != nil || told.ID != in.Item || told.InternetMessageID == "" {
						t.Errorf("the app is told %s", in.Outcome.Result)
					}
				}
			}
			if got := p.found(2, "inbox"); got["Your ticket"] != 1 {
				t.Errorf("there arrived %v", got)
			}
			if got := p.found(0, "sentitems"); got["Your ticket"] != 1 || len(p.found(0, "drafts")) != 0 {
				t.Errorf("kept are %v", got)
			}
			kept, found, err := p.rooms.Store.IntentByKey(t.Context(), "crm", "k1")
			if err != nil || !found || len(kept.Request) != 0 {
				t.Errorf("of the message is kept %s, %v", kept.Request, err)
			}
		})
	}
}

// TestLeastLosesAnAnswerAndSendsNothingAgain cuts the connection before and after the
// effect: nobody here can tell which, so that neither is repeated.
func TestLeastLosesAnAnswerAndSendsNothingAgain(t *testing.T) {
	for cut, arrived := range map[string]int{"before": 0, "after": 1} {
		t.Run(cut, func(t *testing.T) {
			p := openMail(t, flow.Least)
			p.sky("POST /users/*/sendMail", cut, 1)
			in, err := p.send("k1", "Once")
			if err != nil || in.Outcome.State != graphwarden.IntentUncertain || in.Outcome.Refusal.Code != "act.uncertain" {
				t.Fatalf("sending gave %+v, %v", in.Outcome, err)
			}
			p.later(2 * time.Hour)
			if _, err := p.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.found(2, "inbox"); got["Once"] != arrived {
				t.Errorf("there arrived %v", got)
			}
			if again, err := p.send("k1", "Once"); err != nil || again.ID != in.ID || again.Outcome.State != graphwarden.IntentUncertain {
				t.Errorf("the same again gave %+v, %v", again.Outcome, err)
			}
		})
	}
}

func TestExactlyOnceFindsWhatItSent(t *testing.T) {
	for name, test := range map[string]struct {
		match, cut string
		open       bool // at first; then it is resumed
	}{
		"the draft was not made":    {"POST /users/*/messages", "before", false},
		"the draft's answer lost":   {"POST /users/*/messages", "after", false},
		"it was not sent":           {"POST /users/*/messages/*/send", "before", true},
		"the answer to it was lost": {"POST /users/*/messages/*/send", "after", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := openMail(t, flow.ExactlyOnce)
			p.sky(test.match, test.cut, 1)
			in, err := p.send("k1", "Once")
			if err != nil || test.open != (in.Outcome.State == graphwarden.IntentOpen) {
				t.Fatalf("sending gave %+v, %v", in.Outcome, err)
			}
			for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 5; tries++ {
				p.later(time.Minute)
				if _, err := act.New(p.config).Resume(t.Context()); err != nil {
					t.Fatal(err)
				}
				if in, err = p.Write(t.Context(), "crm", in.ID); err != nil {
					t.Fatal(err)
				}
			}
			if in.Outcome.State != graphwarden.IntentDone || p.found(2, "inbox")["Once"] != 1 || len(p.found(0, "drafts")) != 0 || p.found(0, "sentitems")["Once"] != 1 {
				t.Errorf("%+v, arrived %v, drafts %v", in.Outcome, p.found(2, "inbox"), p.found(0, "drafts"))
			}
		})
	}
}
