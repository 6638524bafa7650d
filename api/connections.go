package api

import (
	"context"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/connect"
)

// Connections are looked at, proved and ended.
type Connections interface {
	List(ctx context.Context) ([]connect.View, error)
	One(ctx context.Context, tenant, registration string) (connect.View, error)
	ProveConnection(ctx context.Context, tenant, registration, administrator string) (connect.Report, error)
	Revoke(ctx context.Context, tenant, registration, by string) (int, error)
	Rotate(ctx context.Context, tenant, registration string, w connect.Rotation) (connect.Rotated, error)
	Unused(ctx context.Context, tenant, registration, administrator string) (connect.Unuseds, error)
	Tidy(ctx context.Context, tenant, registration string, w connect.Tidying) (connect.Unuseds, error)
}

// SignIns let people connect.
type SignIns interface {
	Connect(ctx context.Context, tenant, registration, by string) error
	Await(ctx context.Context, tenant, registration, what string) (time.Time, error)
	Begin(ctx context.Context, tenant, registration string, w connect.Wanted) (connect.Begun, error)
	Finish(ctx context.Context, id, method, called string) (connect.Finished, error)
	Forget(id string)
	AskConsent(ctx context.Context, tenant, registration string) (connect.Asked, error)
	LastConsent(ctx context.Context, tenant, registration string) (connect.Answered, error)
}

// By is who does something, for the ledger.
type By struct {
	By string `json:"by"`
}

// Revoked says what a revocation ended.
type Revoked struct {
	Tokens int `json:"tokens"`
}

// Proof says which administrator, if any, reads what is granted.
type Proof struct {
	Administrator string `json:"administrator"`
}

// Waiting is what is waited for, and since when.
type Waiting struct {
	For   string    `json:"for"`
	Since time.Time `json:"since"`
}

// Came is what came to a sign-in's redirect address.
type Came struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

func (a *API) connectionRoutes() []route {
	if a.config.Connections == nil {
		return nil
	}
	// Most of them ask Microsoft, whose refusals come back in the words of the rooms.
	roomCodes := []string{"connect.*", "entra.*", "graph.*", "gate.*", "outbound.*", "seal.*"}
	key := []route{}
	if a.config.RotateKey != nil {
		key = append(key, route{pattern: "POST /v1/key/rotate", name: "rotateKey", about: "seal every token with a new key", out: connect.KeyRotation{}, codes: roomCodes, answer: a.rotateKey})
	}
	const one = "/v1/connections/{tenant}/{registration}"
	return append(key, []route{
		{pattern: "GET /v1/connections", name: "listConnections", about: "the connections, and how they are", out: Page[connect.View]{}, codes: roomCodes, answer: a.connections},
		{pattern: "GET " + one, name: "getConnection", about: "one connection, with the permissions that it needs", out: connect.View{}, codes: roomCodes, answer: a.connection},
		{pattern: "POST " + one + "/prove", name: "proveConnection", about: "sign in anew and compare what is granted with what is needed", in: Proof{}, out: connect.Report{}, codes: roomCodes, answer: a.prove},
		{pattern: "POST " + one + "/revoke", name: "revokeConnection", about: "end a connection: its tokens are deleted", in: By{}, out: Revoked{}, codes: roomCodes, answer: a.revoke},
		{pattern: "POST /v1/connections/{tenant}/revoke", name: "revokeTenant", about: "end every connection of a tenant", in: By{}, out: Revoked{}, codes: roomCodes, answer: a.revoke},
		{pattern: "POST " + one + "/connect", name: "connect", about: "let a connection work (again)", in: By{}, codes: roomCodes, answer: a.connect},
		{pattern: "POST " + one + "/await", name: "await", about: "write down what is waited for", in: Waiting{}, out: Waiting{}, codes: roomCodes, answer: a.await},
		{pattern: "POST " + one + "/rotate", name: "rotateCredential", about: "go on with a new secret or certificate", in: connect.Rotation{}, out: connect.Rotated{}, codes: roomCodes, answer: a.rotate},
		{pattern: "POST " + one + "/unused", name: "listUnused", about: "secrets in Entra that a rotation left behind", in: Proof{}, out: connect.Unuseds{}, codes: roomCodes, answer: a.unused},
		{pattern: "POST " + one + "/tidy", name: "tidy", about: "remove such secrets", in: connect.Tidying{}, out: connect.Unuseds{}, codes: roomCodes, answer: a.tidy},
		{pattern: "POST " + one + "/consents", name: "askConsent", about: "make a link at which an administrator consents", out: connect.Asked{}, codes: roomCodes, answer: a.askConsent},
		{pattern: "GET " + one + "/consents", name: "getConsent", about: "what an administrator answered last", out: connect.Answered{}, codes: roomCodes, answer: a.lastConsent},
		{pattern: "POST " + one + "/sign-ins", name: "beginSignIn", about: "begin a person's sign-in", in: connect.Wanted{}, out: connect.Begun{}, codes: roomCodes, answer: a.begin},
		{pattern: "POST /v1/sign-ins/{id}", name: "finishSignIn", about: "take a sign-in's answer, or ask whether it came", in: Came{}, out: connect.Finished{}, codes: roomCodes, answer: a.finish},
		{pattern: "DELETE /v1/sign-ins/{id}", name: "forgetSignIn", about: "throw a sign-in away", codes: roomCodes, answer: a.forget},
	}...)
}

