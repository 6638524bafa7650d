package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// lender stands between the checker and the tenant and lends each request a token
// that holds no more than the least permission for it. What no permission of the
// scheme opens it sends with a token that has every one, to be refused.
type lender struct {
	tenant *tenant
	table  *table
	scheme string

	mu     sync.Mutex
	tokens map[string]string
	err    error
}

// serve forwards one request.
func (l *lender) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		l.fail(w, err)
		return
	}
	out, err := http.NewRequestWithContext(r.Context(), r.Method, l.tenant.Graph+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		l.fail(w, err)
		return
	}
	out.Header = r.Header.Clone()
	out.Host = r.Host // links lead back here
	out.Header.Set("X-Forwarded-Proto", "http")
	if r.Header.Get("Authorization") != "" {
		token, err := l.token(r, body)
		if err != nil {
			l.fail(w, err)
			return
		}
		out.Header.Set("Authorization", "Bearer "+token)
	}
	a, err := l.tenant.send(out)
	if err != nil {
		l.fail(w, err)
		return
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.raw) // the checker that hung up says so itself
}

func (l *lender) fail(w http.ResponseWriter, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = errors.Join(l.err, err)
	http.Error(w, err.Error(), http.StatusBadGateway)
}

func (l *lender) failed() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// token lends a token for a request.
func (l *lender) token(r *http.Request, body []byte) (string, error) {
	names := l.needs(r.Context(), r.Method, strings.TrimPrefix(r.URL.Path, "/v1.0"), body)
	if names == nil {
		if l.scheme == application {
			return l.tenant.Tokens.Everything, nil
		}
		return l.tenant.Tokens.Admin, nil
	}
	slices.Sort(names)
	key := strings.Join(slices.Compact(names), " ")
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tokens[key] == "" {
		token, err := l.tenant.mint(r.Context(), l.scheme, strings.Fields(key))
		if err != nil {
			return "", fmt.Errorf("%s %s: %w", r.Method, r.URL, err)
		}
		if l.tokens == nil {
			l.tokens = map[string]string{}
		}
		l.tokens[key] = token
	}
	return l.tokens[key], nil
}

// needs names the least permissions for a request: of a batch those of each of
// its requests, of a subscription those to read its resource (subscription-post).
func (l *lender) needs(ctx context.Context, method, path string, body []byte) []string {
	switch {
	case path == "/$batch":
		var in struct {
			Requests []struct{ Method, URL string }
		}
		_ = json.Unmarshal(body, &in) // a batch that cannot be read needs nothing
		var names []string
		for _, r := range in.Requests {
			url, _, _ := strings.Cut("/"+strings.TrimPrefix(r.URL, "/"), "?")
			names = append(names, l.needs(ctx, r.Method, url, nil)...)
		}
		return names
	case path == "/subscriptions" && method == "POST":
		var in struct{ Resource string }
		_ = json.Unmarshal(body, &in)
		return l.needs(ctx, "GET", "/"+strings.TrimPrefix(in.Resource, "/"), nil)
	}
	names := l.table.least(l.scheme, method, l.template(path), l.other(path))
	if names != nil && l.forRoles(ctx, method, path, body) {
		names = append(names, "RoleManagement.ReadWrite.Directory")
	}
	return names
}

// forRoles says whether a request makes or changes a group that roles can be
// assigned to, which needs a permission of its own (group-post-groups,
// group-update).
func (l *lender) forRoles(ctx context.Context, method, path string, body []byte) bool {
	below, one := strings.CutPrefix(path, "/groups/")
	switch {
	case method == "POST" && path == "/groups":
		return bytes.Contains(body, []byte(`"isAssignableToRole":true`))
	case method == "GET" || !one:
		return false
	}
	id, _, _ := strings.Cut(below, "/")
	a, err := l.tenant.must(ctx, "GET", "/groups/"+id+"?$select=isAssignableToRole", nil)
	return err == nil && a.doc["isAssignableToRole"] == true
}

// template writes a concrete path as the table does: what looks like a key is one.
func (l *lender) template(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if i > 1 && isKey(segments[1], s, i) {
			segments[i] = "{}"
		}
		if name, _, found := strings.Cut(s, "("); found {
			segments[i] = name + "()"
			if i == 1 {
				segments[i] = name + "/{}"
			}
		}
	}
	return strings.Join(segments, "/")
}

// isKey tells ids and addresses from names of properties and operations: Graph's
// ids are long or have digits, and its names have neither.
func isKey(root, s string, at int) bool {
	if strings.HasPrefix(s, "$") || strings.HasPrefix(strings.ToLower(s), "microsoft.graph.") {
		return false
	}
	if at == 2 && root != "me" && root != "directory" && strings.ContainsAny(s, "0123456789@") {
		return true
	}
	return len(s) >= 20 && strings.ContainsAny(s, "0123456789-_=")
}

// other says whether a path is not the signed-in user's own.
func (l *lender) other(path string) bool {
	own := path == "/me" || strings.HasPrefix(path, "/me/")
	return !own && !strings.HasPrefix(path, "/users/"+l.tenant.Users[0].ID)
}
