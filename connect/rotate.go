package connect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/seal"
)

// rotatedLife is how long a new secret or certificate lasts: below what is held
// to be too long.
const rotatedLife = 179 * 24 * time.Hour

// Rotation is what somebody wants of a rotation. Without New, the administrator
// who signed in (an id of Begin) makes the new credential and ends the old one.
type Rotation struct {
	By            string `json:"by"` // for the ledger
	Administrator string `json:"administrator"`
	New           string `json:"new"` // a secret, or a certificate with its key in PEM, that a person made
	// DryRun only refuses what is refused before anything is made or switched.
	DryRun bool `json:"dry_run,omitempty"`
}

// Rotated tells how far a rotation is. While Pending, the new credential does not
// work yet, and the same call goes on from there.
type Rotated struct {
	Pending bool   `json:"pending"`
	Why     string `json:"why,omitempty"`
	// Hint says what a person may do meanwhile, Replaced which leftover gave way.
	Hint     string `json:"hint,omitempty"`
	Replaced string `json:"replaced,omitempty"`
	// Left says what a person still has to do, "" for nothing.
	Left string `json:"left,omitempty"`
}

// Rotate puts a new credential beside the old one, proves it by signing in with
// it, switches the file, and ends the old one, which it leaves to Tidy while other
// processes live that may still sign in with it. Each step is found again after a
// crash by the files that it leaves: FILE.new is a credential that is not proved
// yet, FILE.old one that is to be ended; FILE itself always works.
func (d *Desk) Rotate(ctx context.Context, tenant, registration string, w Rotation) (Rotated, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return Rotated{}, err
	}
	file := d.Files[c.Registration.Name]
	if file == "" {
		return Rotated{}, NothingToRotate(c.Registration.Name)
	}
	if c.Credential.Certificate == nil && isPEM(w.New) || c.Credential.Certificate != nil && w.New != "" && !isPEM(w.New) {
		return Rotated{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.other_kind", Field: "new",
			Say: fmt.Sprintf("The configuration names a %s for the registration %s.", d.Custody.expiry(c, graphwarden.Standing{}).Kind, c.Registration.Name),
			Do:  "Rotate to the same kind, or change the configuration to the other kind and start anew."}
	}
	r := &rotation{desk: d, of: c, file: file, wanted: w}
	if r.inUse() {
		return Rotated{}, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "connect.in_use", Field: "new",
			Say: fmt.Sprintf("This credential is the one that the registration %s uses already; nothing was changed.", c.Registration.Name),
			Do:  "Do not remove it in Entra. To replace it, make another one there, and name that."}
	}
	if w.DryRun {
		return Rotated{}, nil
	}
	if there(file+".new") || !there(file+".old") || w.New != "" && !holds(file, w.New) {
		if pending, err := r.renew(ctx); pending.Pending || err != nil {
			pending.Replaced = r.replaced
			return pending, err
		}
	}
	if err := d.Custody.Rotated(ctx, c.Registration, w.By); err != nil {
		return Rotated{}, err
	}
	return r.end(ctx)
}

// rotation is one rotation under way.
type rotation struct {
	desk     *Desk
	of       Connection
	file     string
	wanted   Rotation
	replaced string    // what is said of a leftover that gave way
	ends     time.Time // the new secret, as the directory lists it; zero: not known
}

// setting says what is left to do about what the configuration says of the old
// secret's end, "" for nothing.
func (r *rotation) setting() string {
	said, ends := r.of.Expires.Format(time.DateOnly), r.ends.UTC().Format(time.DateOnly)
	switch {
	case r.of.Expires.IsZero() || said == ends:
		return ""
	case r.ends.IsZero():
		return fmt.Sprintf("If secret_expires: %s of the registration %s was said of the old secret, change it to when the new one ends, or drop it.", said, r.of.Registration.Name)
	}
	return fmt.Sprintf("Change secret_expires of the registration %s to %s, or drop it: %s was said of the old secret.", r.of.Registration.Name, ends, said)
}

// step does one step under its name.
func (r *rotation) step(name string, act func() error) error {
	if r.desk.Step == nil {
		return act()
	}
	return r.desk.Step("rotate:"+name, act)
}

