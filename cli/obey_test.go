package cli

import (
	"context"
	"slices"
	"testing"
)

// TestAServiceEndsWhenItsManagerSaysSo is what Windows asks of a service, as far as
// it can be shown elsewhere.
func TestAServiceEndsWhenItsManagerSaysSo(t *testing.T) {
	orders, states := make(chan order), []state{}
	code := make(chan int)
	begun := make(chan struct{})
	go func() {
		code <- obey(t.Context(), func(ctx context.Context) int {
			close(begun)
			<-ctx.Done()
			return ExitOK
		}, orders, func(s state) { states = append(states, s) })
	}()
	<-begun
	orders <- stop
	if got := <-code; got != ExitOK || !slices.Equal(states, []state{starting, running, stopping}) {
		t.Errorf("ended with %d after %v", got, states)
	}
	states = nil
	if got := obey(t.Context(), func(context.Context) int { return ExitStorage }, orders, func(s state) { states = append(states, s) }); got != ExitStorage || !slices.Equal(states, []state{starting, running}) {
		t.Errorf("ended with %d after %v", got, states)
	}
}
