package sim

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// appWish is what an administrator does to an app.
type appWish struct {
	App string `json:"app"` // client id or display name
	Do  string `json:"do"`
	// In is a Go duration from now, for expire: when the credentials end.
	In string `json:"in"`
}

// app is an application of the tenant with its service principal.
type app struct{ application, principal world.Object }

// deeds are what can be done to an app.
func (s *Sim) deeds() map[string]func(*state.Tx, app, time.Time) {
	return map[string]func(*state.Tx, app, time.Time){
		"disable": func(tx *state.Tx, a app, _ time.Time) {
			s.World.ChangeObject(tx, a.principal, world.Doc{"accountEnabled": false})
		},
		"enable": func(tx *state.Tx, a app, _ time.Time) {
			s.World.ChangeObject(tx, a.principal, world.Doc{"accountEnabled": true})
		},
		"revoke": func(tx *state.Tx, a app, _ time.Time) { s.revokeConsent(tx, a) },
		"consent": func(tx *state.Tx, a app, _ time.Time) {
			s.World.ConsentRequired(tx, a.application, a.principal)
		},
		"delete": func(tx *state.Tx, a app, _ time.Time) {
			s.World.SoftDelete(tx, a.principal)
			s.World.SoftDelete(tx, a.application)
		},
		"expire":        func(tx *state.Tx, a app, at time.Time) { s.expire(tx, a.application, at) },
		"removeSecrets": func(tx *state.Tx, a app, _ time.Time) { s.removeSecrets(tx, a.application) },
	}
}

// changeApp does to an app what an administrator can do, and gives what it has of
// credentials then.
func (s *Sim) changeApp(_ *http.Request, in *appWish) (out any, err error) {
	do, ok := s.deeds()[in.Do]
	if !ok {
		return nil, fmt.Errorf("nobody can %q an app: disable, enable, revoke, consent, delete, expire and removeSecrets are known", in.Do)
	}
	var after time.Duration
	if in.In != "" {
		if after, err = time.ParseDuration(in.In); err != nil {
			return nil, fmt.Errorf("reading in: %w", err)
		}
	}
	err = s.World.Update(func(tx *state.Tx) error {
		id, err := s.findApp(tx, in.App)
		if err != nil {
			return err
		}
		var a app
		a.application, ok = s.World.Application(tx, id)
		if a.principal, _ = s.World.ServicePrincipal(tx, id); !ok {
			return fmt.Errorf("%q is not an app of this tenant", in.App)
		}
		do(tx, a, tx.Now().Add(after))
		now, _ := s.World.Objects.Get(tx, a.application.ID)
		out = world.Doc{"client_id": id, "passwordCredentials": now.Doc["passwordCredentials"], "accountEnabled": now.Deleted == nil && in.Do != "disable"}
		return nil
	})
	return out, err
}

// revokeConsent takes every permission away from an app.
func (s *Sim) revokeConsent(tx *state.Tx, a app) {
	var roles, scopes []string
	for id := range s.World.GrantsTo(tx, a.principal.ID) {
		roles = append(roles, id)
	}
	for id := range s.World.ConsentsOf(tx, a.principal.ID) {
		scopes = append(scopes, id)
	}
	for _, id := range roles {
		s.World.Grants.Delete(tx, id)
	}
	for _, id := range scopes {
		s.World.Consents.Delete(tx, id)
	}
}

// expire has all client secrets and certificates of an app end at that time.
func (s *Sim) expire(tx *state.Tx, o world.Object, at time.Time) {
	for secret := range s.World.SecretsOf(tx, o.ID) {
		secret.End = at
		s.World.Secrets.Put(tx, secret.KeyID, secret)
	}
	set := world.Doc{}
	for _, name := range []string{"passwordCredentials", "keyCredentials"} {
		list, _ := o.Doc[name].([]any)
		list = slices.Clone(list)
		for i, v := range list {
			entry, _ := v.(world.Doc)
			list[i] = world.Merge(entry, world.Doc{"endDateTime": world.Time(at)})
		}
		set[name] = list
	}
	s.World.ChangeObject(tx, o, set)
}

func (s *Sim) removeSecrets(tx *state.Tx, o world.Object) {
	var ids []string
	for secret := range s.World.SecretsOf(tx, o.ID) {
		ids = append(ids, secret.KeyID)
	}
	for _, id := range ids {
		o, _ = s.World.RemoveSecret(tx, o, id)
	}
}
