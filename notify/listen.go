package notify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"github.com/graphwarden/graphwarden"
)

// Listen opens the address that notifications arrive at, e.g. "127.0.0.1:8080".
// An address that cannot be had is a *graphwarden.Refusal.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &graphwarden.Refusal{
			Kind: graphwarden.Conflict, Code: "notify.port_in_use",
			Say: fmt.Sprintf("Another program listens at %s already.", address),
			Do:  "End it, or choose another port.", Cause: err,
		}
	case errors.Is(err, fs.ErrPermission):
		return nil, &graphwarden.Refusal{
			Kind: graphwarden.Denied, Code: "notify.port_forbidden",
			Say: fmt.Sprintf("This user may not listen at %s.", address),
			Do:  "Choose a port above 1023, or let the program bind low ports.", Cause: err,
		}
	}
	return nil, &graphwarden.Refusal{
		Kind: graphwarden.Invalid, Code: "notify.address",
		Say: fmt.Sprintf("Nothing can listen at %s.", address),
		Do:  "Write an address of this computer and a port, e.g. 127.0.0.1:8080.", Cause: err,
	}
}
