package connect_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/seal"
)

// office is a tenant with an app of its own whose credential stands in a file.
type office struct {
	*simulated.Tenant
	file        string
	object, app string
	certificate bool
	others      int // processes on the same database
}

func newOffice(t *testing.T, certificate bool) *office {
	t.Helper()
	o := &office{Tenant: simulated.New(t), file: filepath.Join(t.TempDir(), "credential"), certificate: certificate}
	made := o.Ask(t, "POST", "/v1.0/applications", map[string]any{"displayName": "ours"})
	o.object, o.app = made["id"].(string), made["appId"].(string)
	o.Ask(t, "POST", "/v1.0/servicePrincipals", map[string]any{"appId": o.app})
	content := ""
	if certificate {
		if err := connect.WriteCertificate(o.file, "first", time.Now()); err != nil {
			t.Fatal(err)
		}
		loaded, err := connect.LoadCertificate(o.file, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		o.Ask(t, "PATCH", "/v1.0/applications/"+o.object, map[string]any{"keyCredentials": []any{map[string]any{
			"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "first", "key": loaded.Public()}}})
		return o
	}
	content = o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	if err := os.WriteFile(o.file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// credential is what stands in a file.
func (o *office) credential(t *testing.T, file string) entra.Credential {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !o.certificate {
		return entra.Credential{Secret: seal.FromString(string(raw))}
	}
	c, err := connect.LoadCertificate(file, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return entra.Credential{Certificate: c}
}

// rooms puts up the gateway's rooms, as after a start.
func (o *office) rooms(t *testing.T, step func(string, func() error) error) simulated.Rooms {
	t.Helper()
	mode := graphwarden.BySecret
	if o.certificate {
		mode = graphwarden.ByCertificate
	}
	return o.Knock(t, simulated.Door{TenantID: o.Ready.Tenant.ID, ClientID: o.app, Credential: o.credential(t, o.file), Mode: mode,
		Now: time.Now, File: o.file, Step: step, Others: o.counted})
}

// expiring is rooms, with a date in the configuration on which the secret ends.
func (o *office) expiring(t *testing.T, at time.Time, step func(string, func() error) error) simulated.Rooms {
	t.Helper()
	return o.Knock(t, simulated.Door{TenantID: o.Ready.Tenant.ID, ClientID: o.app, Credential: o.credential(t, o.file), Mode: graphwarden.BySecret,
		Expires: at, Now: time.Now, File: o.file, Step: step})
}

// works says whether a credential signs in.
func (o *office) works(t *testing.T, c entra.Credential) bool {
	t.Helper()
	r := o.rooms(t, nil)
	_, err := r.Entra.Obtain(t.Context(), r.Tenant, r.Registration, c, entra.Claims{})
	return err == nil
}

// administrator has the tenant's administrator sign in at a desk.
func (o *office) administrator(t *testing.T, d *connect.Desk) string {
	t.Helper()
	begun, err := d.Begin(t.Context(), "contoso", "main", connect.Wanted{Administrator: true, Device: true, ClientID: o.App(t, "public").ClientID})
	if err != nil {
		t.Fatal(err)
	}
	person := someone(o.Tenant, 0)
	person.Code = begun.UserCode
	if _, _, err := person.Open(begun.Address, ""); err != nil {
		t.Fatal(err)
	}
	done, err := d.Finish(t.Context(), begun.ID, "", "")
	if err != nil || done.Pending {
		t.Fatalf("signed in: %+v, %v", done, err)
	}
	return begun.ID
}

// TestARotationCutAnywhereLeavesACredentialThatWorks: after the cut, what stands in
// the file works, and the same call goes on to the end.
func TestARotationCutAnywhereLeavesACredentialThatWorks(t *testing.T) {
	for _, certificate := range []bool{false, true} {
		steps := []string{"add", "write", "prove", "keep", "switch", "end", "forget"}
		for _, cut := range append(both(steps), faulty.Cut{}) {
			if testing.Short() && cut.Step != "" && (certificate || cut.Step != "rotate:prove" && cut.Step != "rotate:switch" && cut.Step != "rotate:end") {
				continue
			}
			t.Run(fmt.Sprintf("certificate %t, %s %v", certificate, cut.Step, cut.At), func(t *testing.T) {
				o := newOffice(t, certificate)
				old := o.credential(t, o.file)
				if cut.Step != "" {
					plan := faulty.NewPlan(t, cut)
					r := o.rooms(t, plan.Step)
					if out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)}); err == nil {
						t.Fatalf("the step was cut, and it says %+v", out)
					}
					if !o.works(t, o.credential(t, o.file)) {
						t.Fatal("after the cut, the credential in the file does not work")
					}
				}
				r := o.rooms(t, nil)
				out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)})
				if err != nil || out.Pending || out.Left != "" {
					t.Fatalf("it ends with %+v, %v", out, err)
				}
				now := o.credential(t, o.file)
				if o.works(t, old) || !o.works(t, now) {
					t.Errorf("the old one works: %t, the new one: %t", o.works(t, old), o.works(t, now))
				}
				left, err := filepath.Glob(o.file + ".*")
				if err != nil || len(left) > 1 || len(left) == 1 && !strings.HasSuffix(left[0], ".cer") {
					t.Errorf("left beside it: %v", left)
				}
				if info, err := os.Stat(o.file); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("the file is %v, %v", info.Mode(), err)
				}
			})
		}
	}
}

func both(steps []string) []faulty.Cut {
	var out []faulty.Cut
	for _, s := range steps {
		out = append(out, faulty.Cut{Step: "rotate:" + s, At: faulty.Before}, faulty.Cut{Step: "rotate:" + s, At: faulty.After})
	}
	return out
}

func TestASecretThatAPersonMadeIsProvedBeforeItIsUsed(t *testing.T) {
	o := newOffice(t, false)
	r := o.rooms(t, nil)
	out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: "not a secret of this app"})
	if err != nil || !out.Pending || out.Why == "" || !o.works(t, o.credential(t, o.file)) {
		t.Fatalf("a wrong secret: %+v, %v", out, err)
	}
	if !strings.Contains(out.Hint, "pasted wrongly") || out.Replaced != "" {
		t.Errorf("while it is waited for: %+v", out)
	}
	fresh := o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	out, err = r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: fresh})
	if err != nil || out.Pending || !strings.Contains(out.Left, o.app) || !strings.Contains(out.Replaced, o.file+".new") {
		t.Fatalf("a right secret: %+v, %v", out, err)
	}
	if got := o.credential(t, o.file); !got.Secret.Equal(seal.FromString(fresh)) {
		t.Error("the file does not hold the new secret")
	}
}

