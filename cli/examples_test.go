package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// apart says of examples how they end other than with 0, or what is done with them
// instead. Every other example of every command runs and succeeds.
type apart struct {
	code   int    // its exit code
	awaits string // it goes on until it is ended: what it prints meanwhile
	logs   string // the same, of what it writes to its log
	signs  int    // so many times an administrator signs in
	not    string // why it is not run here
}

func apartFrom() map[string]apart {
	const server = "it is what the others run beside"
	return map[string]apart{
		"graphwarden serve --config graphwarden.yaml": {not: server}, "graphwarden serve --config graphwarden.yaml --check": {code: cli.ExitConflict}, // it runs already
		"graphwarden sim --ready ready.json": {logs: "the tenant is ready.* users=25 "}, "graphwarden sim --addr 127.0.0.1:8443 --seed 1 --users 500 --ready ready.json --truth truth.ndjson": {logs: "the tenant is ready.* users=500 "},
		"graphwarden connect rotate contoso calendar": {signs: 1}, "graphwarden connect tidy contoso calendar": {signs: 1, code: cli.ExitUsage}, "graphwarden connect tidy contoso calendar --dry-run": {signs: 1},
		"graphwarden grants contoso/calendar --administrator --exchange":                                        {signs: 2},
		"graphwarden catalog update permissions.json --dry-run":                                                 {code: cli.ExitUsage}, // the file is Microsoft's
		"graphwarden catalog update permissions.json --ids provisioningInfo.json":                               {code: cli.ExitUsage},
		"graphwarden tenants apps contoso --administrator":                                                      {signs: 1},
		"graphwarden tenants apps contoso --administrator --most 5 --json":                                      {signs: 1},
		"graphwarden grants contoso/calendar --apply --dry-run":                                                 {signs: 1},
		"graphwarden restrict contoso calendar --administrator --dry-run":                                       {signs: 2},
		"graphwarden connect people revoke contoso people 00000000-0000-0000-0000-000000000001 --app crm --yes": {code: cli.ExitUsage}, // nobody of that id has signed in
		"graphwarden connect people revoke contoso people 00000000-0000-0000-0000-000000000001 --dry-run":       {code: cli.ExitUsage},
		"graphwarden deliveries stop 3":                                                                         {code: cli.ExitUsage}, "graphwarden deliveries stop 3 --config graphwarden.yaml": {code: cli.ExitUsage}, // there are not so many
		"graphwarden listen --flow office-calendars": {awaits: "(?s).*"}, "graphwarden listen --flow office-calendars --forward-to http://127.0.0.1:3000/changes": {awaits: "(?s).*"},
		"graphwarden ledger tail --config graphwarden.yaml": {awaits: "answered, 200"}, "graphwarden ledger tail --outcome refused --json": {awaits: "(?s).*"},
		"graphwarden logs tail": {awaits: "allowed"}, "graphwarden logs tail --filter flow=office --filter status=5xx": {awaits: "(?s).*"},
		"graphwarden apply --plan change.plan --yes": {code: cli.ExitConflict},                                                                               // the one before applied it
		"graphwarden key create":                     {code: cli.ExitConflict}, "graphwarden key create --config graphwarden.yaml": {code: cli.ExitConflict}, // there is one
		"graphwarden backup --config graphwarden.yaml --to backup.db":    {code: cli.ExitConflict},                                                                                       // the one before wrote it
		"graphwarden restore --config graphwarden.yaml --from backup.db": {code: cli.ExitConflict}, "graphwarden restore --from backup.db --to graphwarden.db": {code: cli.ExitConflict}, // the database is there
		"graphwarden assess plan.md manifest.json --format sarif --fail-on high": {code: cli.ExitUnhealthy}, // the gate is shut
		"graphwarden policy impact --config changed.yaml":                        {code: cli.ExitUsage},     // there is no such file
		"graphwarden service uninstall --yes":                                    {not: "it would be of this machine"},
		"graphwarden operators revoke tok_4kq7z2xw":                              {code: cli.ExitUsage}, // nobody is here to type its name
		"graphwarden apps key revoke key_4kq7z2xw":                               {code: cli.ExitUsage}, // nobody is here to type its name
		"graphwarden plan": {code: 2}, "graphwarden plan --config graphwarden.yaml --out change.plan": {code: 2}, "graphwarden plan --json": {code: 2}, // the file is changed before
	}
}

