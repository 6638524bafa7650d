package assemble_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
)

// TestARuleForbidsAnAppWhatItsFlowPermits at the proxy, alone and in a batch, by the
// network that it asks from; and the ledger has the rule's name.
func TestARuleForbidsAnAppWhatItsFlowPermits(t *testing.T) {
	j := begin(t, 3)
	j.through("    private: full\n    operations: [\"GET /users/{id}/events\", \"GET /users/{id}/calendars\", \"GET /users/{id}/calendar\", \"GET /users/{id}/messages\", \"GET /users/{id}/messages/{id}/attachments\"]\n")
	first := j.changed
	j.changed = func() {
		first()
		j.replace("tenants:\n", "policies: [rules.cedar]\ntenants:\n")
		rules := `@id("no-events") forbid(principal == App::"portal", action, resource) when { context.operation == "/users/{id}/events" };
@id("not-from-here") forbid(principal == App::"portal", action, resource) when { context.operation == "/users/{id}/calendar" && context has network && context.network.isLoopback() };
@id("no-attachments") forbid(principal == App::"portal", action, resource) when { context.operation == "/users/{id}/messages/{id}/attachments" };
@id("elsewhere") forbid(principal == App::"portal", action, resource) when { context has network && context.network.isInRange(ip("192.0.2.0/24")) };`
		if err := os.WriteFile(filepath.Join(j.folder, "rules.cedar"), []byte(rules), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	_, made := j.call(j.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/portal/keys", map[string]any{"scope": "write"})
	key, _ := made["key"].(string)
	w := &line{T: t, at: j.apps.Addr().String()}
	t.Cleanup(w.end)
	user := "/users/" + j.ready.Users[0].ID
	for _, test := range []struct{ path, rule string }{{"/events", `\"no-events\" (rules.cedar:1)`}, {"/calendar", `\"not-from-here\" (rules.cedar:2)`}, {"/calendars", ""},
		{"/messages?$top=1", ""}, {"/messages?$top=1&$expand=attachments", `\"no-attachments\" (rules.cedar:3)`}} {
		a := w.ask(http.MethodGet, "/graph/v1.0"+user+test.path, key, "")
		if test.rule == "" && a.status != http.StatusOK || test.rule != "" && (a.status != http.StatusForbidden || a.code() != "gate.forbidden" || !strings.Contains(a.body, test.rule)) {
			t.Errorf("%s: %d %s", test.path, a.status, a.body)
		}
	}
	batch := w.ask(http.MethodPost, "/graph/v1.0/$batch", key, `{"requests":[{"id":"1","method":"GET","url":"`+user+`/events"},{"id":"2","method":"GET","url":"`+user+`/calendars"}]}`)
	if !strings.Contains(batch.body, `"status":403`) || !strings.Contains(batch.body, `"status":200`) || !strings.Contains(batch.body, "forbid:no-events") {
		t.Errorf("the batch: %s", batch.body)
	}
	forbidden := map[string]int{}
	err = j.gateway.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		if rule, is := strings.CutPrefix(e.Rule, "forbid:"); is && !e.Allowed && strings.Contains(e.Note, "rules.cedar:") {
			forbidden[rule]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if forbidden["no-events"] != 2 || forbidden["not-from-here"] != 1 || forbidden["no-attachments"] != 1 {
		t.Errorf("the ledger has %v", forbidden)
	}
}

func TestAChangedRuleIsAChangeOfTheConfiguration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "graphwarden.yaml")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	facts := func() assemble.Facts {
		c, err := assemble.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := c.Facts()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	write("graphwarden.yaml", "policies: [rules.cedar]\n"+explained)
	write("rules.cedar", `@id("a") forbid(principal, action == Action::"write", resource);`)
	before := facts()
	write("rules.cedar", `@id("a") forbid(principal, action == Action::"read", resource);`)
	p := assemble.Compare(before, facts())
	if p.Empty() || len(p.Restarts()) > 0 {
		t.Errorf("the plan is %+v", p)
	}
	write("rules.cedar", `permit(principal, action, resource);`)
	if _, err := assemble.Load(path); err == nil || !strings.Contains(err.Error(), "rules.cedar:1:1: a rule only forbids") || !strings.Contains(err.Error(), "graphwarden.yaml:1:1") {
		t.Errorf("a rule that permits: %v", err)
	}
}

// TestNoAppIsCalledAsTheHouseIs: what Graphwarden does for itself no rule judges.
func TestNoAppIsCalledAsTheHouseIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "graphwarden.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(explained, "app: portal", "app: "+graphwarden.House, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := assemble.Load(path); err == nil || !strings.Contains(err.Error(), "flows.portal-mail.app") {
		t.Errorf("an app is called %s: %v", graphwarden.House, err)
	}
}
