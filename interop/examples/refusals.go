package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// refusals replays every example with tokens that hold no permission, an app's
// own and a user's, and wants the documented refusal (concepts/errors: 403). The
// victims are those of a run before it with the administrator's token.
func (w *witness) refusals(ctx context.Context) (good, of int, err error) {
	results, err := w.check(ctx, w.tenant.Graph, w.tenant.Tokens.Admin)
	if err != nil {
		return 0, 0, err
	}
	app, err1 := w.tenant.mint(ctx, application, nil)
	user, err2 := w.tenant.mint(ctx, delegated, nil)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	for _, e := range w.examples {
		for _, r := range results {
			// A batch needs no permission of its own, and the list of one's own
			// subscriptions none when there are none.
			if r.ID != e.ID || r.Outcome == "skip" || e.Request.URL == "/$batch" || e.Request.URL == "/subscriptions" {
				continue
			}
			for kind, token := range map[string]string{"an app": app, "a user": user} {
				of++
				if why := w.refused(ctx, e, r.URL, token, kind); why != "" {
					fmt.Printf("FAIL %s: %s without a permission: %s %s: %s\n", e.ID, kind, e.Request.Method, r.URL, why)
					continue
				}
				good++
			}
		}
	}
	return good, of, nil
}

// refused sends an example and says what is wrong with its refusal.
func (w *witness) refused(ctx context.Context, e example, url, token, kind string) string {
	if !strings.HasPrefix(url, "http") {
		url = w.tenant.Graph + "/v1.0" + strings.ReplaceAll(url, " ", "%20")
	}
	body := "" // what may not be done is refused whatever it is
	if e.Request.Kind == "json" {
		body = "{}"
	}
	r, err := http.NewRequestWithContext(ctx, e.Request.Method, url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	for name, value := range e.Request.Headers {
		r.Header.Set(name, value)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	a, err := w.tenant.send(r)
	if err != nil {
		return err.Error()
	}
	below := strings.TrimPrefix(url, w.tenant.Graph+"/v1.0")
	if kind == "an app" && (below == "/me" || strings.HasPrefix(below, "/me/") || strings.HasPrefix(below, "/me?")) {
		if a.status == http.StatusBadRequest && strings.Contains(string(a.raw), "only valid with delegated authentication flow") {
			return ""
		}
	}
	if a.status == http.StatusForbidden && (a.code() == "Authorization_RequestDenied" || a.code() == "ErrorAccessDenied") && json.Valid(a.raw) {
		return ""
	}
	return fmt.Sprintf("%d %s", a.status, a.raw)
}
