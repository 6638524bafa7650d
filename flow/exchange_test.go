package flow_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/flow"
)

// TestACommandIsTheOneThatWasDecided: all of Exchange's commands have one path, so
// the body is held to the operation.
func TestACommandIsTheOneThatWasDecided(t *testing.T) {
	get := flow.GetManagementScope()
	for body, good := range map[string]bool{
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{}}}`:                                               true,
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{"Identity":"x"}}}`:                                 true,
		`{"CmdletInput":{"CmdletName":"Remove-ManagementScope","Parameters":{"Identity":"x"}}}`:                              false,
		`{"CmdletInput":{"CmdletName":"get-managementscope","Parameters":{}}}`:                                               false,
		`{"CmdletInput":{"CmdletName":"Remove-Mailbox","CmdletName":"Get-ManagementScope","Parameters":{}}}`:                 false,
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{}},"cmdletinput":{"CmdletName":"Remove-Mailbox"}}`: false,
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{}},"More":1}`:                                      false,
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{}}} {}`:                                            false,
		`{"CmdletInput":{"CmdletName":"Get-ManagementScope","Parameters":{"Identity":"x","Identity":"y"}}}`:                  false,
		``: false,
	} {
		if err := get.Judge("", []byte(body)); (err == nil) != good {
			t.Errorf("%s: %v", body, err)
		}
	}
	if get.TouchesMailbox() || get.API() != flow.Exchange || !get.Writes() {
		t.Errorf("%+v", get)
	}
	seen := map[string]bool{}
	for _, op := range flow.ExchangeAdministration().Operations() {
		if seen[op.Cmdlet()] || op.Cmdlet() == "" {
			t.Errorf("%s is there twice, or runs nothing", op.Name())
		}
		seen[op.Cmdlet()] = true
	}
}
