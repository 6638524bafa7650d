package world

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// SecretLife is how long a client secret lasts when nobody says otherwise:
// two years (graph-facts §1.11), taken as 730 days.
const SecretLife = 730 * 24 * time.Hour

// AddSecret gives an application or a service principal a new client secret. Its
// text is in the result and nowhere in the object.
func (w *World) AddSecret(tx *state.Tx, holder Object, name string, start, end time.Time) (Object, Secret) {
	return w.addSecret(tx, holder, name, secretText(tx), start, end)
}

func (w *World) addSecret(tx *state.Tx, holder Object, name, text string, start, end time.Time) (Object, Secret) {
	s := Secret{App: holder.ID, KeyID: tx.GUID(), Text: text, Start: start, End: end}
	if w.SecretDelay > 0 {
		s.Usable = tx.Now().Add(w.SecretDelay)
	}
	w.Secrets.Put(tx, s.KeyID, s)
	entry := Doc{"customKeyIdentifier": nil, "displayName": orNull(name), "endDateTime": Time(end),
		"hint": text[:3], "keyId": s.KeyID, "secretText": nil, "startDateTime": Time(start)}
	return w.ChangeObject(tx, holder, Doc{"passwordCredentials": with(holder, "passwordCredentials", entry)}), s
}

// RemoveSecret takes a client secret away and says whether it was there.
func (w *World) RemoveSecret(tx *state.Tx, holder Object, keyID string) (Object, bool) {
	s, ok := w.Secrets.Get(tx, keyID)
	if !ok || s.App != holder.ID {
		return holder, false
	}
	w.Secrets.Delete(tx, keyID)
	return w.ChangeObject(tx, holder, Doc{"passwordCredentials": without(holder, "passwordCredentials", keyID)}), true
}

// AddCertificate uploads a certificate (DER) to an application or a service
// principal.
func (w *World) AddCertificate(tx *state.Tx, holder Object, name string, der []byte) (Object, error) {
	entry, err := KeyCredential(tx, name, der)
	if err != nil {
		return holder, err
	}
	return w.ChangeObject(tx, holder, Doc{"keyCredentials": with(holder, "keyCredentials", entry)}), nil
}

// AddSigningKey uploads a key by which Entra signs tokens for a service principal,
// with an entry for its password: a certificate, or a PKCS #12 file whose inside
// the simulator does not open. Neither authenticates anybody.
func (w *World) AddSigningKey(tx *state.Tx, holder Object, name string, der []byte) (Object, error) {
	entry, err := KeyCredential(tx, name, der)
	if err != nil {
		var file asn1.RawValue
		if rest, err := asn1.Unmarshal(der, &file); err != nil || len(rest) > 0 {
			return holder, fmt.Errorf("reading the key %q: %w", name, err)
		}
		entry = Doc{"customKeyIdentifier": nil, "displayName": orNull(name), "endDateTime": Time(tx.Now().Add(SecretLife)),
			"key": base64.StdEncoding.EncodeToString(der), "keyId": tx.GUID(), "startDateTime": Time(tx.Now())}
	}
	entry["type"], entry["usage"] = "X509CertAndPassword", "Sign"
	password := Doc{"customKeyIdentifier": entry["customKeyIdentifier"], "displayName": nil, "endDateTime": entry["endDateTime"],
		"hint": nil, "keyId": entry["keyId"], "secretText": nil, "startDateTime": entry["startDateTime"]}
	return w.ChangeObject(tx, holder, Doc{"passwordCredentials": with(holder, "passwordCredentials", password),
		"keyCredentials": with(holder, "keyCredentials", entry)}), nil
}

// KeyCredentials completes a list of keyCredentials that a client sends: what it
// leaves out is read from the certificates (graph-facts §1.5). An entry without
// a key stands for the one that the holder has under its keyId.
func KeyCredentials(tx *state.Tx, holder Object, list []any) ([]any, error) {
	have, _ := holder.Doc["keyCredentials"].([]any)
	out := make([]any, 0, len(list))
	for _, v := range list {
		key, _ := v.(Doc)
		i := slices.IndexFunc(have, func(h any) bool {
			stored, _ := h.(Doc)
			return stored["keyId"] == key["keyId"]
		})
		if i >= 0 && key["key"] == nil {
			out = append(out, have[i])
			continue
		}
		der, err := base64.StdEncoding.DecodeString(Text(key, "key"))
		if err != nil {
			return nil, fmt.Errorf("reading the key %q: %w", Text(key, "displayName"), err)
		}
		entry, err := KeyCredential(tx, Text(key, "displayName"), der)
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	return out, nil
}

// KeyCredential describes a certificate (DER) as Graph does in a list of
// keyCredentials.
func KeyCredential(tx *state.Tx, name string, der []byte) (Doc, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %q: %w", name, err)
	}
	thumbprint := sha1.Sum(der)
	return Doc{"customKeyIdentifier": base64.StdEncoding.EncodeToString(thumbprint[:]),
		"displayName": orNull(name), "endDateTime": Time(c.NotAfter), "key": base64.StdEncoding.EncodeToString(der),
		"keyId": tx.GUID(), "startDateTime": Time(c.NotBefore), "type": "AsymmetricX509Cert", "usage": "Verify"}, nil
}

// Certificate is a certificate that an application or a service principal may
// sign assertions with, while its entry holds.
type Certificate struct {
	Certificate *x509.Certificate
	entry       Doc
}

// Valid says whether assertions may be signed with it at that time.
func (c Certificate) Valid(at time.Time) bool {
	start, err := time.Parse(time.RFC3339, Text(c.entry, "startDateTime"))
	if err == nil && at.Before(start) {
		return false
	}
	end, err := time.Parse(time.RFC3339, Text(c.entry, "endDateTime"))
	return err != nil || at.Before(end)
}

// Certificates gives the certificates of an application or a service principal.
// Entries that hold none are passed over, as they verify nothing.
func Certificates(holder Object) []Certificate {
	var out []Certificate
	list, _ := holder.Doc["keyCredentials"].([]any)
	for _, v := range list {
		d, _ := v.(Doc)
		der, err := base64.StdEncoding.DecodeString(Text(d, "key"))
		if err != nil || Text(d, "usage") != "Verify" {
			continue
		}
		if c, err := x509.ParseCertificate(der); err == nil {
			out = append(out, Certificate{c, d})
		}
	}
	return out
}

// secretText draws a secret of the shape that Entra gives them: 40 characters
// with a marker after the first three.
func secretText(tx *state.Tx) string {
	a, b := tx.Bytes(), tx.Bytes()
	return shapeSecret(append(a[:], b[:]...))
}

func shapeSecret(random []byte) string {
	text := base64.RawURLEncoding.EncodeToString(random)
	return text[:3] + "8Q~" + text[3:37]
}

// with is a list of the object with one entry more.
func with(o Object, list string, entry Doc) []any {
	have, _ := o.Doc[list].([]any)
	return append(slices.Clone(have), any(entry))
}

// without is a list of the object less the entry with this keyId.
func without(o Object, list, keyID string) []any {
	have, _ := o.Doc[list].([]any)
	return slices.DeleteFunc(slices.Clone(have), func(v any) bool {
		d, _ := v.(Doc)
		return Text(d, "keyId") == keyID
	})
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