// renew has a new credential made, unless the one that is wanted lies there
// already, proves it, and switches to it.
func (r *rotation) renew(ctx context.Context) (Rotated, error) {
	gone, err := r.gone(ctx)
	if err != nil {
		return Rotated{}, err
	}
	if gone != "" || !there(r.file+".new") {
		if err := r.make(ctx); err != nil {
			return Rotated{}, err
		}
		r.replaced = gone
	}
	fresh, err := r.load(r.file + ".new")
	if err != nil {
		return Rotated{}, err
	}
	if err := r.upload(ctx, fresh); err != nil {
		return Rotated{}, err
	}
	err = r.step("prove", func() error { return r.prove(ctx, fresh) })
	if err != nil && passes(err) {
		return Rotated{Pending: true, Why: err.Error(), Hint: r.hint(err)}, nil // a new one takes a minute or two to be known everywhere
	}
	if err != nil {
		return Rotated{}, err
	}
	err = r.step("keep", func() error {
		old, err := os.ReadFile(r.file)
		if err != nil {
			return fmt.Errorf("keeping the old credential: %w", err)
		}
		defer clear(old)
		return writeWhole(r.file+".old", old)
	})
	if err != nil {
		return Rotated{}, err
	}
	return Rotated{}, r.step("switch", func() error {
		if err := os.Rename(r.file+".new", r.file); err != nil {
			return fmt.Errorf("switching the credential: %w", err)
		}
		return syncFolder(r.file)
	})
}

// make has the new credential made and puts it into FILE.new.
func (r *rotation) make(ctx context.Context) error {
	content := []byte(r.wanted.New)
	switch {
	case len(content) > 0:
	case r.of.Credential.Certificate != nil:
		made, err := MakeCertificate(r.desk.Random, "graphwarden "+r.of.short(), r.desk.Now(), rotatedLife)
		if err != nil {
			return err
		}
		content = made
	default:
		admin, f, err := r.desk.administrator(r.of.Tenant.Name, r.wanted.Administrator)
		if err != nil {
			return err
		}
		app, err := admin.Application(ctx, f, r.of.Registration.ClientID)
		if err != nil {
			return refusedAdministrator(err)
		}
		var secret seal.Secret
		err = r.step("add", func() (err error) {
			secret, _, err = admin.AddSecret(ctx, f, app, "graphwarden "+r.desk.Now().UTC().Format(time.DateOnly), r.desk.Now().Add(rotatedLife))
			return refusedAdministrator(err)
		})
		if err != nil {
			return err
		}
		secret.Reveal(func(plain []byte) { content = append(content, plain...) })
		r.desk.made(r.wanted.Administrator, r.file)
	}
	defer clear(content)
	return r.step("write", func() error { return writeWhole(r.file+".new", content) })
}

// upload makes sure that Entra has the new certificate. One that a person made is
// the person's to upload.
func (r *rotation) upload(ctx context.Context, fresh entra.Credential) error {
	if fresh.Certificate == nil || r.wanted.Administrator == "" {
		return nil
	}
	admin, f, err := r.desk.administrator(r.of.Tenant.Name, r.wanted.Administrator)
	if err != nil {
		return err
	}
	app, err := admin.Application(ctx, f, r.of.Registration.ClientID)
	if err != nil {
		return refusedAdministrator(err)
	}
	for _, c := range app.Credentials {
		if lists(c, fresh) {
			return nil
		}
	}
	return r.step("add", func() error {
		return refusedAdministrator(admin.AddCertificate(ctx, f, app, "graphwarden "+r.desk.Now().UTC().Format(time.DateOnly), fresh.Certificate.Public()))
	})
}

// prove signs in with the new credential and keeps nothing of it.
func (r *rotation) prove(ctx context.Context, fresh entra.Credential) error {
	if !r.of.Registration.Mode.Delegated() {
		_, err := r.desk.Custody.Source.Obtain(ctx, r.of.Tenant, r.of.Registration, fresh, entra.Claims{})
		return err
	}
	stored, _, err := r.desk.Custody.stored(ctx, r.of)
	if err != nil {
		return err
	}
	if stored.Refresh.Empty() {
		return r.proveClient(ctx, fresh)
	}
	_, err = r.desk.Custody.Source.Refresh(ctx, r.of.Tenant, r.of.Registration, fresh, stored.Refresh, r.of.Scopes, entra.Claims{})
	return err
}

