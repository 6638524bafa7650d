package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// victim is what a documented request is sent at: the path and the body that take
// the place of the documented ones, and what must hold afterwards.
type victim struct {
	path  string
	body  doc // laid over the documented body
	after func(context.Context) error
}

// replayed is one example that the checker leaves out, with how its victim is made.
type replayed struct {
	id      string
	prepare func(context.Context, *props) (victim, error)
}

// groupEventID is an example whose victim the checker makes with the very token that
// must be refused, so that the refusal itself is not seen.
const groupEventID = "group-delete-event/delete_group_event"

// unsafe replays what the checker leaves out as not safe, for want of a victim or
// because it documents an error: each with a victim of its own, once for each kind
// of token, and compares status, shape and values with the documented answer.
func (w *witness) unsafe(ctx context.Context) (good, of int, err error) {
	results, err := w.check(ctx, w.tenant.Graph, w.tenant.Tokens.Admin)
	if err != nil {
		return 0, 0, err
	}
	p, err := newProps(w.tenant)
	if err != nil {
		return 0, 0, err
	}
	defer p.receiver.Close()
	for _, r := range results {
		if r.Outcome != "skip" && r.ID != groupEventID {
			continue
		}
		for _, scheme := range []string{delegated, application} {
			of++
			if err := w.replayOne(ctx, r.ID, scheme, p); err != nil {
				fmt.Printf("FAIL %s (%s): %v\n", r.ID, scheme, err)
				continue
			}
			good++
		}
	}
	return good, of, nil
}

func (w *witness) replayOne(ctx context.Context, id, scheme string, p *props) error {
	var e example
	for _, x := range w.examples {
		if x.ID == id {
			e = x
		}
	}
	for _, r := range replays() {
		if r.id != id {
			continue
		}
		p.subscriber = w.token(scheme)
		v, err := r.prepare(ctx, p)
		if err != nil {
			return fmt.Errorf("making a victim: %w", err)
		}
		a, err := w.send(ctx, e, v, scheme)
		if err != nil {
			return err
		}
		if !w.opened(scheme, result{ID: id, Method: e.Request.Method, URL: e.Request.URL}) {
			return mustRefuse(a, e)
		}
		if err := conforms(e, a); err != nil || v.after == nil {
			return err
		}
		return v.after(ctx)
	}
	return fmt.Errorf("the checker skips it, and nothing here replays it")
}

// send sends the documented request at the victim.
func (w *witness) send(ctx context.Context, e example, v victim, scheme string) (answer, error) {
	var body any
	if e.Request.Kind == "json" {
		d := doc{}
		if err := json.Unmarshal(e.Request.Body, &d); err != nil {
			return answer{}, err
		}
		for name, value := range v.body {
			d[name] = value
		}
		body = d
	}
	return w.tenant.call(ctx, e.Request.Method, v.path, w.token(scheme), body)
}

// token is one of the scheme with every permission.
func (w *witness) token(scheme string) string {
	if scheme == application {
		return w.tenant.Tokens.Everything
	}
	return w.tenant.Tokens.Admin
}

// mustRefuse wants the refusal of a kind of token that the documentation does not
// allow: 403, or for /me with an app's own token 400 (graph errors).
func mustRefuse(a answer, e example) error {
	if strings.HasPrefix(e.Request.URL, "/me") && a.status == 400 && strings.Contains(string(a.raw), "only valid with delegated authentication flow") {
		return nil
	}
	if a.status == 403 && (a.code() == "Authorization_RequestDenied" || a.code() == "ErrorAccessDenied") {
		return nil
	}
	return fmt.Errorf("not refused: %d %s", a.status, a.raw)
}
