package connect_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/faulty"
)

// TestWhatACutRotationLeftIsFoundAndRemoved, and nothing else: neither what the file
// holds, nor a secret of another name, whatever is named.
func TestWhatACutRotationLeftIsFoundAndRemoved(t *testing.T) {
	o := newOffice(t, false)
	r := o.rooms(t, faulty.NewPlan(t, faulty.Cut{Step: "rotate:add", At: faulty.After}).Step)
	if _, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)}); err == nil {
		t.Fatal("it was not cut")
	}
	r = o.rooms(t, nil)
	admin := o.administrator(t, r.Desk)
	if out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: admin}); err != nil || out.Pending {
		t.Fatalf("%+v, %v", out, err)
	}
	o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{"passwordCredential": map[string]any{"displayName": "somebody's"}})
	if out, err := r.Desk.Unused(t.Context(), "contoso", "main", ""); err != nil || out.Known {
		t.Errorf("without anybody who may read: %+v, %v", out, err)
	}
	found, err := r.Desk.Unused(t.Context(), "contoso", "main", admin)
	if err != nil || !found.Known || len(found.Unused) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	var all []string
	for _, c := range o.Ask(t, "GET", "/v1.0/applications/"+o.object, nil)["passwordCredentials"].([]any) {
		all = append(all, c.(map[string]any)["keyId"].(string))
	}
	if len(all) != 3 {
		t.Fatalf("the app has the secrets %v", all)
	}
	out, err := r.Desk.Tidy(t.Context(), "contoso", "main", connect.Tidying{Administrator: admin, Remove: all, By: "test"})
	if err != nil || out.Removed != 1 || len(out.Unused) != 0 {
		t.Errorf("removed %+v, %v", out, err)
	}
	if n := len(o.Ask(t, "GET", "/v1.0/applications/"+o.object, nil)["passwordCredentials"].([]any)); n != 2 || !o.works(t, o.credential(t, o.file)) {
		t.Errorf("%d secrets are left, or ours does not work", n)
	}
	if _, err := r.Desk.Tidy(t.Context(), "contoso", "main", connect.Tidying{Remove: all}); refusalOf(err) != "connect.no_administrator" {
		t.Errorf("without an administrator: %v", err)
	}
}