// end ends the old credential in Entra, when an administrator is there to do it
// and it is certain which one it is, and forgets it.
func (r *rotation) end(ctx context.Context) (Rotated, error) {
	old, err := r.load(r.file + ".old")
	if err != nil {
		return Rotated{}, err
	}
	others, err := r.desk.others(ctx)
	if err != nil {
		return Rotated{}, err
	}
	out := Rotated{Replaced: r.replaced, Left: "Remove the old credential of the app " + r.of.Registration.ClientID + " under Certificates & secrets."}
	kept := false
	admin, f, err := r.desk.administrator(r.of.Tenant.Name, r.wanted.Administrator)
	if err == nil {
		err := r.step("end", func() (err error) {
			kept, err = r.remove(ctx, admin, f, old, others, &out)
			return err
		})
		if err != nil {
			return Rotated{}, err
		}
	}
	out.Left = strings.Join(slices.DeleteFunc([]string{copied(others, r.file), out.Left, r.setting()}, func(s string) bool { return s == "" }), " ")
	if kept {
		return out, nil // FILE.old stays: Tidy knows by it what is to be ended
	}
	return out, r.step("forget", r.forget)
}

func (r *rotation) forget() error {
	if err := os.Remove(r.file + ".old"); err != nil {
		return fmt.Errorf("forgetting the old credential: %w", err)
	}
	return syncFolder(r.file)
}

func (r *rotation) load(path string) (entra.Credential, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return entra.Credential{}, fmt.Errorf("reading a credential: %w", err)
	}
	defer clear(raw)
	return r.parse(path, raw)
}

// parse gives the credential that stands in a file, or is to.
func (r *rotation) parse(path string, raw []byte) (entra.Credential, error) {
	if !isPEM(string(raw)) {
		return entra.Credential{Secret: seal.FromString(strings.TrimSpace(string(raw)))}, nil
	}
	certificate, err := parseCertificate(path, raw, r.desk.Now())
	return entra.Credential{Certificate: certificate}, err
}

// lists says whether an entry of the directory's list is a credential's.
func lists(entry graph.Credential, c entra.Credential) bool {
	if c.Certificate != nil {
		return entry.Certificate && c.Certificate.Listed(entry.Thumbprint)
	}
	begins := false
	c.Secret.Reveal(func(plain []byte) { begins = strings.HasPrefix(string(plain), entry.Hint) })
	return !entry.Certificate && entry.Hint != "" && begins
}

// refusedAdministrator says what it means that Graph does not let an
// administrator do this.
func refusedAdministrator(err error) error {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Denied {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "connect.not_administrator", Cause: err,
			Say: "The person who signed in may not change this app registration.", Do: "Sign in as a Cloud Application Administrator, or as an owner of the app."}
	}
	return err
}

func isPEM(text string) bool { return strings.Contains(text, "-----BEGIN ") }

func there(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// remove ends the old credential if exactly one entry of the list can be it; while
// others live, it keeps it, and says how it is ended later.
func (r *rotation) remove(ctx context.Context, admin *graph.Graph, f flow.Flow, old entra.Credential, others int, out *Rotated) (kept bool, err error) {
	app, err := admin.Application(ctx, f, r.of.Registration.ClientID)
	if err != nil {
		return false, refusedAdministrator(err)
	}
	current, err := r.load(r.file)
	if err != nil {
		return false, err
	}
	if current.Certificate == nil {
		r.ends = endOf(app, current)
		if err := r.desk.Custody.noteExpiry(ctx, r.of, r.ends, "directory"); err != nil {
			return false, err
		}
	}
	one, found := entryOf(app, old, current)
	switch {
	case found == 0:
		out.Left = "" // ended before
		return false, nil
	case found > 1:
		return false, nil // it cannot be told from another: a person looks
	case others > 0:
		out.Left = fmt.Sprintf("The old one still works; end it when all have the new one: graphwarden connect tidy %s %s.", r.of.Tenant.Name, r.of.short())
		return true, nil
	}
	out.Left = ""
	return false, endEntry(ctx, admin, f, app, one)
}

// entryOf finds the old credential among an app's, and says how many entries can be it;
// one that can be the current one, too, counts as many.
func entryOf(app graph.Application, old, current entra.Credential) (one graph.Credential, found int) {
	for _, c := range app.Credentials {
		if lists(c, old) {
			one = c
			found++
		}
	}
	if found == 1 && lists(one, current) {
		found++
	}
	return one, found
}

func endEntry(ctx context.Context, admin *graph.Graph, f flow.Flow, app graph.Application, c graph.Credential) error {
	if c.Certificate {
		return refusedAdministrator(admin.RemoveCertificate(ctx, f, app, c.ID))
	}
	return refusedAdministrator(admin.RemoveSecret(ctx, f, app, c.ID))
}
