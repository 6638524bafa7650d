package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Condition is one thing that a server needs to be ready.
type Condition struct {
	Name string
	Ask  func(ctx context.Context) error
}

// Readiness says whether a server is ready, and why not.
type Readiness struct {
	Ready  bool          `json:"ready"`
	Checks []Requirement `json:"checks"`
}

// Requirement is a condition as it was found.
type Requirement struct {
	Name   string `json:"name"`
	Met    bool   `json:"met"`
	Reason string `json:"reason,omitempty"`
	Code   string `json:"code,omitempty"`
}

func (a *API) healthRoutes() []route {
	return []route{
		{pattern: "GET /healthz", name: "getHealth", about: "the process lives", who: anybody, answer: func(*http.Request) (any, error) { return reply{status: http.StatusNoContent}, nil }},
		{pattern: "GET /readyz", name: "getReadiness", about: "the server can work, or why not", who: both, also: map[int]any{http.StatusServiceUnavailable: Readiness{}}, out: Readiness{}, answer: a.ready},
	}
}

func (a *API) ready(r *http.Request) (any, error) {
	all := Ready(r.Context(), a.config.Conditions)
	if all.Ready {
		return all, nil
	}
	return reply{http.StatusServiceUnavailable, all}, nil
}

// answerWithin bounds how long a condition may take; what takes longer is not met.
const answerWithin = 2 * time.Second

// Ready asks every condition.
func Ready(ctx context.Context, conditions []Condition) Readiness {
	ctx, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	all := Readiness{Ready: true, Checks: []Requirement{}}
	for _, c := range conditions {
		found := Requirement{Name: c.Name, Met: true}
		if err := c.Ask(ctx); err != nil {
			all.Ready, found.Met, found.Reason = false, false, "it does not answer"
			var refusal *graphwarden.Refusal
			if errors.As(err, &refusal) {
				found.Reason, found.Code = refusal.Say, refusal.Code
			}
		}
		all.Checks = append(all.Checks, found)
	}
	return all
}
