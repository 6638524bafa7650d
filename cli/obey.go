package cli

import "context"

// order is what a system's service manager asks for.
type order int

// stop asks a service to end.
const stop order = 1

// state is how a service is, as its manager is told.
type state int

// The states of a service.
const (
	starting state = iota
	running
	stopping
)

// obey runs a program as its service manager wants, and tells how it is: it ends
// in good order when asked to stop, and gives the program's exit code.
func obey(ctx context.Context, run func(context.Context) int, orders <-chan order, tell func(state)) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tell(starting)
	ended := make(chan int, 1)
	go func() { ended <- run(ctx) }()
	tell(running)
	for {
		select {
		case code := <-ended:
			return code
		case o := <-orders:
			if o == stop {
				tell(stopping)
				cancel()
				return <-ended
			}
		}
	}
}
