package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden/connect"
)

// whole is an API that has every route, to be described and not asked.
func whole() *API {
	return New(Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader,
		Metrics:    func(context.Context) ([]Metric, error) { return nil, nil },
		Deliveries: struct{ Deliveries }{}, Sinks: struct{ Sinks }{},
		Connections: struct{ Connections }{}, SignIns: struct{ SignIns }{},
		RotateKey: func(context.Context) (connect.KeyRotation, error) { return connect.KeyRotation{}, nil },
		AppKeys:   struct{ AppKeys }{}, Keys: struct{ Doorkeeper }{},
	})
}
