package connect

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// codeRevoked is the code of what was revoked; docs/errors.md explains it.
const codeRevoked = "connect.revoked"

// revoked is what every call hears from a connection that somebody revoked.
func revoked(of Connection, s graphwarden.Standing) *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: codeRevoked,
		Say: fmt.Sprintf("The connection %s was revoked at %s.", of.Registration.Name, s.RevokedAt.UTC().Format(time.RFC3339)),
		Do:  "If it is to work again, " + again(of)}
}

// wholly is what the people of a registration hear that somebody revoked.
func wholly(of Connection, s graphwarden.Standing) error {
	of.Registration.Name, of.Registration.Account = of.whole(), ""
	return revoked(of, s)
}

// again says how a connection is made to work again: an operator connects a
// registration, and whoever signs in for an app the app sends to a new sign-in.
func again(of Connection) string {
	if account := of.Registration.Account; account != "" {
		return fmt.Sprintf(`have the person sign in again: POST /v1/tenants/%s/sign-ins with {"registration": %q, "account": %q} gives the link.`, of.Tenant.Name, of.short(), account)
	}
	return "run: graphwarden connect " + command(of)
}

// personally has a refusal that a person mends by signing in say how one of several
// people does that.
func personally(of Connection, err error) error {
	var r *graphwarden.Refusal
	if of.Registration.Account == "" || !errors.As(err, &r) || !entra.Anew(r.Code) {
		return err
	}
	own := *r
	own.Do = sentence(again(of))
	return &own
}

// codeWrongKey is the code of a token that does not open; docs/errors.md explains it.
const codeWrongKey = "seal.wrong_key"

// wrongKey says whether a token does not open: it is of another key, or was tampered with.
func wrongKey(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && r.Code == codeWrongKey
}

// unopened has a token that does not open say how its connection works again.
func unopened(of Connection, err error) error {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Code != codeWrongKey {
		return err
	}
	own := *r
	own.Say = fmt.Sprintf("The stored token of the registration %s does not open with this key file.", of.Registration.Name)
	own.Do = "Put back the key file that was in force when this token was stored; or, if it is lost, " + again(of)
	return &own
}

// sentence begins with a capital letter.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// CodeNobodySignedIn is the code of what nobody says.
const CodeNobodySignedIn = "connect.nobody_signed_in"

// nobody is what a connection for a person says before one has signed in.
func nobody(of Connection) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: CodeNobodySignedIn,
		Say: fmt.Sprintf("Nobody has signed in to the registration %s yet.", of.Registration.Name),
		Do:  sentence(again(of))}
}

// told repeats a refusal that another process heard.
func told(s graphwarden.Standing) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: s.RefusedCode, Say: s.RefusedSay, Do: s.RefusedDo}
}

// command is how a command line names a connection.
func command(of Connection) string {
	return of.Tenant.Name + " " + of.short()
}

// unmet is what a call hears whose token Microsoft challenged again for the same.
func unmet(of Connection, claims entra.Claims) error {
	do := "Have an administrator look at the Conditional Access policies and authentication contexts that hold for this app, and exclude it or meet them."
	if of.Registration.Mode.Delegated() {
		do = "The policy wants more of whoever signs in, such as a second factor: " + again(of)
	}
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.claims_unmet",
		Say: fmt.Sprintf("Microsoft 365 wants more proof (%s) than Entra gives the registration %s.", strings.Join(claims.Names(), ", "), of.Registration.Name),
		Do:  do}
}
