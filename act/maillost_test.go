package act_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
)

// TestALostAnswerNeverSendsAMessageTwice cuts the connection after the effect of every
// message that is sent (-lost says how many), and often while it is looked for, so
// that another process resumes it. Sent exactly once, each arrives once; sent with
// the least right, each is uncertain, and none arrives twice.
func TestALostAnswerNeverSendsAMessageTwice(t *testing.T) {
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			p := openMail(t, mode)
			r := chance(t)
			outcomes, resumed := map[graphwarden.IntentState]int{}, 0
			for i := range *lostAnswers {
				p.Ask(t, http.MethodPost, "/sim/clock", doc{"advance": "2100ms"}) // Exchange takes 30 in a minute
				cut := []string{"POST /users/*/messages", "POST /users/*/messages/*/send"}[r.IntN(2)]
				if mode == flow.Least {
					cut = "POST /users/*/sendMail"
				}
				rules := []any{doc{"match": cut, "cut": "after", "times": 1}}
				if r.IntN(3) == 0 {
					rules = append(rules, doc{"match": "GET /users/*/messages**", "cut": []string{"before", "after"}[r.IntN(2)], "times": 1 + r.IntN(4)})
				}
				if r.IntN(4) == 0 {
					rules = append(rules, doc{"match": "POST /users/*/messages/*/send", "status": []int{500, 503, 504}[r.IntN(3)], "times": 1})
				}
				p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": i, "rules": rules})
				in, err := p.send(fmt.Sprintf("key-%d", i), fmt.Sprintf("message %d", i))
				if err != nil {
					t.Fatalf("message %d gave %v", i, err)
				}
				for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 20; tries++ {
					resumed++
					p.clock.advance(10 * time.Minute)
					if _, err := act.New(p.config).Resume(t.Context()); err != nil {
						t.Fatal(err)
					}
					if in, err = p.Write(t.Context(), "crm", in.ID); err != nil {
						t.Fatal(err)
					}
				}
				outcomes[in.Outcome.State]++
			}
			p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
			want := map[flow.MailMode]graphwarden.IntentState{flow.Least: graphwarden.IntentUncertain, flow.ExactlyOnce: graphwarden.IntentDone}[mode]
			if outcomes[want] != *lostAnswers {
				t.Errorf("the outcomes are %v", outcomes)
			}
			arrived := p.found(2, "inbox")
			for i := range *lostAnswers {
				if n := arrived[fmt.Sprintf("message %d", i)]; n != 1 {
					t.Errorf("message %d arrived %d times", i, n)
				}
			}
			if drafts := p.found(0, "drafts"); len(drafts) != 0 {
				t.Errorf("%d drafts are left", len(drafts))
			}
			t.Logf("%s: %d messages lost their answer: %v, %d times resumed, %d arrived, each once", mode, *lostAnswers, outcomes, resumed, len(arrived))
		})
	}
}
