package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// Connection is a registration in its tenant with the credential it signs in by.
type Connection struct {
	Tenant       graphwarden.Tenant
	Registration graphwarden.Registration
	Credential   entra.Credential
	Scopes       []string // delegated permissions that its flows need, for a person's sign-in
	// Reload, when set, reads the credential anew, so that one that was rotated is
	// used without a restart. While it fails, the last good one is used.
	Reload func() (entra.Credential, error)
	// Expires is when the credential ends as the configuration tells; zero: it
	// does not say.
	Expires time.Time
	// People says that it acts for those who sign in, each by themselves.
	People bool
}

// current gives the connection with the credential of now.
func (k *kept) current() Connection {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.currently()
}

// currently is current for who holds the lock.
func (k *kept) currently() Connection {
	of := k.connection
	if of.Reload != nil {
		if fresh, err := of.Reload(); err == nil {
			k.credential = fresh
		}
	}
	of.Credential = k.credential
	return of
}

// place is where a connection's token lies in the vault: by the registration's
// name and a fingerprint of all that the token follows from, so that a token
// obtained for another cloud, tenant, client, credential or set of permissions is
// not lent any more. A person's sign-in is bound to the client and not to its
// credential, and must outlive its rotation.
func (c Connection) place() string {
	parts := []string{c.Tenant.ID, c.Tenant.Cloud.Login, c.Tenant.Cloud.Graph, c.Registration.ClientID}
	switch {
	case c.Registration.Mode.Delegated():
		if c.Registration.Account != "" { // what each consented to stands with the token
			parts = append(parts, "one of several", c.Registration.Account)
			break
		}
		parts = append(parts, "person", strings.Join(c.Scopes, " "))
	case c.Credential.Certificate != nil:
		parts = append(parts, "certificate", c.Credential.Certificate.Thumbprint())
	default:
		parts = append(parts, "secret", string(c.Credential.Secret.Sign([]byte("custody"))))
	}
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part) // no two lists of parts read the same
	}
	return c.Registration.Name + "#" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// short is the registration's name within its tenant.
func (c Connection) short() string {
	return strings.TrimPrefix(c.whole(), c.Tenant.Name+"/")
}

// asking is the registration as Entra is asked for a token, whoever it is for.
func (c Connection) asking() graphwarden.Registration {
	r := c.Registration
	r.Name = c.whole()
	return r
}

// whole is the registration's name without the person whom the connection acts for.
func (c Connection) whole() string {
	return strings.TrimSuffix(c.Registration.Name, ofPerson+c.Registration.Account)
}
