package watch

import (
	"context"
	"time"
)

// lookWait is how long somebody who asks waits for a look at most: what is known
// already is better than no answer.
const lookWait = 3 * time.Second

// rest waits until the next look is due or asked for, and gives who waits for it.
func (w *Watch) rest(ctx context.Context) (waiting []chan<- struct{}) {
	timer := time.NewTimer(every)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case one := <-w.asked:
		waiting = append(waiting, one)
	}
	for { // who asked meanwhile is content with the same look
		select {
		case one := <-w.asked:
			waiting = append(waiting, one)
		default:
			return waiting
		}
	}
}

// lookNow has a look begin now, and waits for its end, where this process is the
// one that looks.
func (w *Watch) lookNow(ctx context.Context) {
	if !w.running.Load() {
		return
	}
	ctx, stop := context.WithTimeout(ctx, lookWait)
	defer stop()
	done := make(chan struct{})
	select {
	case w.asked <- done:
	case <-ctx.Done():
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}
