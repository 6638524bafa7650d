package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/connect"
)

// key groups what is done with the key that seals tokens.
func (p Program) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Look after the key that seals tokens",
		Long: `The key file seals every token in the database. It lies outside the database and
its backups: whoever has one without the other has nothing.`,
		Example: "  graphwarden key rotate\n  graphwarden key rotate --config graphwarden.yaml",
		Args:    known,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.rotateKey())
	return c
}

func (p Program) rotateKey() *cobra.Command {
	var config string
	var asJSON bool
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Seal every token with a new key, while everything runs on",
		Long: `Rotate puts a new key into the key file, seals every token anew with it and then
drops the old key. Tokens are lent meanwhile. Killed on the way, the same
command goes on. Make a new backup of the key file afterwards: database backups
from before open with the old one only.`,
		Example: "  graphwarden key rotate\n  graphwarden key rotate --config graphwarden.yaml",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.atDesk(c.Context(), config, func(ctx context.Context, s *client) error {
				var out connect.KeyRotation
				if err := s.call(ctx, "POST", "/v1/key/rotate", nil, nil, &out); err != nil {
					return err
				}
				if asJSON {
					return printJSON(p.Stdout, out)
				}
				_, err := fmt.Fprintf(p.Stdout, "A new key seals now; %d tokens were sealed anew. Back up the key file.\n", out.Resealed)
				return err
			})
		},
	}
	p.ask(c, &config, &asJSON)
	return c
}
