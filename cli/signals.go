package cli

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

// Signals are those at which the program ends in good order: Ctrl-C and a request
// to end. The hangup of its terminal ends it, too, or has a server read its
// configuration again; Main sees to that.
func Signals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// hangups are what comes when the program's terminal is closed, and when somebody
// asks a server without one to read its configuration again.
type hangups struct {
	instead atomic.Pointer[func()] // what is done instead of ending
}

// watch gives a context that ends at a hangup for which nothing is to be done
// instead. Whoever started the program to outlive its terminal, as nohup does, has
// it heed none.
func (h *hangups) watch(ctx context.Context) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	if signal.Ignored(syscall.SIGHUP) {
		return ctx, stop
	}
	came := make(chan os.Signal, 1)
	signal.Notify(came, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ctx.Done():
				return
			case <-came:
			}
			if do := h.instead.Load(); do != nil {
				(*do)()
				continue
			}
			stop()
		}
	}()
	return ctx, func() { signal.Stop(came); stop(); <-ended }
}
