package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Configuration is the configuration that the server runs on.
type Configuration interface {
	InForce(ctx context.Context) (InForce, error)
	Take(ctx context.Context, asked Applying) (Taken, error)
}

// InForce is the configuration that is in force.
type InForce struct {
	Fingerprint string     `json:"fingerprint"` // the same for configurations that say the same
	File        string     `json:"file"`        // where the server reads it
	By          string     `json:"by,omitempty"`
	At          *time.Time `json:"at"` // when it was taken
	// Facts are what it says, each setting by its name, without secrets.
	Facts json.RawMessage `json:"facts"`
}

// Applying asks for the server's file to be taken, as somebody saw it.
type Applying struct {
	From string `json:"from"` // the fingerprint of what was in force
	To   string `json:"to"`   // of what the file said
	By   string `json:"by"`
}

// Taken tells what came of it.
type Taken struct {
	Fingerprint string   `json:"fingerprint"` // of the file
	Changed     bool     `json:"changed"`
	Restart     []string `json:"restart"` // settings that are taken only when the server starts
}

func (a *API) configurationRoutes() []route {
	if a.config.Configuration == nil {
		return nil
	}
	const path = "/v1/configuration"
	return []route{
		{pattern: "GET " + path, name: "getConfiguration", about: "the configuration in force, and who applied it when", out: InForce{}, answer: a.configuration},
		{pattern: "POST " + path, name: "applyConfiguration", about: "have the server take its file anew", in: Applying{}, out: Taken{}, codes: []string{"config.*", "seal.*"}, answer: a.take},
	}
}

func (a *API) configuration(r *http.Request) (any, error) {
	return a.config.Configuration.InForce(r.Context())
}

// take goes on when the asker leaves: half a change is none.
func (a *API) take(r *http.Request) (any, error) {
	var in Applying
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return a.config.Configuration.Take(context.WithoutCancel(r.Context()), in)
}

// Leave ends what streams, because another API takes this one's place.
func (a *API) Leave() { a.left.Do(func() { close(a.done) }) }
