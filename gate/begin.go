package gate

import (
	"context"
	"errors"
	"time"

	"github.com/graphwarden/graphwarden"
)

type beginKey struct{}

// BeginBy gives a context whose calls, where they have to wait for a place in their mailbox's
// budget, wait until a time and no longer: then they end with a *graphwarden.Later, and
// nothing was sent. Without it they wait as long as the context lasts. What has begun goes on.
func BeginBy(ctx context.Context, by time.Time) context.Context {
	return context.WithValue(ctx, beginKey{}, by)
}

// patience gives a context that ends when a call is not to wait any longer.
func (g *Gate) patience(ctx context.Context) (context.Context, context.CancelFunc) {
	by, said := ctx.Value(beginKey{}).(time.Time)
	if !said {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, by.Sub(g.config.Now()))
}

// errBusy says that no place came free in time.
var errBusy = errors.New("the calls before it took too long")

// comeAgain is when a call is tried again that no place came free for.
const comeAgain = time.Second

// overdue tells a wait that took too long from one that its caller gave up.
func overdue(ctx context.Context, err error) error {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return &graphwarden.Later{After: comeAgain, Cause: errBusy}
	}
	return err
}
