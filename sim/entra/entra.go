// Package entra is Microsoft Entra ID for the simulated tenant: its OAuth 2.0
// and OpenID Connect endpoints, its sign-in and consent pages, and the tokens
// that simulated Graph accepts. It promises the documented answers, errors
// included (graph-facts §1), over registrations, users and grants that are the
// tenant's own, and that codes, refresh tokens and sessions outlive the process
// with the tenant's journal. It issues tokens for Microsoft Graph, Exchange Online and
// the APIs that the tenant's own applications are, and refuses every other resource,
// flow and page as Entra refuses what it does not know.
package entra

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Entra serves one tenant.
type Entra struct {
	// DeviceInterval is how long devices are told to wait between questions; 0 is the
	// five seconds that Entra says.
	DeviceInterval time.Duration

	world *world.World
	log   *slog.Logger

	codes     *state.Table[code]
	refreshes *state.Table[refresh]
	devices   *state.Table[device]
	byCode    *state.Index[device] // by what the user types
	sessions  *state.Table[session]

	challenges *state.Table[Challenge]
	troubles   troubles
	lockouts   lockouts

	key      func() (jwt.Key, error)
	pages    page.Pages
	traces   atomic.Uint64
	verified verified
}

// New makes the tenant's Entra. It is called before the world is opened, because
// it keeps tables in it.
func New(w *world.World, log *slog.Logger) *Entra {
	e := &Entra{world: w, log: log, pages: page.New()}
	e.codes = state.NewTable[code](w.Store, "entra.codes")
	e.refreshes = state.NewTable[refresh](w.Store, "entra.refreshes")
	e.devices = state.NewTable[device](w.Store, "entra.devices")
	e.byCode = state.NewIndex(e.devices, func(d device) []string { return []string{d.UserCode} })
	e.sessions = state.NewTable[session](w.Store, "entra.sessions")
	e.challenges = state.NewTable[Challenge](w.Store, "entra.challenges")
	e.key = sync.OnceValues(e.loadKey)
	return e
}

// Handler serves login.microsoftonline.com's paths (graph-facts §1.1).
func (e *Entra) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /{tenant}/v2.0/.well-known/openid-configuration": e.discover,
		"GET /{tenant}/.well-known/openid-configuration":      e.discover,
		"GET /{tenant}/discovery/v2.0/keys":                   e.jwks,
		"GET /{tenant}/discovery/keys":                        e.jwks,
		"GET /common/discovery/instance":                      e.instance,
		"GET /common/userrealm/{user}":                        e.userRealm,
		"GET /common/UserRealm/{user}":                        e.userRealm,
		"/{tenant}/oauth2/v2.0/authorize":                     e.authorize,
		"POST /{tenant}/login":                                e.signIn,
		"/{tenant}/oauth2/v2.0/token":                         e.token,
		"/{tenant}/oauth2/v2.0/devicecode":                    e.deviceCode,
		"/devicelogin":                                        e.deviceLogin,
		"/{tenant}/v2.0/adminconsent":                         e.adminConsent,
		"/{tenant}/adminconsent":                              e.adminConsent,
		"GET /{tenant}/oauth2/v2.0/logout":                    e.logout,
		"/":                                                   e.unknown,
	} {
		mux.HandleFunc(pattern, handle)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The key is made in a transaction, so it must be there before any other begins.
		if _, err := e.key(); err != nil {
			e.fail(w, r, err)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// unknown refuses a path that is not Entra's, or not simulated.
func (e *Entra) unknown(w http.ResponseWriter, r *http.Request) {
	e.log.WarnContext(r.Context(), "not simulated, refused", "method", r.Method, "host", r.Host, "path", r.URL.Path)
	http.Error(w, "404 - not found", http.StatusNotFound)
}

// loadKey gives the tenant's signing key. It is kept with the tenant, so that
// tokens stay valid when the simulator is started again.
func (e *Entra) loadKey() (jwt.Key, error) {
	k, err := e.world.KeyFor("entra.tokens", func(tx *state.Tx) (world.Key, error) {
		return jwt.Draw("accounts.accesscontrol.windows.net", tx.Now())
	})
	if err != nil {
		return jwt.Key{}, err
	}
	return jwt.Read(k)
}

// origin is scheme and host as the client sees them.
func origin(r *http.Request) string {
	scheme := "https"
	if p := r.Header.Get("X-Forwarded-Proto"); p == "http" || p == "https" {
		scheme = p
	}
	return scheme + "://" + r.Host
}
