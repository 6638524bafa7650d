package gate

import (
	"context"
	"net/netip"

	"github.com/graphwarden/graphwarden/policy"
)

type askingKey struct{}

// From gives a context of an app's request that came from an address, host:port of the
// connection: its key, and calls that it leads to, are judged as used from there. An address
// that cannot be read is not known.
func From(ctx context.Context, remote string) context.Context {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ctx
	}
	return context.WithValue(ctx, askingKey{}, a.Addr())
}

// Network is the address that From was given; not valid where it is not known.
func Network(ctx context.Context) netip.Addr {
	a, _ := ctx.Value(askingKey{}).(netip.Addr)
	return a
}

type knownKey struct{}

// KnownBy gives a context of an app's request that was let in by a key or a token: the
// ledger says with each call that it leads to by which.
func KnownBy(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, knownKey{}, id)
}

// known is what stands behind an entry's note of who asked; "" when nobody has said so.
func known(ctx context.Context) string {
	id, _ := ctx.Value(knownKey{}).(string)
	return id
}

// circumstances are what rules may ask about a call.
func (g *Gate) circumstances(ctx context.Context, c Call, route Route) policy.Circumstances {
	in := policy.Circumstances{Tenant: route.Tenant.Name, At: g.config.Now(), Looks: c.Looks}
	in.Network = Network(ctx)
	if route.People {
		in.Person = c.Mailbox
	}
	return in
}
