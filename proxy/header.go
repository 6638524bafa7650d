package proxy

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// whole reads a body: JSON, which Go's SDK sends packed by gzip. Packed or not, it may
// be as long as Graph takes in one request.
func whole(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	packing := packing(r.Header)
	if packing != "" && packing != "gzip" {
		return nil, strangeBody()
	}
	body := io.Reader(http.MaxBytesReader(w, r.Body, largest))
	if packing == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, strangeBody()
		}
		body = io.LimitReader(unpacked, largest+1)
	}
	if r.Body == http.NoBody && packing == "" {
		return nil, nil
	}
	raw, err := io.ReadAll(body)
	switch long := new(http.MaxBytesError); {
	case errors.As(err, &long), len(raw) > largest:
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.large", Say: "The body is longer than 4 MB.", Do: "Send less in one request."}
	case err != nil:
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.body", Say: "The body broke off.", Do: "Send it whole.", Cause: err}
	case len(raw) == 0:
		return nil, nil
	}
	if !saysJSON(r.Header) {
		return nil, strangeBody()
	}
	return raw, nil
}

// packing is how a body is packed; "" is not at all.
func packing(h http.Header) string {
	as := strings.ToLower(strings.Join(h.Values("Content-Encoding"), ","))
	if as == "identity" {
		return ""
	}
	return as
}

// saysJSON says whether the headers of a body call it JSON in UTF-8.
func saysJSON(h http.Header) bool {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	return len(h.Values("Content-Type")) == 1 && err == nil && kind == "application/json" && (parameters["charset"] == "" || strings.EqualFold(parameters["charset"], "utf-8"))
}

func strangeBody() error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.body_kind",
		Say: "The body is not JSON in UTF-8, plain or packed by gzip, or its head does not say so.", Do: "Send JSON with Content-Type: application/json."}
}

// passed picks the headers that go on to Microsoft. All others stay behind: those that
// name a method, a host, a way or a person could mean something there that was not
// judged (R12, R13).
func passed(h http.Header) (http.Header, error) {
	out := http.Header{}
	for _, value := range h.Values("Prefer") {
		for one := range strings.SplitSeq(value, ",") {
			one = strings.TrimSpace(one)
			if one == "" {
				continue
			}
			if !preferable(one) {
				return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.header", Field: "Prefer",
					Say: fmt.Sprintf("The preference %q is not known.", one), Do: "Use those that Microsoft documents for version 1.0."}
			}
			out.Add("Prefer", one)
		}
	}
	if level := h.Values("ConsistencyLevel"); len(level) > 0 {
		if len(level) > 1 || !strings.EqualFold(level[0], "eventual") {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.header", Field: "ConsistencyLevel",
				Say: "The one level is eventual.", Do: "Send ConsistencyLevel: eventual, or leave it out."}
		}
		out.Set("ConsistencyLevel", "eventual")
	}
	for _, name := range []string{"If-Match", "If-None-Match"} {
		switch values := h.Values(name); {
		case len(values) > 1 || len(values) == 1 && (values[0] == "" || len(values[0]) > 1000):
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.header", Field: name,
				Say: name + " holds no one version.", Do: "Send the @odata.etag of what you have read."}
		case len(values) == 1:
			out.Set(name, values[0])
		}
	}
	return out, nil
}

// preferable says whether a preference is one that Graph documents (graph-facts §2.2)
// and that changes nothing of what is reached.
func preferable(one string) bool {
	name, value, _ := strings.Cut(one, "=")
	name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
	switch name {
	case "idtype":
		return value == "ImmutableId"
	case "outlook.body-content-type":
		return value == "text" || value == "html"
	case "outlook.timezone":
		return value != "" && len(value) < 100 && !strings.ContainsAny(value, "\r\n,;")
	case "odata.maxpagesize":
		return value != "" && len(value) < 5 && strings.Trim(value, "0123456789") == ""
	case "return":
		return value == "minimal" || value == "representation"
	case "outlook.allow-unsafe-html", "include-unknown-enum-members":
		return value == ""
	}
	return false
}

// show gives an app the headers of Microsoft's answer that are for it.
func show(to, theirs http.Header) {
	for _, name := range handedOn {
		if values := theirs[name]; len(values) > 0 && !slices.Contains(values, "") {
			to[name] = values
		}
	}
}

// handedOn are the names of these headers, as net/http keeps them.
var handedOn = [...]string{"Content-Type", "Etag", "Retry-After", "Request-Id", "Client-Request-Id", "Preference-Applied", "Odata-Version", "X-Ms-Ags-Diagnostic"}
