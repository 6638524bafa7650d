package connect_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/seal"
)

// TestALeftoverThatEntraRefusesDoesNotBlockAnAdministrator: be it a wrong secret or
// no certificate at all.
func TestALeftoverThatEntraRefusesDoesNotBlockAnAdministrator(t *testing.T) {
	for _, certificate := range []bool{false, true} {
		o := newOffice(t, certificate)
		before := o.credential(t, o.file)
		if err := os.WriteFile(o.file+".new", []byte("pasted wrongly"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := o.rooms(t, nil)
		out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)})
		if err != nil || out.Pending || !strings.Contains(out.Replaced, "does not work") {
			t.Fatalf("certificate %t: %+v, %v", certificate, out, err)
		}
		if !o.works(t, o.credential(t, o.file)) || o.works(t, before) {
			t.Errorf("certificate %t: the new one does not work, or the old one does", certificate)
		}
	}
}

// TestALeftoverThatARotationMadeIsGoneOnWith: Entra may not know it everywhere yet.
func TestALeftoverThatARotationMadeIsGoneOnWith(t *testing.T) {
	o := newOffice(t, false)
	fresh := o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{"passwordCredential": map[string]any{
		"displayName": "graphwarden " + time.Now().UTC().Format(time.DateOnly)}})["secretText"].(string)
	for _, c := range []struct {
		left    string
		pending bool
	}{{fresh[:3] + "not known yet", true}, {fresh, false}} {
		if err := os.WriteFile(o.file+".new", []byte(c.left), 0o600); err != nil {
			t.Fatal(err)
		}
		r := o.rooms(t, nil)
		out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)})
		if err != nil || out.Pending != c.pending || out.Replaced != "" {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	if got := o.credential(t, o.file); !got.Secret.Equal(seal.FromString(fresh)) {
		t.Error("the file does not hold the secret that the rotation made")
	}
}

// TestAnotherSecretIsTriedAlsoAfterASwitch: FILE.old of a rotation that was cut does
// not keep the one that is named now from being tried.
func TestAnotherSecretIsTriedAlsoAfterASwitch(t *testing.T) {
	o := newOffice(t, false)
	if err := os.WriteFile(o.file+".old", []byte("of before"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := o.rooms(t, nil)
	out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: "not a secret of this app"})
	if err != nil || !out.Pending {
		t.Fatalf("%+v, %v", out, err)
	}
}

// TestTheSecretOfAnAppForPeopleIsProvedWithoutAPerson: by the app's own sign-in.
func TestTheSecretOfAnAppForPeopleIsProvedWithoutAPerson(t *testing.T) {
	o := newOffice(t, false)
	r := o.Knock(t, simulated.Door{TenantID: o.Ready.Tenant.ID, ClientID: o.app, Credential: o.credential(t, o.file), Mode: graphwarden.ByCode,
		Now: time.Now, File: o.file, Scopes: []string{"Calendars.Read"}})
	out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: "not a secret of this app"})
	if err != nil || !out.Pending {
		t.Fatalf("a wrong secret: %+v, %v", out, err)
	}
	fresh := o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	out, err = r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: fresh})
	if err != nil || out.Pending {
		t.Fatalf("a right secret: %+v, %v", out, err)
	}
	if got := o.credential(t, o.file); !got.Secret.Equal(seal.FromString(fresh)) {
		t.Error("the file does not hold the new secret")
	}
}

// TestATenantWithoutMicrosoftsAppIsToldToNameAnother public app.
func TestATenantWithoutMicrosoftsAppIsToldToNameAnother(t *testing.T) {
	o := newOffice(t, false)
	_, err := o.rooms(t, nil).Desk.Begin(t.Context(), "contoso", "main", connect.Wanted{Administrator: true, Device: true})
	if refusalOf(err) != "connect.no_tools" || !strings.Contains(err.Error(), "--administrator-client") {
		t.Errorf("it says %v", err)
	}
	_, err = o.rooms(t, nil).Desk.Begin(t.Context(), "contoso", "main", connect.Wanted{Administrator: true, Device: true, ClientID: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"})
	var r *graphwarden.Refusal
	if refusalOf(err) != "entra.app_unknown" || !errors.As(err, &r) || !strings.Contains(r.Do, "--administrator-client") || strings.Contains(r.Do, "contoso/administrator") {
		t.Errorf("of an app that was named it says %v", err)
	}
}
