package connect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// spreads is how long Entra may take until it knows a new secret everywhere.
const spreads = 5 * time.Minute

// gone says that a credential in FILE.new gives way to a new one, and why: it is
// not the one that a person names, or Entra refuses it and an administrator is
// there to make another. "": it is gone on with, or there is none.
func (r *rotation) gone(ctx context.Context) (string, error) {
	path := r.file + ".new"
	switch {
	case !there(path):
		return "", nil
	case r.wanted.New != "" && holds(path, r.wanted.New):
		return "", nil
	case r.wanted.New != "":
		return fmt.Sprintf("A different credential, which an earlier rotation left in %s, was replaced.", path), nil
	case r.wanted.Administrator == "" || r.desk.hasMade(r.wanted.Administrator, r.file):
		return "", nil
	}
	fails, err := r.fails(ctx, path)
	if err != nil || !fails {
		return "", err
	}
	return fmt.Sprintf("A credential that does not work, which an earlier rotation left in %s, was replaced by a new one.", path), nil
}

// fails says whether a leftover will not come to work: Entra refuses it, and it is
// none that a rotation made just now. Of a certificate Entra is given its part.
func (r *rotation) fails(ctx context.Context, path string) (bool, error) {
	left, err := r.load(path)
	var refusal *graphwarden.Refusal
	switch {
	case errors.As(err, &refusal):
		return true, nil // no certificate
	case err != nil:
		return false, err
	case (left.Certificate == nil) != (r.of.Credential.Certificate == nil):
		return true, nil // of the other kind
	case left.Certificate != nil || !wrong(r.prove(ctx, left)):
		return false, nil
	}
	admin, f, err := r.desk.administrator(r.of.Tenant.Name, r.wanted.Administrator)
	if err != nil {
		return false, err
	}
	app, err := admin.Application(ctx, f, r.of.Registration.ClientID)
	if err != nil {
		return false, refusedAdministrator(err)
	}
	for _, c := range app.Credentials {
		if lists(c, left) && byRotation().MatchString(c.Name) && r.desk.Now().Sub(c.Start) < spreads {
			return false, nil
		}
	}
	return true, nil
}

// wrong says whether Entra refuses a secret for itself.
func wrong(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && slices.Contains([]string{"entra.secret_wrong", "entra.secret_is_id", "entra.secret_expired"}, r.Code)
}

// hint says what a person may do while Entra refuses the credential that they made.
func (r *rotation) hint(err error) string {
	var refusal *graphwarden.Refusal
	switch {
	case r.wanted.New == "" || !errors.As(err, &refusal):
	case refusal.Code == "entra.secret_wrong":
		return "Entra does not know it yet; if it was pasted wrongly, stop and run the command again with the right one."
	case refusal.Code == "entra.certificate_unknown":
		return "Entra does not know it yet; if its public part is not uploaded under Certificates & secrets, do that now."
	}
	return ""
}

// proveClient proves a credential for people where no person's token is at hand:
// the app signs in by itself. What Entra says of the app's consent or of policies,
// it says to a client that it has recognized.
func (r *rotation) proveClient(ctx context.Context, fresh entra.Credential) error {
	_, err := r.desk.Custody.Source.Obtain(ctx, r.of.Tenant, r.of.asking(), fresh, entra.Claims{})
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Credential && entra.OfPerson(refusal.Code) {
		return nil
	}
	return err
}

// inUse says whether the credential that a person names is the one in use, however it is
// written: to rotate to it would end with the advice to remove what is in use. That of a
// rotation which was cut off after it had switched is gone on with: what it was switched
// from is still to be ended.
func (r *rotation) inUse() bool {
	if r.wanted.New == "" {
		return false
	}
	current, err := r.load(r.file)
	if err != nil {
		return false // it does not work, so it is not in use
	}
	wanted, err := r.parse(r.file+".new", []byte(r.wanted.New))
	if err != nil || !same(current, wanted) {
		return false
	}
	former, err := r.load(r.file + ".old")
	return err != nil || same(former, current) || there(r.file+".new")
}

func same(a, b entra.Credential) bool {
	if a.Certificate != nil || b.Certificate != nil {
		return a.Certificate != nil && b.Certificate != nil && a.Certificate.Thumbprint() == b.Certificate.Thumbprint()
	}
	return a.Secret.Equal(b.Secret)
}

// holds says whether a file holds a credential.
func holds(path, content string) bool {
	raw, err := os.ReadFile(path)
	defer clear(raw)
	return err == nil && strings.TrimSpace(string(raw)) == strings.TrimSpace(content)
}

// made remembers that an administrator made a secret beside a file.
func (d *Desk) made(id, file string) {
	d.Visits.mu.Lock()
	defer d.Visits.mu.Unlock()
	if s := d.Visits.started[id]; s != nil {
		if s.made == nil {
			s.made = map[string]bool{}
		}
		s.made[file] = true
	}
}

func (d *Desk) hasMade(id, file string) bool {
	d.Visits.mu.Lock()
	defer d.Visits.mu.Unlock()
	s := d.Visits.started[id]
	return s != nil && s.made[file]
}

// NothingToRotate is what a registration without a credential says.
func NothingToRotate(name string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.no_credential",
		Say: fmt.Sprintf("The registration %s is a public client: it has no secret and no certificate.", name), Do: "There is nothing to rotate."}
}

// missingTools says of a tenant without Microsoft's own app what to name instead, and
// of another app that was named and is not there, what named it.
func missingTools(c Connection, w Wanted, err error) error {
	var refusal *graphwarden.Refusal
	if !w.Administrator || !errors.As(err, &refusal) || !slices.Contains([]string{"entra.app_unknown", "entra.principal_missing", "entra.app_disabled"}, refusal.Code) {
		return err
	}
	if w.ClientID != "" {
		said := *refusal
		said.Cause, said.Do = err, "Correct what --administrator-client names: a public app of the tenant "+c.Tenant.Name+" that is not disabled; without it that is Microsoft's own."
		return &said
	}
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.no_tools", Cause: err,
		Say: fmt.Sprintf("The tenant %s lacks Microsoft's own app, which an administrator signs in to unless another is named.", c.Tenant.Name),
		Do:  "Name a public app of the tenant: --administrator-client ID"}
}