func (a *API) connections(r *http.Request) (any, error) {
	list, err := a.config.Connections.List(r.Context())
	list = ours(r, list, func(v connect.View) string { return v.Tenant })
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) connection(r *http.Request) (any, error) {
	return a.config.Connections.One(r.Context(), r.PathValue("tenant"), r.PathValue("registration"))
}

func (a *API) prove(r *http.Request) (any, error) {
	var in Proof
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Connections.ProveConnection(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in.Administrator)
}

func (a *API) revoke(r *http.Request) (any, error) {
	var in By
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	n, err := a.config.Connections.Revoke(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in.By)
	return Revoked{n}, err
}

func (a *API) connect(r *http.Request) (any, error) {
	var in By
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return reply{status: http.StatusNoContent}, a.config.SignIns.Connect(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in.By)
}

func (a *API) await(r *http.Request) (any, error) {
	var in Waiting
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	since, err := a.config.SignIns.Await(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in.For)
	return Waiting{in.For, since}, err
}

func (a *API) rotate(r *http.Request) (any, error) {
	var in connect.Rotation
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Connections.Rotate(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}

func (a *API) unused(r *http.Request) (any, error) {
	var in Proof
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Connections.Unused(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in.Administrator)
}

func (a *API) tidy(r *http.Request) (any, error) {
	var in connect.Tidying
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Connections.Tidy(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}

func (a *API) askConsent(r *http.Request) (any, error) {
	return a.config.SignIns.AskConsent(r.Context(), r.PathValue("tenant"), r.PathValue("registration"))
}

func (a *API) lastConsent(r *http.Request) (any, error) {
	return a.config.SignIns.LastConsent(r.Context(), r.PathValue("tenant"), r.PathValue("registration"))
}

func (a *API) begin(r *http.Request) (any, error) {
	var in connect.Wanted
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.SignIns.Begin(r.Context(), r.PathValue("tenant"), r.PathValue("registration"), in)
}

func (a *API) finish(r *http.Request) (any, error) {
	var in Came
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.SignIns.Finish(r.Context(), r.PathValue("id"), in.Method, in.URL)
}

func (a *API) forget(r *http.Request) (any, error) {
	a.config.SignIns.Forget(r.PathValue("id"))
	return reply{status: http.StatusNoContent}, nil
}

func (a *API) rotateKey(r *http.Request) (any, error) { return a.config.RotateKey(r.Context()) }
