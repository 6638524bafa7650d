package cli

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden/connect"
)

// key groups what is done with the key that seals tokens.
func (p Program) key() *command {
	return &command{
		use:   "key",
		short: "Look after the key that seals tokens",
		long: `The key file seals every token in the database. It lies outside the database and
its backups: whoever has one without the other has nothing.`,
		examples: []string{"graphwarden key rotate", "graphwarden key rotate --config graphwarden.yaml"},
		under:    []*command{p.rotateKey()},
	}
}

func (p Program) rotateKey() *command {
	return &command{
		use:   "rotate",
		short: "Seal every token with a new key, while everything runs on",
		long: `Rotate puts a new key into the key file, seals every token anew with it and then
drops the old key. Tokens are lent meanwhile. Killed on the way, the same
command goes on. Make a new backup of the key file afterwards: database backups
from before open with the old one only.`,
		examples: []string{"graphwarden key rotate", "graphwarden key rotate --config graphwarden.yaml"},
		config:   ofServer,
		prints:   connect.KeyRotation{},
		changes: func(c *call) (effect, error) {
			loaded, err := c.load(c.config)
			if err != nil {
				return effect{}, err
			}
			return effect{says: "This puts a new key into " + loaded.KeyFile() + " and seals every token anew with it."}, nil
		},
		run: func(c *call) error {
			return c.desk(func(ctx context.Context, s *client) error {
				var out connect.KeyRotation
				if err := s.call(ctx, "POST", "/v1/key/rotate", nil, nil, &out); err != nil {
					return err
				}
				return c.print(out, fmt.Sprintf("A new key seals now; %s sealed anew. Back up the key file.\n", counted(out.Resealed, "token was", "tokens were")))
			})
		},
	}
}
