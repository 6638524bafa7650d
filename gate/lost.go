package gate

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/graphwarden/graphwarden"
)

// departure knows whether a request that changes something has left: what goes wrong
// before can have no effect.
type departure struct{ left atomic.Bool }

// leaving gives a context in which the departure of a request is noticed.
func leaving(ctx context.Context, writes bool) (context.Context, *departure) {
	d := &departure{}
	if !writes {
		return ctx, d
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { d.left.Store(true) }}), d
}

// lost says of an error whether the request may have had its effect.
func (d *departure) lost(err error) error {
	if err != nil && d.left.Load() {
		return &graphwarden.Unanswered{Cause: err}
	}
	return err
}
