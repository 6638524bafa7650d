package sim

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Ready says how to reach and use a tenant. Its JSON is the ready file; every
// member is always there.
type Ready struct {
	Graph     string      `json:"graph"` // origins, without a path
	Authority string      `json:"authority"`
	Exchange  string      `json:"exchange"`
	CA        string      `json:"ca"` // a PEM file
	Tenant    ReadyTenant `json:"tenant"`
	Apps      []ReadyApp  `json:"apps"`
	Users     []ReadyUser `json:"users"`
	Tokens    ReadyTokens `json:"tokens"`
}

// ReadyTenant names the tenant.
type ReadyTenant struct {
	ID     string `json:"id"`
	Domain string `json:"domain"`
}

// ReadyApp is a registered application; a public client has no secret. All its
// permissions are consented to.
type ReadyApp struct {
	Name         string           `json:"name"`
	ClientID     string           `json:"client_id"`
	ClientSecret string           `json:"client_secret"`
	Certificate  string           `json:"certificate"` // a PEM file with certificate and private key
	Permissions  ReadyPermissions `json:"permissions"`
}

// ReadyPermissions are names of Microsoft Graph's permissions.
type ReadyPermissions struct {
	Application []string `json:"application"`
	Delegated   []string `json:"delegated"`
}

// ReadyUser is a person who can sign in.
type ReadyUser struct {
	ID                string   `json:"id"`
	UserPrincipalName string   `json:"userPrincipalName"`
	Password          string   `json:"password"`
	Roles             []string `json:"roles"` // names of directory roles
}

// ReadyTokens are bearer tokens, valid for a day: for Graph the Global
// Administrator's with every delegated permission, and the application's with
// every application permission; and one for Exchange's administration, the Global
// Administrator's.
type ReadyTokens struct {
	Admin      string `json:"admin"`
	Everything string `json:"everything"`
	Exchange   string `json:"exchange"`
}

// tokenLife is how long the ready file's tokens are valid.
const tokenLife = 24 * time.Hour

// Ready describes the tenant as it is reached at origin. The files that it could
// name are not written: CA and Certificate are empty.
func (s *Sim) Ready(origin string) (Ready, error) {
	r := Ready{Graph: origin, Authority: origin, Exchange: origin,
		Tenant: ReadyTenant{s.World.TenantID, s.World.Domain}}
	for _, a := range s.apps {
		app := ReadyApp{Name: a.Name, ClientID: a.ClientID, ClientSecret: a.Secret,
			Permissions: ReadyPermissions{append([]string{}, a.Application...), append([]string{}, a.Delegated...)}}
		r.Apps = append(r.Apps, app)
		if a.Name != world.Everything {
			continue
		}
		var err error
		if r.Tokens.Everything, err = s.Entra.AppToken(a.ClientID, tokenLife); err != nil {
			return r, err
		}
		if r.Tokens.Exchange, err = s.Entra.ExchangeToken(a.ClientID, s.users[0], tokenLife); err != nil {
			return r, err
		}
		if r.Tokens.Admin, err = s.Entra.UserToken(a.ClientID, s.users[0], tokenLife); err != nil {
			return r, err
		}
	}
	return r, s.World.View(func(tx *state.Tx) error {
		for _, id := range s.users {
			if o, ok := s.World.User(tx, id); ok {
				r.Users = append(r.Users, s.readyUser(tx, o))
			}
		}
		return nil
	})
}

func (s *Sim) readyUser(tx *state.Tx, o world.Object) ReadyUser {
	password, _ := s.World.Passwords.Get(tx, o.ID)
	u := ReadyUser{ID: o.ID, UserPrincipalName: world.Text(o.Doc, "userPrincipalName"), Password: password.Text, Roles: []string{}}
	for role := range s.World.LinkedTo(tx, o.ID, world.Members) {
		if role.Type == "directoryRole" {
			u.Roles = append(u.Roles, world.Text(role.Doc, "displayName"))
		}
	}
	return u
}

// writeReady writes the ready file, whole or not at all, after the files that it
// names: with ready.json come ready.ca.pem and ready.calendar-certificate.pem.
func (s *Sim) writeReady(path, origin string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("placing the ready file: %w", err)
	}
	r, err := s.Ready(origin)
	if err != nil {
		return err
	}
	beside := strings.TrimSuffix(path, ".json")
	r.CA = beside + ".ca.pem"
	if err := writeWhole(r.CA, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.identity.authority.Raw})); err != nil {
		return err
	}
	for i, a := range r.Apps {
		if a.Name != world.CalendarCertificate {
			continue
		}
		text, err := s.AppCertificate()
		if err != nil {
			return err
		}
		r.Apps[i].Certificate = beside + "." + a.Name + ".pem"
		if err := writeWhole(r.Apps[i].Certificate, text); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	return writeWhole(path, append(text, '\n'))
}

// writeWhole writes a file that nobody sees half written.
func writeWhole(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
