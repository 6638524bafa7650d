package gate_test

import (
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// TestABodyThatNamesSomebodyElseIsNotSent: every operation whose body can name a mailbox,
// with bodies that name another one, or the right one in a way that two readers read
// differently (R10). What is refused is recorded; nothing is sent.
func TestABodyThatNamesSomebodyElseIsNotSent(t *testing.T) {
	alice := []graphwarden.Mailbox{{ID: rig.Alice, UPN: "alice@contoso.com"}}
	other := append(alice[:1:1], graphwarden.Mailbox{ID: carol, UPN: "carol@contoso.com"})
	for _, group := range []struct {
		kind   flow.Kind
		op     flow.Operation
		right  string
		people []graphwarden.Mailbox
		wrong  []string
	}{
		{flow.Calendar(), flow.Subscribe(), `{"resource":"users/` + rig.Alice + `/events"}`, nil, []string{
			`{"resource":"users/` + carol + `/events"}`, `{"resource":"users"}`, `{"resource":"users/` + rig.Alice + `/messages"}`,
			`{"resource":"users/` + rig.Alice + `/events","Resource":"users/` + carol + `/events"}`, `{"resource":"users/` + rig.Alice + `/events/../../` + carol + `/events"}`,
			`{"resource":["users/` + carol + `/events"]}`, `{}`, `[]`}},
		{flow.CalendarWriting(flow.Both), flow.GetSchedule(), `{"schedules":["alice@contoso.com"]}`, alice, []string{
			`{"schedules":["carol@contoso.com"]}`, `{"schedules":["alice@contoso.com","carol@contoso.com"]}`, `{"schedules":[]}`,
			`{"schedules":["alice@contoso.com"],"Schedules":["carol@contoso.com"]}`, `{"schedules":["alice@contoso.com"],"schedules":["carol@contoso.com"]}`, `{"schedules":"carol@contoso.com"}`}},
		{flow.MailSend(flow.Least), flow.SendMail(), `{"message":{"subject":"x"}}`, nil, []string{
			`{"message":{"from":{"emailAddress":{"address":"carol@contoso.com"}}}}`, `{"message":{"sender":{"emailAddress":{"address":"carol@contoso.com"}}}}`,
			`{"message":{"From":{"emailAddress":{"address":"carol@contoso.com"}}}}`, `{"message":{"subject":"x"},"Message":{"from":{}}}`, `{}`}},
	} {
		ask := func(body string, people []graphwarden.Mailbox) (*rig.Rig, *rig.Microsoft, error) {
			r, m := put(t, nil)
			r.Flow.Kind = group.kind
			p, err := policy.New(r.Flows())
			if err != nil {
				t.Fatal(err)
			}
			r.Policy.Replace(p)
			answer, err := r.Gate.Do(t.Context(), gate.Call{App: "crm", Flow: "office", Operation: group.op, Mailbox: rig.Alice, Others: people, Body: []byte(body)})
			if err == nil {
				_ = answer.Body.Close()
			}
			return r, m, err
		}
		if _, m, err := ask(group.right, group.people); err != nil || len(m.Requests()) != 1 {
			t.Errorf("%s: what names the mailbox itself gave %v", group.op.Name(), err)
		}
		for _, body := range group.wrong {
			r, m, err := ask(body, group.people)
			if err == nil || len(m.Requests()) != 0 {
				t.Errorf("%s: %s was sent, %v", group.op.Name(), body, err)
			}
			if list := r.Entries(t); len(list) != 1 || list[0].Allowed || list[0].Rule != "gate/body" {
				t.Errorf("%s: %s is recorded as %+v", group.op.Name(), body, list)
			}
		}
		if group.people == nil {
			continue
		}
		if _, m, err := ask(`{"schedules":["alice@contoso.com","carol@contoso.com"]}`, other); err == nil || len(m.Requests()) != 0 {
			t.Errorf("%s: somebody outside was asked about, %v", group.op.Name(), err)
		}
	}
}