// plans puts the plans that the examples judge into a folder.
func plans(t *testing.T, folder string) {
	t.Helper()
	for to, from := range map[string]string{"plan.md": "docs/examples/plan.md", "cases.yaml": "cli/testdata/cases.yaml", "after.md": "docs/examples/plan.md", "before.md": "docs/examples/plan-before.md",
		"manifest.json": "assess/testdata/diff/ledgerbot-after.json", "before.json": "assess/testdata/diff/ledgerbot-before.json", "after.json": "assess/testdata/diff/ledgerbot-after.json"} {
		raw, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(from)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, to), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryExampleRuns beside a server whose configuration has the names that they
// use, in the folder of that configuration, in the order of the table.
func TestEveryExampleRuns(t *testing.T) {
	tn := open(t)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	defer shop.Close()
	config := tn.configure(t, func(s *settings) {
		s.operate, s.listen, s.sink = freePort(t), freePort(t), strings.TrimPrefix(shop.URL, "http://")
		s.more = "    sinks: {warehouse: {type: table}}\n  office-calendars: {app: crm, kind: calendar, tenant: contoso, registration: calendar, mailboxes: [" + tn.Users[1].UserPrincipalName + "], sink: {type: none}}\n" +
			"  crm-calendars: {app: crm, kind: calendar, tenant: contoso, registration: people, people: true, sink: {type: none}}\n" +
			"  portal-graph: {app: portal, kind: graph, tenant: contoso, registration: calendar, mailboxes: [" + tn.Users[0].UserPrincipalName + "], private: full, operations: [\"GET /users/{id}/events\", \"GET /users/{id}/calendarView\"]}\npublic_url: \"http://" + s.listen + "\"\n"
	})
	rewrite(t, config, "      signed:", "      people: {client_id: \""+tn.app(t, "calendar").ClientID+"\", mode: code, secret_file: calendar.secret, people: {return_to: [\"https://crm.example/connected\"]}}\n      signed:")
	plans(t, filepath.Dir(config))
	t.Chdir(filepath.Dir(config))
	server := start(t, "serve", "--config", "graphwarden.yaml")
	server.err.await(t, "msg=running")
	tail := start(t, "listen", "--flow", "office", "--since", "0", "--json")
	delivery := tail.out.await(t, `"id":"(msg_\w+)"`)[1]
	tail.stop()
	<-tail.code
	var fresh struct{ SecretText string }
	var apps struct{ Value []struct{ ID string } }
	tn.graph(t, "GET", "/applications?$filter=appId%20eq%20'"+tn.app(t, "calendar").ClientID+"'", nil, &apps)
	tn.graph(t, "POST", "/applications/"+apps.Value[0].ID+"/addPassword", map[string]any{}, &fresh)
	if err := os.WriteFile("new.secret", []byte(fresh.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	made := func(args ...string) string {
		_, out, _ := run(t, append(args, "--json")...)
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(out), &made); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return made.ID
	}
	ran, left := 0, apartFrom()
	table := cli.Table(nobodys())
	slices.SortStableFunc(table, func(a, b cli.Told) int { // what ends a connection comes last: the others need it
		return strings.Count(a.Name, "connect revoke") - strings.Count(b.Name, "connect revoke")
	})
	for _, c := range table {
		for _, example := range c.Examples {
			x := apartFrom()[example]
			delete(left, example)
			if x.not != "" || c.Name == "demo" { // TestTheDemo… tell the stories
				continue
			}
			ran++
			line, file, kept := strings.Cut(example, " > ")
			line = strings.NewReplacer("anna@contoso.com", tn.Users[0].UserPrincipalName, "msg_5d1c0e9b7a3f2468_42", delivery, "~", ".").Replace(line)
			if strings.Contains(line, "key_4kq7z2xw") {
				line = strings.ReplaceAll(line, "key_4kq7z2xw", made("apps", "key", "create", "portal"))
			}
			if strings.Contains(line, "tok_4kq7z2xw") {
				line = strings.ReplaceAll(line, "tok_4kq7z2xw", made("operators", "create", "anna", "--role", "auditor"))
			}
			if strings.HasPrefix(line, "graphwarden plan") || strings.HasPrefix(line, "graphwarden apply --dry-run") {
				tn.changeKeep(t)
			}
			args := strings.Fields(line)[1:]
			if x.signs > 0 {
				args = append(args, "--administrator-client", tn.app(t, "public").ClientID)
			}
			if c.Name == "sim" { // its own port may be another simulator's
				args = append(args, "--addr", "127.0.0.1:0")
			}
			command := start(t, args...)
			if tn.signsIn(t, command, x.signs); x.awaits != "" {
				command.out.await(t, x.awaits)
				command.stop()
			}
			if x.logs != "" {
				command.err.await(t, x.logs)
				command.stop()
			}
			if strings.Contains(command.err.String(), "127.0.0.1:8443") {
				t.Errorf("%s takes a port of this machine that another test or person may have", example)
			}
			if code := <-command.code; code != x.code {
				t.Errorf("%s ended with %d, not %d:\n%s%s", example, code, x.code, command.out, command.err)
			}
			if kept && !regexp.MustCompile(`\S`).MatchString(command.out.String()) {
				t.Errorf("%s leaves %s empty", example, file)
			}
			if filepath.Ext(file) == ".tlog-proof" { // the next one verifies it
				if err := os.WriteFile(file, []byte(command.out.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for example := range left {
		t.Errorf("%q is no example any more", example)
	}
	server.stop()
	server.ends(t, cli.ExitOK)
	t.Logf("%d examples ran", ran)
}

// changeKeep changes the configuration a little, so that there is something to apply.
func (tn *tenant) changeKeep(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile("graphwarden.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "\nkeep: ") {
		rewrite(t, "graphwarden.yaml", "sweep: {", "keep: 20d\nsweep: {")
	}
}