// TestTheCredentialInUseIsNotRotatedTo: the command would end with the advice to remove
// the one that works. Which it is tells what is used, not how the file is written.
func TestTheCredentialInUseIsNotRotatedTo(t *testing.T) {
	for _, certificate := range []bool{false, true} {
		t.Run(fmt.Sprintf("certificate %t", certificate), func(t *testing.T) {
			o := newOffice(t, certificate)
			before, err := os.ReadFile(o.file)
			if err != nil {
				t.Fatal(err)
			}
			plan := faulty.NewPlan(t, faulty.Cut{Step: "rotate:switch", At: faulty.Before}, faulty.Cut{Step: "rotate:switch", At: faulty.After, Nth: 2})
			r := o.rooms(t, plan.Step)
			ends := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 9)
			err = r.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
				return r.Store.PutStanding(ctx, tx, graphwarden.Standing{Tenant: r.Tenant.Name, Registration: r.Registration.Name, ExpiresAt: ends, ExpiryBy: "directory"})
			})
			if err != nil {
				t.Fatal(err)
			}
			refused := func(content string) {
				t.Helper()
				out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: content})
				var refusal *graphwarden.Refusal
				if !errors.As(err, &refusal) || refusal.Code != "connect.in_use" || refusal.Kind != graphwarden.Conflict {
					t.Fatalf("it ends with %+v, %v", out, err)
				}
				if now, err := os.ReadFile(o.file); err != nil || string(now) != string(before) {
					t.Errorf("the file was changed, %v", err)
				}
				if s, err := r.Custody.Standing(t.Context(), r.Registration); err != nil || !s.ExpiresAt.Equal(ends) {
					t.Errorf("its end was forgotten: %+v, %v", s, err)
				}
			}
			written := "\n" + string(before) + "\n\n"
			if certificate {
				written = "issued to: ours\n" + string(before)
			}
			refused(written)
			if left, _ := filepath.Glob(o.file + ".*"); len(left) > 1 || len(left) == 1 && !strings.HasSuffix(left[0], ".cer") {
				t.Errorf("left beside it: %v", left)
			}
			fresh := o.fresh(t)
			rotate := func() (connect.Rotated, error) {
				return r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: fresh})
			}
			if out, err := rotate(); err == nil {
				t.Fatalf("it was cut before it switched, and it says %+v", out)
			}
			refused(string(before)) // it is in use still
			if out, err := rotate(); err == nil {
				t.Fatalf("it was cut after it had switched, and it says %+v", out)
			}
			if out, err := rotate(); err != nil || !strings.Contains(out.Left, "Remove the old") {
				t.Errorf("gone on with, it ends with %+v, %v", out, err)
			}
			before = []byte(fresh)
			for _, end := range []string{".old", ".new"} { // of a rotation to yet another
				if err := os.WriteFile(o.file+end, []byte("another"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ends = time.Time{}
			refused(fresh)
		})
	}
}

