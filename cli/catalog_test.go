package cli_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

// published reads a file of Microsoft's.
func published(t *testing.T, name string) map[string]any {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	f, err := os.Open(filepath.Join(shared, "graph", name))
	if err != nil {
		t.Skip("Microsoft's table is not here")
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.NewDecoder(io.Reader(r)).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// newerTable writes a table in which a smaller permission reads people, and its
// ids.
func newerTable(t *testing.T, folder string) (table, ids string) {
	t.Helper()
	all, deployed := published(t, "permissions.json.gz"), published(t, "provisioning.json.gz")
	permissions := all["permissions"].(map[string]any)
	var sets []any
	for _, s := range permissions["User.ReadBasic.All"].(map[string]any)["pathSets"].([]any) {
		set := s.(map[string]any)
		if !slices.Contains(set["schemeKeys"].([]any), any("Application")) {
			continue
		}
		paths := map[string]any{}
		for path := range set["paths"].(map[string]any) {
			paths[path] = "least=Application"
		}
		sets = append(sets, map[string]any{"schemeKeys": []string{"Application"}, "methods": set["methods"], "paths": paths})
	}
	permissions["User.ReadLess.All"] = map[string]any{"authorizationType": "oAuth2", "pathSets": sets,
		"schemes": map[string]any{"Application": map[string]any{"adminDisplayName": "Read less of people", "requiresAdminConsent": true, "privilegeLevel": 1}}}
	deployed["permissionDeployments"].(map[string]any)["User.ReadLess.All"] = []any{map[string]any{"id": "11111111-2222-3333-4444-555555555555", "scheme": "Application", "environment": "public", "isEnabled": true}}
	write := func(name string, v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("permissions.json", all), write("provisioningInfo.json", deployed)
}

// blueprintFolder holds the presence blueprint.
func blueprintFolder(t *testing.T) (folder, config string) {
	t.Helper()
	folder = t.TempDir()
	raw, err := os.ReadFile("../docs/blueprints/presence.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config = filepath.Join(folder, "graphwarden.yaml")
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, config
}

func TestANewerTableIsTakenAndTakenBack(t *testing.T) {
	folder, config := blueprintFolder(t)
	table, ids := newerTable(t, t.TempDir())
	needed := func() []string {
		c, err := assemble.Load(config)
		if err != nil {
			t.Fatal(err)
		}
		needs, err := c.Needs()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, n := range needs {
			out = append(out, n.Permissions...)
		}
		return out
	}
	before := needed()
	if code, stdout, stderr := run(t, "catalog", "update", table, "--ids", ids, "--config", config, "--dry-run"); code != cli.ExitOK || !strings.Contains(stdout, "Nothing was changed") || !slices.Equal(needed(), before) {
		t.Fatalf("%d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr := run(t, "catalog", "update", table, "--ids", ids, "--config", config, "--json")
	if code != cli.ExitOK {
		t.Fatal(stderr)
	}
	validates(t, "catalog update", stdout)
	var u cli.CatalogUpdate
	if err := json.Unmarshal([]byte(stdout), &u); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(u.Difference.Added, []string{"User.ReadLess.All (Application)"}) || len(u.Flows) == 0 || !u.Compared || u.Kept == "" {
		t.Errorf("%+v", u)
	}
	if now := needed(); slices.Equal(now, before) || !slices.Contains(now, "User.ReadLess.All") {
		t.Errorf("the flows need %v, as before the update", now)
	}
	if _, stdout, _ := run(t, "catalog", "show", "User.ReadLess.All", "--config", config); !strings.Contains(stdout, "11111111-2222-3333-4444-555555555555") {
		t.Errorf("the new permission is shown as\n%s", stdout)
	}
	plan := filepath.Join(folder, "plan.md")
	if err := os.WriteFile(plan, []byte("Application permissions:\n\n- User.ReadLess.All: reads people\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stdout, _ := run(t, "assess", plan, "--config", config); !strings.Contains(stdout, "User.ReadLess.All") || strings.Contains(stdout, "not placed") {
		t.Errorf("assess does not know the new permission:\n%s", stdout)
	}
	if code, _, stderr := run(t, "catalog", "undo", "--config", config); code != cli.ExitOK || !slices.Equal(needed(), before) {
		t.Errorf("%s: the flows need %v", stderr, needed())
	}
	if _, stdout, _ := run(t, "catalog", "undo", "--config", config); !strings.Contains(stdout, "no update to take back") {
		t.Errorf("the second undo says %s", stdout)
	}
}

func TestABadTableIsRefusedAndTheOldOneStays(t *testing.T) {
	folder, config := blueprintFolder(t)
	good, ids := newerTable(t, t.TempDir())
	if code, _, stderr := run(t, "catalog", "update", good, "--ids", ids, "--config", config); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	kept, err := os.ReadFile(assemble.TableFile(config))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for situation, text := range map[string]string{
		"half of it":                 string(raw[:len(raw)/2]),
		"no table":                   "hello",
		"without events":             strings.ReplaceAll(string(raw), "/events", "/nothings"),
		"a title that paints":        strings.Replace(string(raw), "Read less of people", `\u001b[31mRead`, 1),
		"a permission that is twice": strings.Replace(string(raw), `"User.ReadLess.All"`, `"User.ReadBasic.All"`, 1),
	} {
		file := filepath.Join(folder, "bad.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := run(t, "catalog", "update", file, "--config", config)
		if now, err := os.ReadFile(assemble.TableFile(config)); code == cli.ExitOK || !strings.Contains(stderr, "catalog.") || err != nil || string(now) != string(kept) {
			t.Errorf("%s: code %d, %s", situation, code, stderr)
		}
	}
	if err := os.WriteFile(assemble.TableFile(config), kept[:len(kept)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := assemble.Load(config); err == nil {
		t.Error("a damaged table beside the configuration is passed over")
	}
	if code, _, stderr := run(t, "catalog", "undo", "--config", config); code != cli.ExitOK {
		t.Errorf("the damaged table cannot be taken back: %s", stderr)
	}
}
