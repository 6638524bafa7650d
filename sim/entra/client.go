package entra

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// call is one request to an endpoint that programs talk to.
type call struct {
	tx     *state.Tx
	now    time.Time
	realm  realm
	here   string // origin
	path   string
	form   url.Values
	cross  bool // the request comes from a page of another origin (an Origin header)
	basic  bool // client id and secret came by HTTP Basic
	id     string
	secret string
	wishes wishes
}

// newCall reads a form-encoded request (graph-facts §1.1: nothing else is taken).
func (e *Entra) newCall(w http.ResponseWriter, r *http.Request) (*call, error) {
	if r.Method != http.MethodPost {
		return nil, refuse(900561, invalidRequest, "The endpoint only accepts POST requests. Received a %s request.", r.Method)
	}
	m, err := e.realm(r)
	if err != nil {
		return nil, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		return nil, refuse(9002313, invalidRequest, "Invalid request. Request is malformed or invalid.")
	}
	c := &call{realm: m, here: origin(r), path: r.URL.Path, form: r.PostForm, cross: r.Header.Get("Origin") != "",
		id: r.PostForm.Get("client_id"), secret: r.PostForm.Get("client_secret")}
	if c.wishes, err = readClaims(r.PostForm.Get("claims")); err != nil {
		return nil, err
	}
	if id, secret, ok := r.BasicAuth(); ok {
		c.id, c.secret, c.basic = unescape(id), unescape(secret), true
	}
	return c, nil
}

// unescape undoes the form-encoding of RFC 6749 §2.3.1.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// proof is how a client showed who it is; it becomes appidacr in a token
// (graph-facts §1.7).
type proof string

const (
	noProof          proof = "0"
	secretProof      proof = "1"
	certificateProof proof = "2"
)

// client is the application that makes a request.
type client struct {
	app       world.Object
	principal world.Object
	installed bool // it has a service principal in this tenant
	proof     proof
}

func (c client) id() string   { return world.Text(c.app.Doc, "appId") }
func (c client) name() string { return world.Text(c.app.Doc, "displayName") }

// public says that the app may go without a credential where no redirect URI
// says otherwise ("Allow public client flows").
func (c client) public() bool { return c.app.Doc["isFallbackPublicClient"] == true }

// findClient looks an application up and refuses one that is unknown or disabled.
func (e *Entra) findClient(tx *state.Tx, m realm, id string) (client, error) {
	if id == "" {
		return client{}, missing("client_id")
	}
	app, ok := e.world.Application(tx, id)
	if !ok {
		return client{}, refuse(700016, unauthorizedClient,
			"Application with identifier '%s' was not found in the directory '%s'. It may not be installed by the administrator of the tenant or consented to by any user in it, or the request went to the wrong tenant.", id, e.world.Name)
	}
	c := client{app: app, proof: noProof}
	if err := m.admits(app); err != nil {
		return c, err
	}
	c.principal, c.installed = e.world.ServicePrincipal(tx, id)
	if c.installed && c.principal.Doc["accountEnabled"] == false || app.Doc["isDisabled"] == true {
		return c, refuse(7000112, unauthorizedClient, "Application '%s'(%s) is disabled.", c.id(), c.name())
	}
	return c, nil
}

// identify finds the client of a token request and checks the credential that it
// presents, if any.
func (e *Entra) identify(c *call) (client, error) {
	cl, err := e.findClient(c.tx, c.realm, c.id)
	if err != nil {
		return cl, err
	}
	assertion := c.form.Get("client_assertion")
	switch {
	case (c.secret != "" || assertion != "") && c.cross:
		return cl, refuse(90023, invalidRequest, "Cross-origin token requests must not carry a client credential.")
	case assertion != "":
		cl.proof, err = certificateProof, e.checkAssertion(c, cl, assertion)
	case c.secret != "":
		cl.proof, err = secretProof, e.checkSecret(c, cl)
	}
	return cl, err
}

// checkSecret compares a client secret with those of the application and of its
// service principal.
func (e *Entra) checkSecret(c *call, cl client) error {
	expired := false
	for _, holder := range []string{cl.app.ID, cl.principal.ID} {
		for s := range e.world.SecretsOf(c.tx, holder) {
			switch {
			case subtle.ConstantTimeCompare([]byte(s.Text), []byte(c.secret)) == 0, c.now.Before(s.Start), c.now.Before(s.Usable):
			case !c.now.Before(s.End):
				expired = true
			default:
				return nil
			}
		}
	}
	if expired {
		return refuse(7000222, invalidClient,
			"The provided client secret keys for app '%s' are expired. Create new keys for the app, or use certificate credentials.", cl.id())
	}
	return refuse(7000215, invalidClient,
		"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", cl.id())
}

// needProof refuses a client that has to show who it is and did not.
func needProof(cl client) error {
	if cl.proof == noProof {
		return refuse(7000218, invalidClient, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	}
	return nil
}

// refuseProof refuses a credential where the client is a public one.
func refuseProof(cl client) error {
	if cl.proof != noProof {
		return refuse(700025, invalidClient, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
	}
	return nil
}

// redirectPlatform finds the registered redirect URI that a request's matches,
// and the platform that it is registered for. Ports of loopback addresses are not
// compared (RFC 8252 §7.3; documentation of redirect URI restrictions).
func redirectPlatform(app world.Object, redirect string) (world.Platform, bool) {
	for _, p := range world.Platforms() {
		for _, registered := range world.RedirectURIs(app, p) {
			if registered == redirect || sameLoopback(registered, redirect) {
				return p, true
			}
		}
	}
	return "", false
}

func sameLoopback(registered, redirect string) bool {
	a, errA := url.Parse(registered)
	b, errB := url.Parse(redirect)
	if errA != nil || errB != nil || b.User != nil || b.Fragment != "" || a.Scheme != b.Scheme || a.Hostname() != b.Hostname() {
		return false
	}
	loopback := a.Hostname() == "localhost" || a.Hostname() == "127.0.0.1"
	return loopback && strings.TrimSuffix(a.Path, "/") == strings.TrimSuffix(b.Path, "/") && a.RawQuery == b.RawQuery
}
