package gate

import (
	"context"

	"github.com/graphwarden/graphwarden"
)

// along is what a caller wants on disk together with a decision.
type along struct {
	do   also
	kept bool
}

type alongKey struct{}

// Along gives a context in which do goes to the disk in one transaction with the
// decision of the next call that is allowed, before that is sent: also a read waits for
// it. An error of do refuses the call: nothing is recorded and nothing is sent. do may
// be run more than once; once kept says that it is on disk, it is not run again. As long
// as it is not, nothing was sent. The calls of the context come one after the other.
func Along(ctx context.Context, do func(context.Context, graphwarden.Tx) error) (with context.Context, kept func() bool) {
	a := &along{do: do}
	return context.WithValue(ctx, alongKey{}, a), func() bool { return a.kept }
}

// taken takes what goes along out of a context, so that a token which has to be
// obtained first does not take it along; nil: nothing does, or it is on disk.
func taken(ctx context.Context) (context.Context, *along) {
	a, _ := ctx.Value(alongKey{}).(*along)
	if a == nil {
		return ctx, nil
	}
	ctx = context.WithValue(ctx, alongKey{}, (*along)(nil))
	if a.kept {
		a = nil
	}
	return ctx, a
}

// put runs it within the transaction of a decision.
func (a *along) put(ctx context.Context, tx graphwarden.Tx) error {
	if a == nil {
		return nil
	}
	if err := a.do(ctx, tx); err != nil {
		return &objection{err}
	}
	return nil
}

// done notes that it is on disk.
func (a *along) done() {
	if a != nil {
		a.kept = true
	}
}

// objection is an error of what goes along with a decision.
type objection struct{ cause error }

// Error says what it is.
func (o *objection) Error() string { return o.cause.Error() }

// Unwrap gives it.
func (o *objection) Unwrap() error { return o.cause }