// fresh is a credential that a person made.
func (o *office) fresh(t *testing.T) string {
	t.Helper()
	if !o.certificate {
		return o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	}
	file := filepath.Join(t.TempDir(), "fresh")
	if err := connect.WriteCertificate(file, "second", time.Now()); err != nil {
		t.Fatal(err)
	}
	loaded, err := connect.LoadCertificate(file, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o.Ask(t, "PATCH", "/v1.0/applications/"+o.object, map[string]any{"keyCredentials": []any{
		map[string]any{"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "first", "key": o.credential(t, o.file).Certificate.Public()},
		map[string]any{"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "second", "key": loaded.Public()}}})
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestWhatAnAdministratorLendsIsNotKept(t *testing.T) {
	o := newOffice(t, false)
	r := o.rooms(t, nil)
	admin := o.administrator(t, r.Desk)
	report, err := r.Desk.ProveConnection(t.Context(), "contoso", "main", admin)
	if err != nil || report.Source != "read by the administrator" || report.Complete || len(report.Missing) != 1 {
		t.Fatalf("reported %+v, %v", report, err)
	}
	if e, err := r.Custody.Expiries(t.Context(), time.Now()); err != nil || len(e) != 1 || e[0].By != "directory" || e[0].Days < 700 || !e[0].TooLong {
		t.Errorf("the secret ends %+v, %v", e, err)
	}
	if n := rowsOf(t, r); n != 1 { // the app's own token
		t.Errorf("%d tokens are stored", n)
	}
	r.Desk.Forget(admin)
	if _, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: admin}); refusalOf(err) != "connect.no_administrator" {
		t.Errorf("after it was forgotten: %v", err)
	}
	report, err = r.Desk.ProveConnection(t.Context(), "contoso", "main", "")
	if err != nil || report.Source != "seen in token" {
		t.Errorf("without an administrator: %+v, %v", report, err)
	}
}

func rowsOf(t *testing.T, r simulated.Rooms) int {
	t.Helper()
	n, err := r.Store.SealedRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnOrdinaryPersonDoesNotRotate(t *testing.T) {
	o := newOffice(t, false)
	r := o.rooms(t, nil)
	begun, err := r.Desk.Begin(t.Context(), "contoso", "main", connect.Wanted{Administrator: true, Device: true, ClientID: o.App(t, "public").ClientID})
	if err != nil {
		t.Fatal(err)
	}
	person := someone(o.Tenant, 1)
	person.Code = begun.UserCode
	if _, _, err := person.Open(begun.Address, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Desk.Finish(t.Context(), begun.ID, "", ""); refusalOf(err) == "" {
		if _, err = r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: begun.ID}); refusalOf(err) != "connect.not_administrator" {
			t.Errorf("rotated with %v", err)
		}
	}
	if !o.works(t, o.credential(t, o.file)) {
		t.Error("the credential does not work any more")
	}
}

// TestTheReaderReadsGrantsWhereItMay: with Application.Read.All the tenant's reader
// says what is granted; what is too much shows.
func TestTheReaderReadsGrantsWhereItMay(t *testing.T) {
	n := simulated.New(t)
	r := n.Knock(t, n.Door(t, "everything")) // here the reader is the app itself
	report, err := r.Desk.ProveConnection(t.Context(), "contoso", "main", "")
	if err != nil || report.Source != "read by the reader" || !report.Complete || len(report.TooMuch) < 100 {
		t.Errorf("reported by %q, complete %t, %d too much, %v", report.Source, report.Complete, len(report.TooMuch), err)
	}
}

// TestWhatIsKnownOfANewSecretCountsMoreThanWhatWasSaidOfTheOldOne: the configuration's
// date counts again once it is another than at the rotation.
func TestWhatIsKnownOfANewSecretCountsMoreThanWhatWasSaidOfTheOldOne(t *testing.T) {
	o := newOffice(t, false)
	day := func(days int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days) }
	plan := faulty.NewPlan(t, faulty.Cut{Step: "rotate:write", At: faulty.After})
	r := o.expiring(t, day(4), plan.Step)
	rotate := func() (connect.Rotated, error) {
		return r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: o.administrator(t, r.Desk)})
	}
	if out, err := rotate(); err == nil {
		t.Fatalf("it was cut, and it says %+v", out)
	}
	out, err := rotate()
	if err != nil || !strings.Contains(out.Left, "secret_expires") || !strings.Contains(out.Left, day(179).Format(time.DateOnly)) || !strings.Contains(out.Left, day(4).Format(time.DateOnly)) {
		t.Fatalf("left is %+v, %v", out, err)
	}
	for configured, want := range map[time.Time]struct {
		by   string
		days int
	}{day(4): {"directory", 178}, {}: {"directory", 178}, day(60): {"configuration", 59}} {
		restarted := connect.NewCustody(connect.CustodyConfig{Standings: r.Store, Now: time.Now, Connections: []connect.Connection{
			{Tenant: r.Tenant, Registration: r.Registration, Credential: o.credential(t, o.file), Expires: configured}}})
		list, err := restarted.Expiries(t.Context(), time.Now())
		if err != nil || len(list) != 1 || list[0].By != want.by || list[0].Days != want.days {
			t.Errorf("with %s in the configuration: %+v, %v", configured.Format(time.DateOnly), list, err)
		}
	}
	if v, err := r.Desk.One(t.Context(), "contoso", "main"); err != nil || v.ExpiryBy != "directory" || v.ExpiresAt.Format(time.DateOnly) != day(179).Format(time.DateOnly) {
		t.Errorf("it is shown as %+v, %v", v, err)
	}
	fresh := o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	out, err = r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: fresh})
	if err != nil || !strings.Contains(out.Left, "If secret_expires: "+day(4).Format(time.DateOnly)) {
		t.Errorf("left is %+v, %v", out, err)
	}
	if list, err := r.Custody.Expiries(t.Context(), time.Now()); err != nil || len(list) != 1 || list[0].By != "configuration" {
		t.Errorf("while nobody knows the new one's end: %+v, %v", list, err)
	}
}
