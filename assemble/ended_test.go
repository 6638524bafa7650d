package assemble_test

import (
	"context"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
)

// TestWhoIsToldToEndBeforeItBeganEndsWell: that is no failure of the program, which
// whoever watches over it would report.
func TestWhoIsToldToEndBeforeItBeganEndsWell(t *testing.T) {
	j := begin(t, 2)
	listener := j.listen()
	config, err := assemble.Load(j.configuration("5m", listener.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	g, err := assemble.Build(t.Context(), config, assemble.Outside{Dial: j.dial, Listener: listener})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := g.Run(ctx); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}
