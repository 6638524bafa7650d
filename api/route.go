package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
)

// route is one line of the table: who may ask what, what is sent and answered,
// and what may be refused. The description (OpenAPI) is made of it, and requests
// are held against it before the handler sees them. Exactly one of answer,
// stream, events and raw is set.
type route struct {
	pattern string // of http.ServeMux, with its method
	alias   string // another that is answered alike and not described; "" is none
	name    string // in generated clients, unique on its face
	about   string // what it is for, in one line
	who     audience
	writes  bool // an app needs a key that may write

	query  []param     // what its query may hold
	in     any         // the zero value of its body's type; nil: it takes none
	out    any         // the zero value of its answer's type; nil: there is no body
	status int         // of its answer; 0 is 200, or 204 without a body
	also   map[int]any // answers of other statuses that are no refusals
	codes  []string    // what it may refuse besides what any may; "room.*" is all of a room's
	// fresh answers carry an ETag made of their bytes, and If-None-Match gives 304.
	fresh bool

	// family is what lists share whose cursors are good for each of them.
	family string
	// matches says that If-Match may name the version that is meant.
	matches bool

	// takes is the kind of file that its body is, which the handler reads as it comes; "": its
	// body is JSON, or it has none.
	takes string
	// largest is how many bytes its body may have, 0 as many as any.
	largest int64
	// repeats says how a repeated POST of an app is kept from happening twice.
	repeats repeats

	// answer gives what is sent as JSON, or reply's own status.
	answer func(r *http.Request) (any, error)
	// stream writes lines, each of out's type, until it returns or the request's
	// context ends.
	stream func(r *http.Request, lines *Lines) error
	// events writes server-sent events, whose data are of out's type, likewise.
	events func(r *http.Request, e *Told) error
	// raw writes a document of another kind than JSON, named in kind.
	raw  func(w http.ResponseWriter, r *http.Request) error
	kind string
}

// reply is an answer with a status of its own.
type reply struct {
	status int
	body   any // nil: none
}

// method and path are the two halves of the pattern.
func (rt route) method() string { m, _, _ := strings.Cut(rt.pattern, " "); return m }
func (rt route) path() string   { _, p, _ := strings.Cut(rt.pattern, " "); return p }

// usual is the status of the answer when nothing is wrong.
func (rt route) usual() int {
	switch {
	case rt.status != 0:
		return rt.status
	case rt.out == nil && rt.raw == nil:
		return http.StatusNoContent
	}
	return http.StatusOK
}

// idKey is where a request's id stands in its context.
type idKey struct{}

// requestID is the id of the request, as its answer's header names it.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(idKey{}).(string)
	return id
}

// serve makes a route's handler: an id, who asks, bounded input, and every "no"
// as a problem document.
func (f *face) serve(rt route) http.Handler {
	a := f.api
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var random [12]byte
		_, _ = io.ReadFull(a.config.Random, random[:]) // an id that is not unique harms nobody
		id := "req_" + hex.EncodeToString(random[:])
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r = r.WithContext(context.WithValue(r.Context(), idKey{}, id))
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(rt.largest, largest))
		asks := &asking{route: rt, face: f}
		if err := f.handle(asks, w, r); err != nil {
			a.refuse(w, r, asks, err)
		}
	})
}

// asking is a request as the frame has come to know it.
type asking struct {
	route  route
	face   *face
	caller Caller
	out    bool // the caller was not let in
	place  Place
	try    Try
}

type askingKey struct{}

// about gives what the frame knows of a request.
func asked(r *http.Request) *asking {
	k, _ := r.Context().Value(askingKey{}).(*asking)
	if k == nil {
		return &asking{}
	}
	return k
}

// handle lets the caller in, holds what is asked against the table, and answers.
func (f *face) handle(k *asking, w http.ResponseWriter, r *http.Request) (err error) {
	rt := k.route
	r = r.WithContext(context.WithValue(r.Context(), askingKey{}, k))
	if rt.who != anybody {
		if k.caller, err = f.admit(r); err != nil {
			k.out = true
			return err
		}
		if f.apps {
			r = r.WithContext(gate.KnownBy(r.Context(), k.caller.Key.ID))
		}
		if err := f.withinLimits(w, k); err != nil {
			return err
		}
	}
	if rt.answer != nil && rt.name == "" {
		_, err := rt.answer(r) // there is no such route, which a stranger does not learn
		return err
	}
	if err := f.permitted(k, r); err != nil {
		return err
	}
	if err := f.fits(k, r); err != nil {
		return err
	}
	if err := f.recorded(k, r); err != nil {
		return err
	}
	if rt.takes != "" {
		if err := f.patient(w, r); err != nil {
			return err
		}
	}
	switch {
	case rt.raw != nil:
		return rt.raw(w, r)
	case rt.stream != nil:
		lines := &Lines{w: w, control: http.NewResponseController(w)}
		return f.api.streamTo(r, k, lines, func(r *http.Request) error { return rt.stream(r, lines) })
	case rt.events != nil:
		e := &Told{w: w, control: http.NewResponseController(w)}
		return f.api.streamTo(r, k, e, func(r *http.Request) error { return rt.events(r, e) })
	}
	return f.answer(k, w, r)
}

// fits holds a request against its route: what its key is for, whether the place
// is the app's, and the query.
func (f *face) fits(k *asking, r *http.Request) (err error) {
	if f.apps && k.route.writes && !k.caller.Key.Write {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.key_scope",
			Say: "The key of this app may only read.", Do: "Make one that may write: graphwarden apps key create APP --scope write."}
	}
	if k.place, err = f.placeOf(k, r); err != nil {
		return err
	}
	if err := checkPath(k.route, r); err != nil {
		return err
	}
	if err := checkQuery(k.route.query, r); err != nil || k.route.in == nil {
		return err
	}
	return checkBody(r, reflect.TypeOf(k.route.in))
}

// answer has the route answer, and sends it.
func (f *face) answer(k *asking, w http.ResponseWriter, r *http.Request) error {
	status, body, err := f.once(k, w, r, func() (int, []byte, error) {
		body, err := k.route.answer(r)
		if err == nil {
			err = f.api.nameless(r, k.route, body)
		}
		if err != nil {
			return 0, nil, err
		}
		status := k.route.usual()
		if own, ok := body.(reply); ok {
			status, body = own.status, own.body
		}
		if body == nil {
			return status, nil, nil
		}
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, fmt.Errorf("writing an answer as JSON: %w", err)
		}
		return status, append(text, '\n'), nil
	})
	if err != nil {
		return err
	}
	if k.route.fresh && unchanged(w, r, body) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if body == nil {
		w.WriteHeader(status)
		return nil
	}
	send(w, status, "application/json", body)
	return nil
}

func writeJSON(w http.ResponseWriter, status int, kind string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing an answer as JSON: %w", err)
	}
	send(w, status, kind, append(text, '\n'))
	return nil
}

func send(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body) // who asked is gone: nobody to tell
}
