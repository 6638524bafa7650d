package world

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// SetPassword gives a user a password. Tokens of public clients that rest on the
// old one stop being renewed (graph-facts §1.6).
func (w *World) SetPassword(tx *state.Tx, user, text string, forceChange bool) {
	w.Passwords.Put(tx, user, Password{Text: text, ForceChange: forceChange, Changed: tx.Now()})
}

// RevokeSignIns ends every sign-in of a user: sessions and refresh tokens that
// are older stop working, access tokens live on (graph-facts §8).
func (w *World) RevokeSignIns(tx *state.Tx, user Object) Object {
	w.Revoked.Put(tx, user.ID, tx.Now())
	return w.ChangeObject(tx, user, Doc{"signInSessionsValidFromDateTime": Time(tx.Now())})
}

// SignInEnded says whether a sign-in of that time has been revoked since.
func (w *World) SignInEnded(tx *state.Tx, user string, signedIn time.Time) bool {
	revoked, ok := w.Revoked.Get(tx, user)
	return ok && !signedIn.After(revoked)
}

// RolesHeld gives the template ids of the directory roles that a user or service
// principal holds, in the order in which the roles were activated.
func (w *World) RolesHeld(tx *state.Tx, principal string) []string {
	var out []string
	for o := range w.LinkedTo(tx, principal, Members) {
		if o.Type == "directoryRole" {
			out = append(out, Text(o.Doc, "roleTemplateId"))
		}
	}
	return out
}
