package directory_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestSettingsHoldForAllGroups(t *testing.T) {
	b := start(t)
	list, _ := b.must(200, "app", "GET /groupSettings", "").body["value"].([]any)
	if len(list) != 1 {
		t.Fatalf("the tenant is delivered with %v", list)
	}
	b.ids["setting"] = world.Text(list[0].(world.Doc), "id")
	b.must(204, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"EnableGroupCreation","value":"false"}]}`)
	if r := b.must(200, "app", "GET /groupSettings/{setting}", ""); !strings.Contains(r.text, `{"name":"EnableGroupCreation","value":"false"}`) || !strings.Contains(r.text, `{"name":"AllowToAddGuests","value":"true"}`) {
		t.Errorf("after the change: %s", r.text)
	}
	b.must(400, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"Flavour","value":"sweet"}]}`)
	b.must(403, "bob", "PATCH /groupSettings/{setting}", `{"values":[]}`)
	b.must(403, "bob", "DELETE /groupSettings/{setting}", "")
	b.must(404, "ada", "GET /groupSettings/{none}", "")
	again := `{"templateId":"` + world.UnifiedTemplate + `","values":[]}`
	b.must(400, "ada", "POST /groupSettings", again)
	b.must(204, "ada", "DELETE /groupSettings/{setting}", "")
	b.must(403, "bob", "POST /groupSettings", again)
	b.must(400, "ada", "POST /groupSettings", `{"templateId":"11111111-2222-3333-4444-555555555555"}`)
	b.must(201, "ada", "POST /groupSettings", again)
}
