package gate_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// TestItIsKnownWhetherARequestHadLeft when its answer is lost: what never left can
// have had no effect.
func TestItIsKnownWhetherARequestHadLeft(t *testing.T) {
	path := "/v1.0/users/" + rig.Alice + "/sendMail"
	mail := gate.Call{App: "crm", Flow: "office", Operation: flow.SendMail(), Mailbox: rig.Alice, Body: []byte(`{"message":{}}`)}
	for _, test := range []struct {
		situation string
		cut       faulty.Cut
		answer    http.HandlerFunc
		call      gate.Call
		left      bool
	}{
		{"cut before", faulty.Cut{Step: "POST " + path, At: faulty.Before}, nil, mail, false},
		{"cut after", faulty.Cut{Step: "POST " + path, At: faulty.After}, nil, mail, true},
		{"the other side hangs up", faulty.Cut{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, mail, true},
		{"the decision is not on disk", faulty.Cut{Step: "commit", At: faulty.Before}, nil, mail, false},
		{"a read, which has no effect", faulty.Cut{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, list(rig.Alice), false},
	} {
		t.Run(test.situation, func(t *testing.T) {
			var cuts []faulty.Cut
			if test.cut.Step != "" {
				cuts = append(cuts, test.cut)
			}
			r := rig.New(t, faulty.NewPlan(t, cuts...))
			if test.answer != nil {
				r.Microsoft.Answer(test.answer)
			}
			kind := flow.MailSend(flow.Least)
			if test.call.Operation != flow.SendMail() {
				kind = flow.Calendar()
			}
			r.Flow.Kind = kind
			p, err := policy.New(r.Flows())
			if err != nil {
				t.Fatal(err)
			}
			r.Policy.Replace(p)
			_, err = r.Gate.Do(t.Context(), test.call)
			var left *graphwarden.Unanswered
			if err == nil || errors.As(err, &left) != test.left {
				t.Errorf("it gave %v, which says that it had left: %v", err, left != nil)
			}
		})
	}
}

// TestAMessageInSomebodyElsesNameIsRefused before it is sent.
func TestAMessageInSomebodyElsesNameIsRefused(t *testing.T) {
	r, m := put(t, nil)
	r.Flow.Kind = flow.MailSend(flow.Least)
	p, err := policy.New(r.Flows())
	if err != nil {
		t.Fatal(err)
	}
	r.Policy.Replace(p)
	_, err = r.Gate.Do(t.Context(), gate.Call{App: "crm", Flow: "office", Operation: flow.SendMail(), Mailbox: rig.Alice,
		Body: []byte(`{"message":{"from":{"emailAddress":{"address":"bob@contoso.com"}}}}`)})
	var refusal *graphwarden.Refusal
	if !errors.As(err, &refusal) || refusal.Code != gate.CodeDenied || len(m.Requests()) != 0 {
		t.Errorf("it gave %v after %d requests", err, len(m.Requests()))
	}
	last := r.Entries(t)[0]
	if last.Allowed || last.Mailbox != rig.Alice {
		t.Errorf("recorded as %+v", last)
	}
}
