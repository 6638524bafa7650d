package directory_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestNamesOfGroupsAreHeldToTheNamingPolicy(t *testing.T) {
	b := start(t)
	list, _ := b.Must(200, "app", "GET /groupSettings", "").Body["value"].([]any)
	b.IDs["setting"] = world.Text(list[0].(world.Doc), "id")
	const ask = "POST /directoryObjects/validateProperties"
	b.Must(204, "app", ask, `{"entityType":"Group","displayName":"test"}`)
	b.Must(204, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"PrefixSuffixNamingRequirement","value":"GRP_[GroupName]_x"}]}`)
	r := b.Must(422, "app", ask, `{"entityType":"Group","displayName":"test","mailNickname":"GRP_test"}`)
	for _, want := range []string{`"target":"displayName"`, `"target":"mailNickname"`, `"code":"MissingPrefixSuffix"`, `"prefix":"GRP_"`, `"suffix":"_x"`} {
		if !strings.Contains(r.Text, want) {
			t.Errorf("without %s: %s", want, r.Text)
		}
	}
	b.Must(422, "app", ask, `{"entityType":"Group","displayName":"test","onBehalfOfUserId":"{bob}"}`)
	b.Must(204, "app", ask, `{"entityType":"Group","displayName":"test","onBehalfOfUserId":"{ada}"}`)
	b.Must(204, "ada", ask, `{"entityType":"Group","displayName":"test"}`)
	b.Must(204, "app", ask, `{"entityType":"Group","displayName":"GRP_test_x"}`)
}

func TestAnApplicationIsMadeFromTheTemplateOutsideTheGallery(t *testing.T) {
	b := start(t)
	const one = "POST /applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"
	r := b.Must(201, "ada", one, `{"displayName":"Own"}`)
	app, _ := r.Body["application"].(map[string]any)
	principal, _ := r.Body["servicePrincipal"].(map[string]any)
	if app["displayName"] != "Own" || app["appId"] == "" || app["appId"] != principal["appId"] {
		t.Errorf("%s", r.Text)
	}
	b.Must(403, "bob", one, `{"displayName":"Own"}`)
	b.Must(400, "ada", one, `{}`)
	b.Must(404, "ada", "POST /applicationTemplates/11111111-2222-3333-4444-555555555555/instantiate", `{"displayName":"Own"}`)
}
