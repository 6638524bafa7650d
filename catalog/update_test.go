package catalog_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

// official is a file of Microsoft's, unpacked.
func official(t *testing.T, name string) []byte {
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
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTheSameTableChangesNothing(t *testing.T) {
	c := catalog.Load()
	next, err := c.Update(bytes.NewReader(official(t, "permissions.json.gz")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Compare(next); !d.Empty() || !next.Embedded() {
		t.Errorf("the table that the catalogue was made from changes it: %+v", d)
	}
	if next, err = c.Update(bytes.NewReader(official(t, "permissions.json.gz")), bytes.NewReader(official(t, "provisioning.json.gz"))); err != nil || !next.Embedded() {
		t.Errorf("with its ids: %v", err)
	}
}

// changed is the official table with changes made to it.
func changed(t *testing.T, change func(permissions map[string]any)) io.Reader {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(official(t, "permissions.json.gz"), &file); err != nil {
		t.Fatal(err)
	}
	change(file["permissions"].(map[string]any))
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(raw)
}

func TestANewerTableIsTaken(t *testing.T) {
	c := catalog.Load()
	next, err := c.Update(changed(t, func(all map[string]any) {
		delete(all, "Acronym.Read.All")
		all["Mail.ReadHeaders"] = map[string]any{"authorizationType": "oAuth2", "schemes": map[string]any{"Application": map[string]any{"adminDisplayName": "Read headers", "requiresAdminConsent": true, "privilegeLevel": 2}},
			"pathSets": []any{map[string]any{"schemeKeys": []string{"Application"}, "methods": []string{"GET"}, "paths": map[string]string{"/users/{id}/messages/headers": "least=Application"}}}}
		all["Mail.Send"].(map[string]any)["schemes"].(map[string]any)["Application"].(map[string]any)["privilegeLevel"] = 4
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := c.Compare(next)
	if !slices.Equal(d.Added, []string{"Mail.ReadHeaders (Application)"}) || d.Operations != 1 || !slices.Contains(d.Changed, catalog.Change{Permission: "Mail.Send (Application)", What: "level", From: "3", To: "4"}) {
		t.Errorf("%+v", d)
	}
	op, ok := next.Operation("GET", "/users/{id}/messages/headers")
	if least, has := op.Least(catalog.Application); !ok || !has || least.Permission != "Mail.ReadHeaders" {
		t.Errorf("the new operation is not opened by the new permission: %+v", least)
	}
	if p, _ := next.Permission("Mail.Send"); p.Name == "" {
		t.Error("a permission is lost")
	} else if info, _ := p.In(catalog.Application); info.ID == "" {
		t.Error("its id is lost")
	}
	packed, err := next.Packed()
	if err != nil {
		t.Fatal(err)
	}
	again, err := catalog.From(packed)
	if err != nil || again.Sum() != next.Sum() || !again.Compare(next).Empty() {
		t.Errorf("what is kept is not what was made: %v", err)
	}
	if _, ok := catalog.Load().Permission("Mail.ReadHeaders"); ok {
		t.Error("the embedded catalogue was changed")
	}
}

func TestATableThatLacksWhatIsKnownIsRefused(t *testing.T) {
	c := catalog.Load()
	_, err := c.Update(changed(t, func(all map[string]any) {
		for name := range all {
			if name > "N" {
				delete(all, name)
			}
		}
	}), nil)
	if err == nil {
		t.Error("half a table was taken")
	}
	_, err = c.Update(changed(t, func(all map[string]any) {
		for name := range all {
			if strings.HasPrefix(name, "D") && name != "Directory.Read.All" || strings.HasPrefix(name, "T") && !strings.HasPrefix(name, "Tasks.") {
				delete(all, name)
			}
		}
	}), nil)
	if !errors.Is(err, catalog.ErrShrunk) {
		t.Errorf("a table without a tenth of it: %v", err)
	}
	if _, err := c.Update(changed(t, func(all map[string]any) { delete(all, "Calendars.ReadWrite") }), bytes.NewReader(official(t, "provisioning.json.gz")[:500])); err == nil {
		t.Error("half a list of ids was taken")
	}
	if _, err := catalog.From([]byte("no facts")); err == nil {
		t.Error("facts that are none were taken")
	}
}
