package cli

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// TestAServicesLogBecomesEvents: a line each, with its level, however it is written.
func TestAServicesLogBecomesEvents(t *testing.T) {
	var told []string
	e := &eventLines{tell: func(l slog.Level, text string) error {
		told = append(told, l.String()+" "+text)
		return io.ErrClosedPipe // the event log is full, and the service goes on
	}}
	log := slog.New(slog.NewTextHandler(e, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("running")
	log.Warn("slow", "reason", "level=ERROR stands in a text")
	log.Error("down")
	for _, part := range []string{"half ", "a line\n\ngraphwarden: The port is taken.\n", "nul\x00\xff\n", "the rest"} {
		if n, err := fmt.Fprint(e, part); err != nil || n != len(part) {
			t.Errorf("%d, %v", n, err)
		}
	}
	fmt.Fprintln(e, strings.Repeat("x", 2*longestEvent))
	if last := told[len(told)-1]; len(last) > longestEvent+10 {
		t.Errorf("the longest has %d bytes", len(last))
	}
	want := []string{`INFO level=INFO msg=running`, `WARN level=WARN msg=slow reason="level=ERROR stands in a text"`, `ERROR level=ERROR msg=down`, "INFO half a line", "ERROR graphwarden: The port is taken.", "INFO nul?"}
	if !slices.Equal(told[:len(want)], want) {
		t.Errorf("told were %q", told)
	}
}
