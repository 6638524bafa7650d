package entra

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/seal"
)

// Rights is what an access token for Microsoft Graph says that it opens. Graph's
// tokens are not made for others to read, and nobody but Graph can check them:
// it is shown to people as "seen in token", and decides nothing.
type Rights struct {
	Roles   []string // application permissions
	Scopes  []string // delegated permissions
	App     string   // client id
	Tenant  string   // the directory's GUID
	Account string   // object id of the person, "" for an app
	Until   time.Time
}

// Seen reads an access token. False means that it cannot be read.
func Seen(token seal.Secret) (r Rights, readable bool) {
	token.Reveal(func(plain []byte) {
		var claims struct {
			Roles   []string `json:"roles"`
			Scopes  string   `json:"scp"`
			App     string   `json:"appid"`
			Tenant  string   `json:"tid"`
			Object  string   `json:"oid"`
			Expires int64    `json:"exp"`
		}
		if claimsOf(string(plain), &claims) != nil {
			return
		}
		readable = true
		r = Rights{Roles: claims.Roles, Scopes: strings.Fields(claims.Scopes), App: claims.App, Tenant: claims.Tenant, Until: time.Unix(claims.Expires, 0)}
		if len(r.Scopes) > 0 {
			r.Account = claims.Object
		}
	})
	slices.Sort(r.Roles)
	slices.Sort(r.Scopes)
	return r, readable
}
