package assemble

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// longest bounds a call that nobody else bounds.
const longest = time.Hour

// doer calls out.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// finishing lets a call that is under way be finished when its configuration is
// replaced: a delivery that a receiver has taken already is not sent again, and a
// page that was asked for is read. When the server ends, calls end at once.
type finishing struct{ doer }

// Do makes the call.
func (f finishing) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := outliving(r.Context())
	answer, err := f.doer.Do(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	answer.Body = &lastRead{answer.Body, cancel}
	return answer, nil
}

// outliving is a context that ends when ctx does, unless ctx ends because its
// configuration was replaced.
func outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	until, has := ctx.Deadline()
	if !has {
		until = time.Now().Add(longest)
	}
	out, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	stop := context.AfterFunc(ctx, func() {
		if !errors.Is(context.Cause(ctx), errReplaced) {
			cancel()
		}
	})
	return out, func() { stop(); cancel() }
}

// lastRead gives a call's context back when its body was read.
type lastRead struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body.
func (l *lastRead) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}
