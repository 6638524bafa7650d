package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// heldLine is a line of what graphwarden grants prints, as a program reads it.
type heldLine struct {
	Permission, Scheme, Reach, Drift, Class string
	Granted, Needed                         bool
	Calls                                   int
}

// lineOf finds the line of a permission.
func lineOf(t *testing.T, list []heldLine, permission string) heldLine {
	t.Helper()
	for _, l := range list {
		if l.Permission == permission {
			return l
		}
	}
	t.Fatalf("no line of %s in %+v", permission, list)
	return heldLine{}
}

// assign grants an app an application permission, as an administrator does in the
// portal.
func (tn *tenant) assign(t *testing.T, client, permission string) {
	t.Helper()
	of := func(app string) (id string, roles map[string]string) {
		var found struct {
			Value []struct {
				ID       string
				AppRoles []struct{ ID, Value string }
			}
		}
		tn.graph(t, "GET", "/servicePrincipals?$filter=appId%20eq%20%27"+app+"%27", nil, &found)
		roles = map[string]string{}
		for _, r := range found.Value[0].AppRoles {
			roles[r.Value] = r.ID
		}
		return found.Value[0].ID, roles
	}
	app, _ := of(client)
	resource, roles := of("00000003-0000-0000-c000-000000000000")
	tn.graph(t, "POST", "/servicePrincipals/"+app+"/appRoleAssignments", map[string]string{"principalId": app, "resourceId": resource, "appRoleId": roles[permission]}, nil)
}

// TestGrantsAreSetAsTheFlowsNeed: an administrator sees that somebody granted too
// much, rehearses the change, refuses it by typing nothing, makes it, and sees the
// proof.
func TestGrantsAreSetAsTheFlowsNeed(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path := tn.granted(t, folder)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	_, said, _ := run(t, "grants", "contoso/ours", "--config", path, "--json", "--output", "text")
	var shown []struct {
		ClientID string `json:"client_id"`
		Lines    []heldLine
	}
	if err := json.Unmarshal([]byte(said), &shown); err != nil || len(shown) != 1 {
		t.Fatalf("%v in %s", err, said)
	}
	tn.assign(t, shown[0].ClientID, "Mail.ReadWrite")
	grants := func(more ...string) *running {
		return start(t, append([]string{"grants", "contoso/ours", "--config", path, "--administrator-client", tn.app(t, "public").ClientID}, more...)...)
	}
	command := grants("--administrator", "--json")
	tn.signsIn(t, command, 1)
	command.ends(t, cli.ExitOK)
	if err := json.Unmarshal([]byte(command.out.String()), &shown); err != nil {
		t.Fatalf("%v in %s", err, command.out)
	}
	if l := lineOf(t, shown[0].Lines, "Mail.ReadWrite"); l.Drift != "beyond" || !l.Granted || l.Needed || l.Class != "critical" || l.Reach != "every mailbox" {
		t.Errorf("what somebody added: %+v", l)
	}
	if l := lineOf(t, shown[0].Lines, "Calendars.Read"); l.Drift != "" || !l.Granted || !l.Needed || l.Calls != 0 {
		t.Errorf("what is needed: %+v", l)
	}
	for _, c := range []struct {
		flags []string
		exit  int
		says  string
	}{
		{[]string{"--apply", "--dry-run"}, cli.ExitOK, "- remove Mail.ReadWrite (application, Microsoft Graph)"},
		{[]string{"--apply"}, cli.ExitUsage, "cli.unconfirmed"},
		{[]string{"--apply", "--yes"}, cli.ExitOK, "all is as it should be"},
		{[]string{"--apply", "--yes"}, cli.ExitOK, "nothing has to be changed in Entra"},
		{[]string{"--administrator", "--output", "az"}, cli.ExitOK, "# Nothing has to be changed."},
	} {
		command := grants(c.flags...)
		tn.signsIn(t, command, 1)
		command.ends(t, c.exit)
		if all := command.out.String() + command.err.String(); !strings.Contains(all, c.says) {
			t.Errorf("%v does not say %q:\n%s", c.flags, c.says, all)
		}
	}
}
