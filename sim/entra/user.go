package entra

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// checkPassword finds a user by name and password.
func (e *Entra) checkPassword(tx *state.Tx, name, password string) (world.Object, error) {
	user, ok := e.world.User(tx, strings.TrimSpace(name))
	if !ok {
		return user, refuse(50034, invalidGrant, "The user account %s does not exist in the %s directory. To sign into this application, the account must be added to the directory.", name, e.world.TenantID)
	}
	if e.lockouts.locked(user.ID, tx.Now()) {
		return user, refuse(50053, invalidGrant, "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.")
	}
	stored, ok := e.world.Passwords.Get(tx, user.ID)
	if !ok || subtle.ConstantTimeCompare([]byte(stored.Text), []byte(password)) == 0 {
		e.lockouts.note(user.ID, tx.Now(), false)
		return user, refuse(50126, invalidGrant, "Error validating credentials due to invalid username or password.")
	}
	e.lockouts.note(user.ID, tx.Now(), true)
	if err := enabled(user); err != nil {
		return user, err
	}
	if stored.ForceChange {
		return user, &problem{Code: 50055, Kind: invalidGrant, Sub: "user_password_expired", Text: "The password is expired."}
	}
	return user, nil
}

func enabled(user world.Object) error {
	if user.Doc["accountEnabled"] == false {
		return refuse(50057, invalidGrant, "The user account is disabled.")
	}
	return nil
}

// activeUser gives a user whose sign-in of that time still counts.
func (e *Entra) activeUser(c *call, id string, signedIn time.Time) (world.Object, error) {
	user, ok := e.world.User(c.tx, id)
	if !ok {
		return user, refuse(50034, invalidGrant, "The user account does not exist in the %s directory.", e.world.TenantID)
	}
	if err := enabled(user); err != nil {
		return user, err
	}
	if e.world.SignInEnded(c.tx, id, signedIn) {
		return user, revoked(signedIn)
	}
	return user, nil
}

func revoked(signedIn time.Time) error {
	return refuse(50173, invalidGrant, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The grant was issued on '%s'.", signedIn.Format(time.RFC3339))
}

// assigned refuses a user whom nobody assigned to a client that wants that
// (graph-facts §1.9, 50105). A group counts for its direct members.
func (e *Entra) assigned(tx *state.Tx, s subject) error {
	if s.client.principal.Doc["appRoleAssignmentRequired"] != true {
		return nil
	}
	for _, holder := range append(e.world.MembershipsOf(tx, s.user.ID, false), s.user) {
		for _, g := range e.world.GrantsTo(tx, holder.ID) {
			if world.Text(g, "resourceId") == s.client.principal.ID {
				return nil
			}
		}
	}
	return refuse(50105, accessDenied, "The signed in user is not assigned to a role for the application '%s'(%s).", s.client.id(), s.client.name())
}

// unconsented lists the delegated permissions that a request needs and nobody has
// consented to. Scopes of OpenID Connect need a consent of their own only where
// the client has none at all.
func (e *Entra) unconsented(tx *state.Tx, s subject, a asked, graph world.Object) []string {
	have := e.world.ScopesOf(tx, s.client.principal.ID, graph.ID, s.user.ID)
	if a.Default || len(a.Names) == 0 {
		if len(have) > 0 {
			return nil
		}
		_, required := world.Required(s.client.app, graph)
		return append(required, a.OpenID...)
	}
	var out []string
	for _, name := range a.Names {
		if !slices.Contains(have, name) {
			out = append(out, name)
		}
	}
	return out
}

// withOpenID adds the OpenID scopes of the sign-in to those of a later request,
// which need not repeat them. A request without scopes asks for the sign-in's.
func withOpenID(scope, signIn string) string {
	if scope == "" {
		return signIn
	}
	said := strings.Fields(scope)
	for _, s := range strings.Fields(signIn) {
		if slices.Contains(world.OpenIDScopes(), strings.ToLower(s)) && !slices.Contains(said, s) {
			said = append(said, s)
		}
	}
	return strings.Join(said, " ")
}

func wantsOffline(scope string) bool {
	return slices.ContainsFunc(strings.Fields(scope), func(s string) bool { return strings.EqualFold(s, "offline_access") })
}
