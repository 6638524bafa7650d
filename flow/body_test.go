package flow_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/flow"
)

func TestABodyMayNameOnlyTheMailboxThatWasDecided(t *testing.T) {
	own := `"users/` + alice + `/events"`
	other := `"users/` + bob + `/events"`
	for _, test := range []struct {
		situation string
		body      string
		good      bool
	}{
		{"its own mailbox", `{"changeType":"created","resource":` + own + `}`, true},
		{"another mailbox", `{"resource":` + other + `}`, false},
		{"another resource", `{"resource":"users/` + alice + `/messages"}`, false},
		{"two resources", `{"resource":` + own + `,"resource":` + other + `}`, false},
		{"two in other case", `{"Resource":` + other + `,"resource":` + own + `}`, false},
		{"none", `{"changeType":"created"}`, false},
		{"not text", `{"resource":1}`, false},
		{"nested only", `{"x":{"resource":` + own + `}}`, false},
		{"a list", `[{"resource":` + own + `}]`, false},
		{"cut off", `{"resource":` + own, false},
		{"a second object", `{"resource":` + own + `}{"resource":` + other + `}`, false},
		{"nothing", ``, false},
	} {
		t.Run(test.situation, func(t *testing.T) {
			if err := flow.Subscribe().Judge(alice, []byte(test.body)); (err == nil) != test.good {
				t.Errorf("judged %v", err)
			}
		})
	}
	if err := flow.RenewSubscription().Judge(alice, []byte(`{"expirationDateTime":"x"}`)); err != nil {
		t.Errorf("a body that names nothing was refused: %v", err)
	}
}
