package api

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
)

// intents are Intents by a name that their method does not have.
type intents = Intents

// everyRoute is an API that has every route, to be described and not asked.
func everyRoute() *API { return New(everything()) }

// everything is a configuration that offers all there is, with nothing behind it.
func everything() Config {
	return Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader, Cursors: seal.FromString("of nobody"),
		Metrics:    func(context.Context) ([]Metric, error) { return nil, nil },
		Deliveries: struct{ Deliveries }{}, Sinks: struct{ Sinks }{},
		Connections: struct{ Connections }{}, SignIns: struct{ SignIns }{}, People: struct{ People }{}, Restrictions: struct{ Restrictions }{}, Grants: struct{ Grants }{},
		Configuration: struct{ Configuration }{},
		RotateKey:     func(context.Context) (connect.KeyRotation, error) { return connect.KeyRotation{}, nil },
		AppKeys:       struct{ AppKeys }{}, Keys: struct{ Doorkeeper }{}, Reading: struct{ Reading }{}, Following: struct{ Follows }{},
		Presences: struct{ Presences }{}, Entries: struct{ Entries }{}, Staff: struct{ Staff }{},
		Acts: struct{ Acts }{}, Asks: struct{ Asks }{}, Mails: struct{ Mails }{}, Intents: struct{ intents }{},
	}
}
