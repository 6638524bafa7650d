package flow_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/flow"
)

func TestAMessageIsInNobodyElsesName(t *testing.T) {
	for _, test := range []struct {
		situation string
		op        flow.Operation
		body      string
		good      bool
	}{
		{"a message", flow.SendMail(), `{"message":{"subject":"x"},"saveToSentItems":true}`, true},
		{"a draft", flow.CreateDraft(), `{"subject":"x"}`, true},
		{"nothing to judge", flow.SendDraft(), ``, true},
		{"a message from another", flow.SendMail(), `{"message":{"from":{}}}`, false},
		{"a sender in another case", flow.SendMail(), `{"message":{"SENDER":{}}}`, false},
		{"a draft from another", flow.CreateDraft(), `{"from":{}}`, false},
		{"two messages", flow.SendMail(), `{"message":{},"Message":{"from":{}}}`, false},
		{"no message", flow.SendMail(), `{"saveToSentItems":true}`, false},
		{"a list of messages", flow.SendMail(), `{"message":[{"from":{}}]}`, false},
		{"a draft in a list", flow.CreateDraft(), `[{"from":{}}]`, false},
		{"cut off", flow.CreateDraft(), `{"subject":"x"`, false},
		{"something behind it", flow.CreateDraft(), `{"subject":"x"}{"from":{}}`, false},
		{"a null", flow.SendMail(), `{"message":null}`, false},
	} {
		t.Run(test.situation, func(t *testing.T) {
			if err := test.op.Judge(alice, []byte(test.body)); (err == nil) != test.good {
				t.Errorf("judged %v", err)
			}
		})
	}
}

// TestWhoMaySendMayNotRead: the least mode performs one operation, and neither mode
// one of the other's.
func TestWhoMaySendMayNotRead(t *testing.T) {
	if least := flow.MailSend(flow.Least).Operations(); len(least) != 1 || least[0] != flow.SendMail() {
		t.Errorf("the least mode performs %v", least)
	}
	for _, op := range flow.MailSend(flow.ExactlyOnce).Operations() {
		if op == flow.SendMail() {
			t.Error("what is sent at once is not found again")
		}
	}
	for _, mode := range flow.MailModes() {
		if k := flow.MailSend(mode); k.Reads() || !k.MayWrite() {
			t.Errorf("%s goes %s", mode, k.Direction())
		}
	}
}
