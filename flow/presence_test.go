package flow_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

func TestAPresenceFlowMayDoWhatItDeclares(t *testing.T) {
	for _, test := range []struct {
		wants                     flow.PresenceWants
		schedule, settings, teams bool
	}{
		{flow.PresenceWants{}, false, false, false},
		{flow.PresenceWants{Schedule: true}, true, false, false},
		{flow.PresenceWants{Settings: true}, false, true, false},
		{flow.PresenceWants{Teams: true}, false, false, true},
		{flow.PresenceWants{Schedule: true, Settings: true, Teams: true}, true, true, true},
	} {
		may := flow.Presence(test.wants).Operations()
		for op, want := range map[flow.Operation]bool{
			flow.CalendarDelta(): true, flow.GetSchedule(): test.schedule, flow.GetSettings(): test.settings, flow.GetPresences(): test.teams,
		} {
			if slices.Contains(may, op) != want {
				t.Errorf("%+v: %s is %t, want %t", test.wants, op.Name(), !want, want)
			}
		}
		for _, op := range may {
			if !op.TouchesMailbox() {
				t.Errorf("%s names nobody, so nothing bounds it", op.Name())
			}
		}
	}
	if kind, known := flow.Named("presence"); !known || slices.Contains(kind.Operations(), flow.GetPresences()) {
		t.Error("a presence flow that declares nothing may ask Teams")
	}
}

func TestABodyMayListOnlyThePeopleThatWereDecided(t *testing.T) {
	both := []graphwarden.Mailbox{{ID: alice, UPN: "alice@contoso.com"}, {ID: bob, UPN: "bob@contoso.com"}}
	for _, test := range []struct {
		situation string
		people    []graphwarden.Mailbox
		body      string
		good      bool
	}{
		{"both by id", both, `{"ids":["` + alice + `","` + bob + `"]}`, true},
		{"one of them", both, `{"ids":["` + bob + `"]}`, false},
		{"one by name, where ids are wanted", both[:1], `{"ids":["Alice@Contoso.com"]}`, false},
		{"somebody else", both[:1], `{"ids":["` + bob + `"]}`, false},
		{"somebody else among them", both[:1], `{"ids":["` + alice + `","` + bob + `"]}`, false},
		{"one twice", both[:1], `{"ids":["` + alice + `","` + alice + `"]}`, false},
		{"nobody", both, `{"ids":[]}`, false},
		{"two lists", both[:1], `{"ids":["` + alice + `"],"IDS":["` + bob + `"]}`, false},
		{"no list", both, `{}`, false},
		{"not a list", both, `{"ids":"` + alice + `"}`, false},
		{"numbers", both, `{"ids":[1]}`, false},
		{"a second object", both[:1], `{"ids":["` + alice + `"]}{"ids":["` + bob + `"]}`, false},
		{"an empty name of somebody without one", []graphwarden.Mailbox{{ID: alice}}, `{"ids":[""]}`, false},
		{"nothing", both, ``, false},
	} {
		t.Run(test.situation, func(t *testing.T) {
			if err := flow.GetPresences().JudgeOthers(test.people, []byte(test.body)); (err == nil) != test.good {
				t.Errorf("judged %v", err)
			}
		})
	}
	if err := flow.CalendarDelta().JudgeOthers(both, nil); err == nil {
		t.Error("people were named for what asks about none")
	}
	if err := flow.CalendarDelta().JudgeOthers(nil, nil); err != nil {
		t.Error(err)
	}
	if err := flow.GetSchedule().JudgeOthers(both[:1], []byte(`{"schedules":["alice@contoso.com"],"startTime":{}}`)); err != nil {
		t.Error(err)
	}
}
