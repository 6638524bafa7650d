package connect

import (
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// revoked is what every call hears from a connection that somebody revoked.
func revoked(of Connection, s graphwarden.Standing) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.revoked",
		Say: fmt.Sprintf("The connection %s was revoked at %s.", of.Registration.Name, s.RevokedAt.UTC().Format(time.RFC3339)),
		Do:  "If it is to work again, run: graphwarden connect " + command(of)}
}

// nobody is what a connection for a person says before one has signed in.
func nobody(of Connection) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.nobody_signed_in",
		Say: fmt.Sprintf("Nobody has signed in to the registration %s yet.", of.Registration.Name),
		Do:  "Run: graphwarden connect " + command(of)}
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
		do = "Sign in again with what the policy wants, such as a second factor: graphwarden connect " + command(of)
	}
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.claims_unmet",
		Say: fmt.Sprintf("Microsoft 365 wants more proof (%s) than Entra gives the registration %s.", strings.Join(claims.Names(), ", "), of.Registration.Name),
		Do:  do}
}
