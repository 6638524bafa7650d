package api

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
)

// Documents is where the documentation stands.
const Documents = "https://github.com/graphwarden/graphwarden/blob/main/docs/"

// Problem is a "no" as it is sent (RFC 9457, application/problem+json).
type Problem struct {
	Type      string `json:"type" doc:"the path of the page that explains the code"`
	Title     string `json:"title" doc:"what the status means"`
	Status    int    `json:"status" doc:"the answer's status"`
	Detail    string `json:"detail" doc:"what is wrong"`
	Code      string `json:"code" doc:"what is wrong, for programs; it does not change"`
	Fix       string `json:"fix,omitempty" doc:"what to do"`
	DocURL    string `json:"doc_url" doc:"the same page, with the address that was asked"`
	Field     string `json:"field,omitempty" doc:"where in the request it stands"`
	RequestID string `json:"request_id"`
	Write     string `json:"write,omitempty" doc:"of a write that is kept although it was refused, its id, for GET /v1/writes/{id}"`
}

// statuses is the one table from a refusal's kind to HTTP's status. 424 tells
// what Microsoft refuses us apart from 401, what we refuse the caller.
func statuses() map[graphwarden.Kind]int {
	return map[graphwarden.Kind]int{
		graphwarden.Invalid:         http.StatusBadRequest,
		graphwarden.Denied:          http.StatusForbidden,
		graphwarden.Unauthenticated: http.StatusUnauthorized,
		graphwarden.Unknown:         http.StatusNotFound,
		graphwarden.Conflict:        http.StatusConflict,
		graphwarden.Credential:      http.StatusFailedDependency,
		graphwarden.Unreachable:     http.StatusBadGateway,
		graphwarden.Storage:         http.StatusServiceUnavailable,
	}
}

// problem is a refusal with a status or a header of its own.
type problem struct {
	refusal *graphwarden.Refusal
	status  int
	header  map[string]string
	write   string // the id of the write that was refused
}

func (p *problem) Error() string { return p.refusal.Error() }
func (p *problem) Unwrap() error { return p.refusal }

func errNoToken() error {
	return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.token",
		Say: "The operator's token is missing or wrong.", Do: "Send it as Authorization: Bearer: a personal one, which an owner makes with graphwarden operators create, or the one in the file operator.token beside the database."}
}

// statusOf is the status of codes that do not have their kind's.
func statusOf(code string) int {
	switch code {
	case "api.entra_keys":
		return http.StatusServiceUnavailable
	case "deliver.cursor_old":
		return http.StatusGone
	case "act.key_reused":
		return http.StatusUnprocessableEntity
	}
	return 0
}

// pageOf is the page that explains a code, at the address that a request named.
func pageOf(r *http.Request, code string) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + TypeOf(code)
}

// DocURL is where the published documentation explains a code.
func DocURL(code string) string { return Documents + "errors.md#:~:text=" + code }

// refuse sends what is wrong. What nobody foresaw is told to the operator's log
// with the request's id, and to the caller by that id only.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, k *asking, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // who asked is gone
	}
	p := &problem{}
	var later *graphwarden.Later
	var refusal *graphwarden.Refusal
	switch {
	case errors.As(err, &p):
	case errors.As(err, &refusal) && errors.As(refusal.Cause, &later):
		p = &problem{refusal: refusal, status: http.StatusServiceUnavailable, header: waiting(later)}
	case errors.As(err, &later):
		p = &problem{status: http.StatusServiceUnavailable, header: waiting(later),
			refusal: &graphwarden.Refusal{Code: "api.later", Say: "This is not possible at the moment.", Do: "Ask again after the time in Retry-After."}}
	case errors.As(err, &refusal):
		p = &problem{refusal: refusal}
	default:
		p.refusal = &graphwarden.Refusal{Code: "api.internal", Say: "Something went wrong inside Graphwarden.",
			Do: "Look for the request's id in the log of the server, and report it."}
	}
	if p.status == 0 {
		p.status = statusOf(p.refusal.Code)
	}
	if p.status == 0 {
		p.status = statuses()[p.refusal.Kind]
	}
	if p.status == 0 {
		p.status = http.StatusInternalServerError
	}
	if p.status >= http.StatusInternalServerError {
		a.config.Log.Error("answering", "face", k.face.name(), "request", requestID(r), "route", r.Pattern, "reason", err)
	}
	a.deny(r, k, p)
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="graphwarden"`)
	}
	for name, value := range p.header {
		w.Header().Set(name, value)
	}
	_ = writeJSON(w, p.status, "application/problem+json", Problem{Type: TypeOf(p.refusal.Code), Title: http.StatusText(p.status), Status: p.status,
		Detail: p.refusal.Say, Code: p.refusal.Code, Fix: p.refusal.Do, Field: p.refusal.Field, DocURL: pageOf(r, p.refusal.Code), RequestID: requestID(r), Write: p.write})
}

func waiting(l *graphwarden.Later) map[string]string {
	return map[string]string{"Retry-After": strconv.Itoa(int(math.Ceil(l.After.Seconds())))}
}

// Denial says whom an answer was denied: somebody without a key that is good, or
// with one that is not for what was asked.
type Denial struct {
	Face string // operators, apps
	App  string // "" when nobody knows who asked
	Key  string // the id of the key, or of the operator's personal token
	// Operator is whose personal token was shown; "" for whoever has none.
	Operator string
	Method   string
	Path     string // the route's, never values
	Code     string
	Status   int
	// From is the address from which a key or token of App's was shown that was not let in:
	// it is over, or is not taken from there. Not valid for all others, whose denials are
	// alike wherever they ask from.
	From netip.Addr
}

// deny tells of an answer that was denied for who asked; of operators' also what
// was denied because something was wrong with the question.
func (a *API) deny(r *http.Request, k *asking, p *problem) {
	theirs := p.status == http.StatusUnauthorized || p.status == http.StatusForbidden || p.refusal.Code == "api.not_there"
	wrong := !k.face.apps && p.status >= http.StatusBadRequest && p.status < http.StatusInternalServerError && k.route.who != anybody
	if !theirs && !wrong || a.config.Refused == nil {
		return
	}
	d := Denial{Face: k.face.name(), App: k.caller.Key.App, Key: cmp.Or(k.caller.Key.ID, k.caller.Token.ID), Operator: k.caller.Token.Operator,
		Method: r.Method, Path: k.route.path(), Code: p.refusal.Code, Status: p.status}
	if k.out && d.App != "" {
		d.From = gate.Network(r.Context())
	}
	a.config.Refused(d)
}

// Kind is the refusal's kind that a problem was made of, so that a client's own
// table (exit codes) says the same.
func (p Problem) Kind() graphwarden.Kind {
	switch p.Status {
	case http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return graphwarden.Invalid
	}
	for kind, status := range statuses() {
		if status == p.Status {
			return kind
		}
	}
	return ""
}
