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

// circumstances are what rules may ask about a call.
func (g *Gate) circumstances(ctx context.Context, c Call, route Route) policy.Circumstances {
	in := policy.Circumstances{Tenant: route.Tenant.Name, At: g.config.Now(), Looks: c.Looks}
	in.Network = Network(ctx)
	if route.People {
		in.Person = c.Mailbox
	}
	return in
}
