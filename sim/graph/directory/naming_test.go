package directory_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

func TestNamesOfGroupsAreHeldToTheNamingPolicy(t *testing.T) {
	b := start(t)
	list, _ := b.must(200, "app", "GET /groupSettings", "").body["value"].([]any)
	b.ids["setting"] = world.Text(list[0].(world.Doc), "id")
	const ask = "POST /directoryObjects/validateProperties"
	b.must(204, "app", ask, `{"entityType":"Group","displayName":"test"}`)
	b.must(204, "ada", "PATCH /groupSettings/{setting}", `{"values":[{"name":"PrefixSuffixNamingRequirement","value":"GRP_[GroupName]_x"}]}`)
	r := b.must(422, "app", ask, `{"entityType":"Group","displayName":"test","mailNickname":"GRP_test"}`)
	for _, want := range []string{`"target":"displayName"`, `"target":"mailNickname"`, `"code":"MissingPrefixSuffix"`, `"prefix":"GRP_"`, `"suffix":"_x"`} {
		if !strings.Contains(r.text, want) {
			t.Errorf("without %s: %s", want, r.text)
		}
	}
	b.must(422, "app", ask, `{"entityType":"Group","displayName":"test","onBehalfOfUserId":"{bob}"}`)
	b.must(204, "app", ask, `{"entityType":"Group","displayName":"test","onBehalfOfUserId":"{ada}"}`)
	b.must(204, "ada", ask, `{"entityType":"Group","displayName":"test"}`)
	b.must(204, "app", ask, `{"entityType":"Group","displayName":"GRP_test_x"}`)
}

func TestAnApplicationIsMadeFromTheTemplateOutsideTheGallery(t *testing.T) {
	b := start(t)
	const one = "POST /applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate"
	r := b.must(201, "ada", one, `{"displayName":"Own"}`)
	app, _ := r.body["application"].(map[string]any)
	principal, _ := r.body["servicePrincipal"].(map[string]any)
	if app["displayName"] != "Own" || app["appId"] == "" || app["appId"] != principal["appId"] {
		t.Errorf("%s", r.text)
	}
	b.must(403, "bob", one, `{"displayName":"Own"}`)
	b.must(400, "ada", one, `{}`)
	b.must(404, "ada", "POST /applicationTemplates/11111111-2222-3333-4444-555555555555/instantiate", `{"displayName":"Own"}`)
}
