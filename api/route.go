package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// route is one line of the table. Exactly one of answer, stream and raw is set.
type route struct {
	pattern string // of http.ServeMux, with its method
	about   string // what it is for, in one line
	open    bool   // needs no token

	// answer gives what is sent as JSON with status 200, or reply's own status.
	answer func(r *http.Request) (any, error)
	// stream writes lines until it returns or the request's context ends.
	stream func(r *http.Request, lines *Lines) error
	// raw writes another kind of document.
	raw func(w http.ResponseWriter, r *http.Request) error
}

// reply is an answer with a status of its own.
type reply struct {
	status int
	body   any // nil: none
}

// idKey is where a request's id stands in its context.
type idKey struct{}

// requestID is the id of the request, as its answer's header names it.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(idKey{}).(string)
	return id
}

// serve makes a route's handler: an id, the token, bounded input, and every "no"
// as a problem document.
func (a *API) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var random [12]byte
		_, _ = io.ReadFull(a.config.Random, random[:]) // an id that is not unique harms nobody
		id := "req_" + hex.EncodeToString(random[:])
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		r.Body = http.MaxBytesReader(w, r.Body, largest)
		if err := a.handle(rt, w, r); err != nil {
			a.refuse(w, r, err)
		}
	})
}

func (a *API) handle(rt route, w http.ResponseWriter, r *http.Request) error {
	if !rt.open && !a.admitted(r) {
		return errNoToken()
	}
	switch {
	case rt.raw != nil:
		return rt.raw(w, r)
	case rt.stream != nil:
		return a.streamTo(w, r, rt.stream)
	}
	body, err := rt.answer(r)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if own, ok := body.(reply); ok {
		status, body = own.status, own.body
	}
	if body == nil {
		w.WriteHeader(status)
		return nil
	}
	return writeJSON(w, status, "application/json", body)
}

// admitted says whether the request bears the operator's token, in time that
// depends on lengths only.
func (a *API) admitted(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := seal.FromString(strings.TrimSpace(token))
	return strings.EqualFold(scheme, "Bearer") && !given.Empty() && !a.config.Token.Empty() && a.config.Token.Equal(given)
}

// noRoute answers what no route matches: another method of the same path, or
// nothing at all.
func (a *API) noRoute(r *http.Request) (any, error) {
	var others []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := a.mux.Handler(other); pattern != "/" {
			others = append(others, method)
		}
	}
	if len(others) > 0 {
		return nil, &problem{status: http.StatusMethodNotAllowed, header: map[string]string{"Allow": strings.Join(others, ", ")},
			refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.method",
				Say: fmt.Sprintf("%s is not possible there.", r.Method), Do: fmt.Sprintf("Possible is: %s.", strings.Join(others, ", "))}}
	}
	return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "api.route",
		Say: "There is nothing at this path.", Do: "GET /v1/status names what there is."}
}

// decode reads a request's JSON body; a field that does not exist is refused.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("there is more than one value")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return &problem{status: http.StatusRequestEntityTooLarge, refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body_large",
			Say: fmt.Sprintf("The request is larger than %d bytes.", large.Limit), Do: "Send less at once."}}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body", Cause: err,
		Say: fmt.Sprintf("The request's body is not understood: %v.", err), Do: "Send one JSON object with the fields that the path knows."}
}

func writeJSON(w http.ResponseWriter, status int, kind string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing an answer as JSON: %w", err)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // who asked is gone: nobody to tell
	return nil
}
