package directory

import (
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// credentialRoutes manage the secrets and certificates of applications and of
// service principals (graph-facts §1.5, §1.11).
func credentialRoutes() []wire.Route {
	var out []wire.Route
	for _, typ := range []string{"application", "servicePrincipal"} {
		k, _ := kindOf(typ)
		for _, a := range []struct {
			name, typ string
			self      bool // an application needs no permission to roll its own keys (application-addkey)
			do        action
		}{
			{"addPassword", "passwordCredential", false, addPassword},
			{"removePassword", "", false, removePassword},
			{"addKey", "keyCredential", true, addKey},
			{"removeKey", "", true, removeKey},
		} {
			r := wire.Route{Method: "POST", Path: k.path() + "/" + a.name, Type: a.typ, Body: wire.Action, Self: a.self,
				Handle: k.on(k.right, world.Update, a.do)}
			if a.typ != "" {
				r.Context = "microsoft.graph." + a.typ
			}
			out = append(out, r)
		}
	}
	return append(out, extensionRoutes()...)
}

// addPassword draws a client secret and shows it this once.
func addPassword(c *wire.Call, o world.Object) (wire.Answer, error) {
	given, _ := c.Body["passwordCredential"].(wire.Doc)
	start, end := instantOr(given, "startDateTime", c.Now), c.Now.Add(world.SecretLife)
	end = instantOr(given, "endDateTime", end)
	if !end.After(start) {
		return wire.Answer{}, bad("The end date of the credential must be later than its start date.")
	}
	o, s := c.World.AddSecret(c.Tx, o, world.Text(given, "displayName"), start, end)
	list, _ := o.Doc["passwordCredentials"].([]any)
	entry, _ := list[len(list)-1].(wire.Doc)
	return wire.Entity(world.Merge(entry, wire.Doc{"secretText": s.Text})), nil
}

func instantOr(d wire.Doc, name string, otherwise time.Time) time.Time {
	if t, err := time.Parse(time.RFC3339, world.Text(d, name)); err == nil {
		return t
	}
	return otherwise
}

func removePassword(c *wire.Call, o world.Object) (wire.Answer, error) {
	id := world.Text(c.Body, "keyId")
	if _, ok := c.World.RemoveSecret(c.Tx, o, id); !ok {
		return wire.Answer{}, bad("No password credential found with keyId '%s'.", id)
	}
	return wire.Empty(http.StatusNoContent), nil
}

// addKey adds a certificate. The caller proves that he holds one already.
func addKey(c *wire.Call, o world.Object) (wire.Answer, error) {
	if !world.Proves(o, world.Text(c.Body, "proof"), c.Now) {
		return wire.Answer{}, noProof()
	}
	key, _ := c.Body["keyCredential"].(wire.Doc)
	der, err := base64.StdEncoding.DecodeString(world.Text(key, "key"))
	if err != nil {
		return wire.Answer{}, badKey()
	}
	changed, err := addKeyOf(c, o, key, der)
	if err != nil {
		return wire.Answer{}, err
	}
	list, _ := changed.Doc["keyCredentials"].([]any)
	entry, _ := list[len(list)-1].(wire.Doc)
	return wire.Entity(entry), nil
}

// addKeyOf adds a certificate that assertions are verified with, or a key that
// Entra signs tokens with and the password to it (serviceprincipal-addkey).
func addKeyOf(c *wire.Call, o world.Object, key wire.Doc, der []byte) (world.Object, error) {
	password, _ := c.Body["passwordCredential"].(wire.Doc)
	secret := world.Text(password, "secretText")
	var err error
	switch kind, usage := world.Text(key, "type"), world.Text(key, "usage"); {
	case kind == "AsymmetricX509Cert" && usage == "Verify" && secret == "":
		o, err = c.World.AddCertificate(c.Tx, o, world.Text(key, "displayName"), der)
	case kind == "X509CertAndPassword" && usage == "Sign" && secret != "":
		o, err = c.World.AddSigningKey(c.Tx, o, world.Text(key, "displayName"), der)
	default:
		return o, badKey()
	}
	if err != nil {
		return o, badKey()
	}
	return o, nil
}

func removeKey(c *wire.Call, o world.Object) (wire.Answer, error) {
	if !world.Proves(o, world.Text(c.Body, "proof"), c.Now) {
		return wire.Answer{}, noProof()
	}
	id := world.Text(c.Body, "keyId")
	have, _ := o.Doc["keyCredentials"].([]any)
	left := slices.DeleteFunc(slices.Clone(have), func(v any) bool {
		d, _ := v.(wire.Doc)
		return world.Text(d, "keyId") == id
	})
	if len(left) == len(have) {
		return wire.Answer{}, bad("No credentials found to be removed.")
	}
	c.World.ChangeObject(c.Tx, o, wire.Doc{"keyCredentials": left})
	return wire.Empty(http.StatusNoContent), nil
}

func badKey() error { return bad("Key value is invalid certificate.") }

func noProof() error {
	return wire.Refuse(http.StatusUnauthorized, "Authentication_MissingOrMalformed", "Proof of possession is invalid.")
}

// stampKeys completes the certificates that a client sets as a whole list.
func stampKeys(c *wire.Call, o world.Object, set wire.Doc) error {
	list, given := set["keyCredentials"].([]any)
	if !given {
		return nil
	}
	keys, err := world.KeyCredentials(c.Tx, o, list)
	if err != nil {
		return badKey()
	}
	set["keyCredentials"] = keys
	return nil
}
