package meant_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/meant"
)

func TestTheNearestWordIsMeant(t *testing.T) {
	words := []string{"feeds", "flows", "mailboxes", "registration", "secret_file", "previous_secret_file", "id"}
	for typed, want := range map[string]string{
		"feed": "feeds", "feesd": "feeds", "flosw": "flows", "mailboxs": "mailboxes", "mailbox": "mailboxes", "Registration": "registration",
		"regsitration": "registration", "secretfile": "secret_file", "secret": "secret_file", "": "", "colour": "", "xy": "", "di": "id", "büro": "",
	} {
		if got := meant.Word(typed, words); got != want {
			t.Errorf("%q meant %q, not %q", typed, got, want)
		}
	}
}
