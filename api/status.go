package api

import (
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/seal"
)

// Status says how a server is.
type Status struct {
	Version  string    `json:"version"`
	Process  string    `json:"process"` // who answers: host/pid
	Since    time.Time `json:"since"`   // when it began
	Database string    `json:"database"`
	Public   string    `json:"public_url,omitempty"`
	// Memory says whether secrets in memory can be read from outside.
	Memory seal.Hardening `json:"memory"`
	Routes []Route        `json:"routes"`
}

// Route is one path of the API.
type Route struct {
	Pattern string `json:"pattern"`
	About   string `json:"about"`
}

func (a *API) statusRoutes() []route {
	return []route{{pattern: "GET /v1/status", name: "getStatus", about: "the server and what can be asked of it", out: Status{}, answer: a.status}}
}

func (a *API) status(r *http.Request) (any, error) {
	s, err := a.config.Status(r.Context())
	s.Memory = seal.Hardened()
	for _, rt := range a.operators.table {
		s.Routes = append(s.Routes, Route{rt.pattern, rt.about})
	}
	return s, err
}
