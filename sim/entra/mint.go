package entra

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// subject is whom a token speaks for: the client itself, or a user in it.
type subject struct {
	client   client
	user     world.Object // empty for the client's own token
	signedIn time.Time
	session  string
}

// The shortest and the longest life of an access token (graph-facts §1.6).
const (
	shortestLife = 60 * time.Minute
	longestLife  = 90 * time.Minute
	idTokenLife  = time.Hour
)

// applicationWid is what wids holds in an application's own token (graph-facts
// §1.7).
const applicationWid = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"

// draw gives 32 bytes that were never drawn before.
func (e *Entra) draw(c *call) []byte {
	b := c.tx.Bytes()
	n := binary.BigEndian.AppendUint64(b[:], e.traces.Add(1))
	n = binary.BigEndian.AppendUint64(n, uint64(c.now.UnixNano()))
	sum := sha256.Sum256(n)
	return sum[:]
}

func (e *Entra) drawText(c *call) string { return base64.RawURLEncoding.EncodeToString(e.draw(c)) }

// life draws how long an access token lives.
func (e *Entra) life(c *call) time.Duration {
	if c.wishes.understands() { // 20 to 28 hours (graph-facts §1.6)
		return 20*time.Hour + time.Duration(binary.BigEndian.Uint64(e.draw(c))%(8*3600))*time.Second
	}
	span := uint64((longestLife-shortestLife)/time.Second) + 1
	return shortestLife + time.Duration(binary.BigEndian.Uint64(e.draw(c))%span)*time.Second
}

// accessClaims are the claims of an access token for the resource that the audience
// names, which are of version 1 (graph-facts §1.7).
func (e *Entra) accessClaims(c *call, s subject, audience string, life time.Duration) jwt.Claims {
	graph := e.resource(c.tx, audience+"/.default")
	if isOwn(graph) {
		return e.ownClaims(c, s, graph, audience, life)
	}
	a := jwt.Claims{
		"aud": audience, "iss": e.issuer(), "tid": e.world.TenantID,
		"iat": c.now.Unix(), "nbf": c.now.Unix(), "exp": c.now.Add(life).Unix(),
		"aio": e.drawText(c), "rh": "1." + e.drawText(c)[:22] + ".", "uti": e.drawText(c)[:22], "ver": "1.0",
		"appid": s.client.id(), "app_displayname": s.client.name(), "appidacr": string(s.client.proof),
		"tenant_region_scope": "EU", "xms_tcdt": world.Founded().Unix(), "xms_seq": issuedIn(c.tx),
	}
	c.wishes.fulfil(a)
	if s.user.ID == "" {
		a["idtyp"], a["oid"], a["sub"] = "app", s.client.principal.ID, s.client.principal.ID
		a["idp"] = a["iss"]
		a["wids"] = append(e.world.RolesHeld(c.tx, s.client.principal.ID), applicationWid)
		if roles := e.world.RolesOf(c.tx, s.client.principal.ID, graph); len(roles) > 0 {
			a["roles"] = roles
		}
		return a
	}
	d := s.user.Doc
	a["idtyp"], a["oid"], a["sub"] = "user", s.user.ID, pairwise(s)
	a["scp"] = strings.Join(e.tokenScopes(c, s, graph), " ")
	a["name"], a["upn"], a["unique_name"] = d["displayName"], d["userPrincipalName"], d["userPrincipalName"]
	a["given_name"], a["family_name"] = d["givenName"], d["surname"]
	a["acct"], a["acr"], a["amr"], a["sid"] = accountKind(s.user), "1", []string{"pwd"}, s.session
	if wids := e.world.RolesHeld(c.tx, s.user.ID); len(wids) > 0 {
		a["wids"] = wids
	}
	return a
}

// issuedIn numbers the transaction that issues a token, as if each wrote.
func issuedIn(tx *state.Tx) uint64 {
	if tx.Writable() {
		return tx.Seq()
	}
	return tx.Seq() + 1
}

// tokenScopes are the scopes of a delegated token: all that is consented on
// the resource, less what only Entra itself goes by.
func (e *Entra) tokenScopes(c *call, s subject, graph world.Object) []string {
	scopes := e.world.ScopesOf(c.tx, s.client.principal.ID, graph.ID, s.user.ID)
	return slices.DeleteFunc(scopes, func(name string) bool { return name == "offline_access" })
}

func accountKind(user world.Object) int {
	if world.Text(user.Doc, "userType") == "Guest" {
		return 1
	}
	return 0
}

// pairwise is a user's sub: another one for each client.
func pairwise(s subject) string {
	sum := sha256.Sum256([]byte(s.client.id() + "/" + s.user.ID))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// idClaims are the claims of an id token, version 2 (graph-facts §1.7).
func (e *Entra) idClaims(c *call, s subject, a asked, nonce string) jwt.Claims {
	d := s.user.Doc
	id := jwt.Claims{
		"aud": s.client.id(), "iss": c.here + "/" + e.world.TenantID + "/v2.0", "tid": e.world.TenantID,
		"iat": c.now.Unix(), "nbf": c.now.Unix(), "exp": c.now.Add(idTokenLife).Unix(),
		"sub": pairwise(s), "ver": "2.0", "uti": e.drawText(c)[:22], "rh": "1." + e.drawText(c)[:22] + ".", "sid": s.session,
	}
	if a.has("profile") {
		id["oid"], id["name"], id["preferred_username"] = s.user.ID, d["displayName"], d["userPrincipalName"]
	}
	if a.has("email") && d["mail"] != nil {
		id["email"] = d["mail"]
	}
	if nonce != "" {
		id["nonce"] = nonce
	}
	return id
}

// clientInfo tells MSAL which account a token is of.
func (e *Entra) clientInfo(user string) string {
	raw, _ := json.Marshal(map[string]string{"uid": user, "utid": e.world.TenantID})
	return base64.RawURLEncoding.EncodeToString(raw)
}
