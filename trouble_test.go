package graphwarden_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/graphwarden/graphwarden"
)

func TestWhatTellsOfWhatWasAskedFor(t *testing.T) {
	refusal := func(k graphwarden.Kind) error { return fmt.Errorf("asking: %w", &graphwarden.Refusal{Kind: k}) }
	for _, s := range []struct {
		what  string
		err   error
		tells bool
	}{
		{"nothing is wrong", nil, false},
		{"there is none", refusal(graphwarden.Unknown), true},
		{"it is not allowed", refusal(graphwarden.Denied), true},
		{"it is wrong", refusal(graphwarden.Invalid), true},
		{"nobody answers", refusal(graphwarden.Unreachable), false},
		{"the sign-in is refused", refusal(graphwarden.Credential), false},
		{"the disk is full", refusal(graphwarden.Storage), false},
		{"not now", fmt.Errorf("asking: %w", &graphwarden.Later{}), false},
		{"half an answer", fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), false},
		{"the line breaks", fmt.Errorf("reading: %w", &net.OpError{Op: "read", Err: errors.New("reset")}), false},
		{"we are stopped", context.Canceled, false},
		{"an answer that nobody foresaw", errors.New("graph answered 400 New"), true},
	} {
		if got := graphwarden.Tells(s.err); got != s.tells {
			t.Errorf("%s: %t", s.what, got)
		}
	}
}
