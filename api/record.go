package api

import (
	"context"
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// Act is a request of an operator that may change something.
type Act struct {
	Request string // its id
	Method  string
	Path    string // the route's, never values
	Tenant  string
	// Operator is who asks, as the ledger names him, and Token the id of his personal
	// token; "" is the owner's file.
	Operator, Token string
}

// recorded writes an operator's request that may change something into the ledger
// before it is done. What cannot be written down is not done.
func (f *face) recorded(k *asking, r *http.Request) error {
	record := f.api.config.Record
	if record == nil || f.apps || !changes(r.Method) || k.route.name == "" {
		return nil
	}
	err := record(r.Context(), Act{Request: requestID(r), Method: r.Method, Path: k.route.path(), Tenant: r.PathValue("tenant"),
		Operator: k.caller.operator(), Token: k.caller.Token.ID})
	if err != nil {
		return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "api.unrecorded", Cause: err,
			Say: "The ledger does not take this request, so nothing was done.", Do: "Look at the database: graphwarden doctor"}
	}
	return nil
}

// changes says whether a request of a method may change something.
func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// Recorder writes down an operator's request before it is done.
type Recorder = func(ctx context.Context, a Act) error
