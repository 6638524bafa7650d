package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
)

// key groups what is done with the key that seals tokens.
func (p Program) key() *command {
	return &command{
		use:   "key",
		short: "Look after the key that seals tokens",
		long: `The key file seals every token in the database. It lies outside the database and
its backups: whoever has one without the other has nothing.`,
		examples: []string{"graphwarden key rotate", "graphwarden key rotate --config graphwarden.yaml"},
		under:    []*command{p.createKeyFile(), p.rotateKey()},
	}
}

// createKeyFile is for who has lost the key file: no server starts without one on a database
// that holds sealed tokens.
func (p Program) createKeyFile() *command {
	return &command{
		use:   "create",
		short: "Make a key file where the old one is lost",
		long: `Create makes a new key file where the configuration names one that is not there. The
first serve does that by itself while nothing is sealed in the database. Where tokens
are, none of them opens with the new key: connect each registration anew, which
replaces its token. If a copy of the old key file may still be found, put that back
instead. A key file that is there is not touched.`,
		examples: []string{"graphwarden key create", "graphwarden key create --config graphwarden.yaml"},
		config:   ofFile,
		prints:   Done{},
		changes: func(c *call) (effect, error) {
			loaded, err := c.load(c.config)
			if err != nil {
				return effect{}, err
			}
			if _, err := os.Lstat(loaded.KeyFile()); err == nil {
				return effect{}, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.key_exists",
					Say: fmt.Sprintf("There is a key file %s.", loaded.KeyFile()), Do: "For a new key in it run: graphwarden key rotate. If it is the wrong one, move it away first."}
			}
			return effect{says: "This makes the new key file " + loaded.KeyFile() + ". Tokens that are sealed in the database already do not open with it."}, nil
		},
		run: func(c *call) error {
			loaded, err := c.load(c.config)
			if err != nil {
				return err
			}
			if _, err := seal.OpenKeyFile(loaded.KeyFile(), 0); err != nil {
				return err
			}
			text := "The key file " + loaded.KeyFile() + " is made: back it up. What was connected before is connected anew: graphwarden connect TENANT REGISTRATION"
			return c.print(Done{text}, text+"\n")
		},
	}
}

func (p Program) rotateKey() *command {
	return &command{
		use:   "rotate",
		short: "Seal every token with a new key, while everything runs on",
		long: `Rotate puts a new key into the key file, seals every token anew with it and then
drops the old key. Tokens are lent meanwhile. Killed on the way, the same
command goes on. While other processes work on the same database, it goes one of
three steps at a time (the new key is added, seals, is alone) and has you copy the
key file to each machine that has its own, and run it again, in between. Make a new
backup of the key file afterwards: database backups from before open with the old one only.`,
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
				return c.print(out, strings.TrimSpace(saidOfKey(out)+" "+out.Left)+"\n")
			})
		},
	}
}

// saidOfKey says how far a rotation of the key is.
func saidOfKey(out connect.KeyRotation) string {
	anew := counted(out.Resealed, "token was", "tokens were") + " sealed anew"
	switch out.Stage {
	case connect.KeyAdded:
		return "A new key lies in the key file, and nothing is sealed with it yet."
	case connect.KeySeals:
		return "The new key seals now; " + anew + ". The old one still lies in the key file."
	}
	return "A new key seals now; " + anew + ". Back up the key file."
}
