package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
)

// everyRoute is an API that has every route, to be described and not asked.
func everyRoute() *API { return New(everything()) }

// everything is a configuration that offers all there is, with nothing behind it.
func everything() Config {
	return Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader, Cursors: seal.FromString("of nobody"),
		Metrics:    func(context.Context) ([]Metric, error) { return nil, nil },
		Deliveries: struct{ Deliveries }{}, Sinks: struct{ Sinks }{},
		Connections: struct{ Connections }{}, SignIns: struct{ SignIns }{}, People: struct{ People }{}, Restrictions: struct{ Restrictions }{},
		Configuration: struct{ Configuration }{},
		RotateKey:     func(context.Context) (connect.KeyRotation, error) { return connect.KeyRotation{}, nil },
		AppKeys:       struct{ AppKeys }{}, Keys: struct{ Doorkeeper }{}, Reading: struct{ Reading }{}, Following: struct{ Follows }{},
		Presences: struct{ Presences }{},
	}
}
