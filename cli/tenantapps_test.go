package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAllAppsOfATenantAreListedByRisk: those of others and our own, with whoever made
// them and looks after them, the most dangerous first.
func TestAllAppsOfATenantAreListedByRisk(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(*settings) {})
	tn.steer(t, "/sim/foreign", `{"name": "Quick Forms", "publisher": "Forms Ltd", "delegated": ["User.Read", "openid"], "person": "`+tn.Users[2].UserPrincipalName+`"}`)
	tn.steer(t, "/sim/foreign", `{"name": "Mail Miner", "application": ["Mail.ReadWrite", "Directory.ReadWrite.All"], "owner": "`+tn.Users[1].UserPrincipalName+`"}`)
	tn.steer(t, "/sim/foreign", `{"name": "Much For People", "delegated": ["Directory.ReadWrite.All", "RoleManagement.ReadWrite.Directory", "Application.ReadWrite.All"]}`)
	tn.steer(t, "/sim/foreign", `{"name": "A Sender", "application": ["Mail.Send"]}`)
	command := start(t, "tenants", "apps", "contoso", "--config", config, "--administrator", "--json", "--most", "0", "--administrator-client", tn.app(t, "public").ClientID)
	tn.signsIn(t, command, 1)
	command.ends(t, cli.ExitOK)
	var out struct {
		LeftOut int `json:"left_out"`
		Apps    []struct {
			Name, Publisher, Whose, Class, Credentials string
			Owners                                     []string
			Grants                                     []struct{ Permission, For string }
			LastSignIn                                 string `json:"last_sign_in"`
		}
	}
	if err := json.Unmarshal([]byte(command.out.String()), &out); err != nil {
		t.Fatalf("%v in %s", err, command.out)
	}
	at := map[string]int{}
	for i, a := range out.Apps {
		at[a.Name] = i
	}
	miner, forms := out.Apps[at["Mail Miner"]], out.Apps[at["Quick Forms"]]
	if miner.Whose != "foreign" || miner.Publisher != "" || miner.Class != "critical" || len(miner.Owners) != 1 || len(miner.Grants) != 2 || !strings.HasPrefix(miner.Credentials, "unknown") || !strings.HasPrefix(miner.LastSignIn, "unknown") {
		t.Errorf("the miner: %+v", miner)
	}
	if forms.Publisher != "Forms Ltd" || forms.Class != "low" || forms.Grants[0].For != "1 person: "+tn.Users[2].ID || at["Quick Forms"] < at["Mail Miner"] {
		t.Errorf("the forms: %+v", forms)
	}
	if ours := out.Apps[at["calendar"]]; ours.Whose != "own" || ours.Class != "high" || ours.Credentials != "1" {
		t.Errorf("our own: %+v", ours)
	}
	if at["Much For People"] > at["Mail Miner"] || at["Mail Miner"] > at["A Sender"] {
		t.Errorf("the order is not that of docs/grants.md: three critical grants stand at %d, two at %d, one at %d", at["Much For People"], at["Mail Miner"], at["A Sender"])
	}
	if out.LeftOut == 0 || out.Apps[0].Class != "critical" {
		t.Errorf("%d left out, first is %+v", out.LeftOut, out.Apps[0])
	}
}
