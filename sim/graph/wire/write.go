package wire

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden/odata/page"
)

// write answers the request with what the handler found or with the problem.
func (k *Kernel) write(w http.ResponseWriter, c *Call, a Answer, err error) {
	h := w.Header()
	h.Set("request-id", c.RequestID)
	if c.Request.Header.Get("client-request-id") != "" {
		h.Set("client-request-id", c.ClientRequestID)
	}
	h.Set("x-ms-ags-diagnostic", `{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"001","RoleInstance":"SIM00000001"}}`)
	h.Set("Cache-Control", "no-cache")
	h.Set("OData-Version", "4.0")
	h.Set("Strict-Transport-Security", "max-age=31536000")
	if err != nil {
		k.writeProblem(w, c, err)
		return
	}
	for name, values := range a.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	c.applied(h)
	switch {
	case a.Raw != nil:
		h.Set("Content-Type", a.ContentType)
		w.WriteHeader(a.Status)
		_, err = w.Write(a.Raw)
	case a.Doc == nil && !a.IsList:
		w.WriteHeader(a.Status)
	default:
		err = writeJSON(w, a.Status, c.body(a))
	}
	if err != nil {
		k.Log.DebugContext(c.Request.Context(), "answer not delivered", "path", c.path, "err", err)
	}
}

// applied says which preferences were honoured (RFC 7240).
func (c *Call) applied(h http.Header) {
	for _, name := range []string{"outlook.timezone", "IdType", "odata.maxpagesize", "outlook.body-content-type", "return"} {
		if v, ok := c.Prefer(name); ok {
			h.Add("Preference-Applied", fmt.Sprintf("%s=%q", name, v))
		}
	}
}

// body puts the annotations around an answer.
func (c *Call) body(a Answer) Doc {
	out := Doc{"@odata.context": c.context(a)}
	for name, value := range a.Doc {
		out[name] = value
	}
	if !a.IsList {
		return out
	}
	if a.List == nil {
		a.List = []Doc{}
	}
	out["value"] = a.List
	if a.NextLink != "" {
		out[page.NextLink] = a.NextLink
	}
	if a.DeltaLink != "" {
		out[page.DeltaLink] = a.DeltaLink
	}
	return out
}

func (k *Kernel) writeProblem(w http.ResponseWriter, c *Call, err error) {
	var p *Problem
	if !errors.As(err, &p) {
		k.Log.ErrorContext(c.Request.Context(), "the simulator broke", "method", c.Method, "path", c.path, "err", err)
		p = Refuse(http.StatusInternalServerError, "InternalServerError", "The simulator broke: %s", err)
	}
	for name, values := range p.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if err := writeJSON(w, p.Status, p.envelope(c)); err != nil {
		k.Log.DebugContext(c.Request.Context(), "problem not delivered", "path", c.path, "err", err)
	}
}

func writeJSON(w http.ResponseWriter, status int, d Doc) error {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

// requestID makes the id that Graph gives a request of its own.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func queryEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
