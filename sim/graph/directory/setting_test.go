package directory_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestSettingsHoldForAllGroups(t *testing.T) {
	b := start(t)
	list, _ := b.Must(200, "app", "GET /groupSettings", "").Body["value"].([]any)
	if len(list) != 1 {
		t.Fatalf("the tenant is delivered with %v", list)
	}
	b.IDs["setting"] = world.Text(list[0].(world.Doc), "id")
	b.Must(204, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"EnableGroupCreation","value":"false"}]}`)
	if r := b.Must(200, "app", "GET /groupSettings/{setting}", ""); !strings.Contains(r.Text, `{"name":"EnableGroupCreation","value":"false"}`) || !strings.Contains(r.Text, `{"name":"AllowToAddGuests","value":"true"}`) {
		t.Errorf("after the change: %s", r.Text)
	}
	b.Must(400, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"Flavour","value":"sweet"}]}`)
	b.Must(403, "bob", "PATCH /groupSettings/{setting}", `{"values":[]}`)
	b.Must(403, "bob", "DELETE /groupSettings/{setting}", "")
	b.Must(404, "ada", "GET /groupSettings/{none}", "")
	again := `{"templateId":"` + world.UnifiedTemplate + `","values":[]}`
	b.Must(400, "ada", "POST /groupSettings", again)
	b.Must(204, "ada", "DELETE /groupSettings/{setting}", "")
	b.Must(403, "bob", "POST /groupSettings", again)
	b.Must(400, "ada", "POST /groupSettings", `{"templateId":"11111111-2222-3333-4444-555555555555"}`)
	b.Must(201, "ada", "POST /groupSettings", again)
}
