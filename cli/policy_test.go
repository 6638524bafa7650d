package cli_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

// TestImpactShowsWhatAChangeWouldDecideOtherwise judges again what an app asked for by an
// SDK and what its feed read, by configurations that are not in force.
func TestImpactShowsWhatAChangeWouldDecideOtherwise(t *testing.T) {
	t.Parallel()
	tn := open(t)
	mine, other, apps := tn.Users[0], tn.Users[1], freePort(t)
	config := tn.server(t, func(s *settings) {
		s.more = "  portal-graph:\n    app: portal\n    kind: graph\n    tenant: contoso\n    registration: calendar\n    mailboxes: [" + mine.UserPrincipalName + "]\n" +
			"    operations: [\"GET /users/{id}/events\"]\n  known: {app: crm, kind: calendar, tenant: contoso, registration: calendar, mailboxes: [" + other.UserPrincipalName + "], sink: {type: none}}\napps: \"" + apps + "\"\n"
	})
	tn.awaitFeeds(t, config, "known", true)
	key := regexp.MustCompile(`gwk_\w+`).FindString(says(t, cli.ExitOK, "gwk_", "apps", "key", "create", "portal", "--config", config))
	asks := func(path string, want int) {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+apps+"/graph/v1.0"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", "Bearer "+key)
		answer, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Fatalf("%s was answered %s", path, answer.Status)
		}
	}
	for range 2 {
		asks("/users/"+mine.UserPrincipalName+"/events", http.StatusOK)
	}
	asks("/users/"+other.ID+"/events", http.StatusForbidden)
	asks("/users/"+mine.ID+"/messages", http.StatusForbidden)
	asks("/nothing", http.StatusBadRequest) // no configuration would change that

	says(t, cli.ExitOK, "0 would be refused that were let through, and 0 let through that were refused", "policy", "impact", "--config", config)
	impact := func(change ...string) (out assemble.Impact) {
		t.Helper()
		raw, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(change...).Replace(string(raw))
		changed := filepath.Join(filepath.Dir(config), "changed.yaml")
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		said := says(t, cli.ExitUnhealthy, "{", "policy", "impact", "--config", changed, "--json")
		validates(t, "policy impact", said)
		if err := json.Unmarshal([]byte(said), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, test := range []struct {
		name   string
		change []string
		rows   map[string]int // by verdict and operation, and mailbox where it is let through
	}{
		{"the operation is another", []string{"GET /users/{id}/events", "GET /users/{id}/messages"},
			map[string]int{"refused GET /v1.0/users/{mailbox}/events": 2, "depends GET /v1.0/users/{mailbox}/messages": 1}},
		{"the flow has another name", []string{"portal-graph", "portal-other", "GET /users/{id}/events", "GET /users/{id}/messages\", \"GET /users/{id}/events"},
			map[string]int{"depends GET /v1.0/users/{mailbox}/messages": 1}},
		{"the mailbox is another", []string{"[" + mine.UserPrincipalName + "]\n    operations", "[" + other.UserPrincipalName + "]\n    operations"},
			map[string]int{"refused GET /v1.0/users/{mailbox}/events": 2}},
	} {
		out := impact(test.change...)
		got := map[string]int{}
		for _, row := range out.Rows {
			got[string(row.Now)+" "+row.Operation] += row.Calls
			if row.Now == assemble.Refused && row.Mailbox != mine.UserPrincipalName || row.First.IsZero() || row.Last.Before(row.First) {
				t.Errorf("%s: %+v", test.name, row)
			}
		}
		for what, calls := range test.rows {
			if got[what] != calls {
				t.Errorf("%s: %q are %d, want %d: %v", test.name, what, got[what], calls, got)
			}
		}
		if len(got) != len(test.rows) || out.Left == 0 || len(out.Unknown) == 0 {
			t.Errorf("%s: %v, want %v; %d left", test.name, got, test.rows, out.Left)
		}
	}
	// What a feed does, only the flow of its name may do.
	gone := impact("  office:\n", "  bureau:\n")
	if gone.Refused == 0 || gone.Allowed != 0 || gone.Rows[0].Flow != "office" || gone.Rows[0].Rule != "default/flow" {
		t.Errorf("without the flow of a feed: %+v", gone)
	}
}
