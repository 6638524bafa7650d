package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// holdMost is how long the pause between two attempts gets.
	holdMost = 10 * time.Second
	// holdToEnd is how long a program may be away where the listening has an end.
	holdToEnd = 30 * time.Second
)

// forwarder posts changes to a developer's program, in order. One that is away, as
// while it is started again, is waited for; what it refuses is told, and passed.
type forwarder struct {
	to    string
	keys  []seal.Secret
	http  *http.Client
	said  io.Writer
	flow  string
	ended bool // nobody waits for ever

	last    int64 // sequence of the change that was posted last
	held    int64 // sequence of the change that is not taken yet; 0 for none
	taken   int
	refused []string // sequences of those that the program refused
}

// post sends a change until the program answers, and gives how it did.
func (f *forwarder) post(ctx context.Context, e graphwarden.Envelope, line []byte) (string, error) {
	f.held = e.Sequence
	pause, begun := time.Second/2, time.Now()
	for {
		answer, after := f.once(ctx, e, line)
		switch {
		case ctx.Err() != nil:
			return answer, ctx.Err()
		case after == 0:
			f.held, f.last = 0, e.Sequence
			return answer, nil
		case f.ended && time.Since(begun) > holdToEnd:
			return answer, &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: notForwarded,
				Say: fmt.Sprintf("%s did not take the change %d for %s: %s.", f.to, e.Sequence, holdToEnd, answer), Do: "Start it, and go on from there: " + f.again(e.Sequence) + "."}
		}
		pause = min(max(pause, after), holdMost)
		fmt.Fprintf(f.said, "%s does not take change %d (%s); trying again in %s.\n", f.to, e.Sequence, answer, pause)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return answer, ctx.Err()
		}
		pause *= 2
	}
}

// refusal is what listening with an end comes to where the program refused changes;
// nil where it took all.
func (f *forwarder) refusal() error {
	if f == nil || len(f.refused) == 0 {
		return nil
	}
	return &exiting{code: ExitUnhealthy, error: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.forward_refused",
		Say: fmt.Sprintf("%s refused %s.", f.to, counted(len(f.refused), "change", "changes")),
		Do:  "Mend the program, and begin again before the first of them, " + f.refused[0] + "."}}
}

// notForwarded is the refusal of a program that is away for too long.
const notForwarded = "cli.not_forwarded"

// once sends a change once. After is how long to wait before it is sent again at
// least; 0 when the program has answered for good.
func (f *forwarder) once(ctx context.Context, e graphwarden.Envelope, line []byte) (answer string, after time.Duration) {
	const soon = time.Millisecond
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.to, bytes.NewReader(line))
	if err != nil {
		return err.Error(), soon
	}
	deliver.Sign(r.Header, f.keys, e.ID, time.Now(), line)
	got, err := f.http.Do(r)
	if err != nil {
		return "no answer", soon
	}
	defer got.Body.Close()
	switch {
	case got.StatusCode >= 200 && got.StatusCode < 300:
		f.taken++
		return got.Status, 0
	case got.StatusCode >= 500 && got.StatusCode != http.StatusNotImplemented, got.StatusCode == http.StatusTooManyRequests, got.StatusCode == http.StatusRequestTimeout:
		if s, err := strconv.Atoi(got.Header.Get("Retry-After")); err == nil && s > 0 {
			return got.Status, time.Duration(s) * time.Second
		}
		return got.Status, soon
	}
	f.refused = append(f.refused, strconv.FormatInt(e.Sequence, 10))
	return got.Status, 0
}

// again is the command that goes on with a change.
func (f *forwarder) again(sequence int64) string {
	return fmt.Sprintf("graphwarden listen --flow %s --since %d --forward-to %s", f.flow, sequence-1, f.to)
}

// close says at the end what was not forwarded.
func (f *forwarder) close() {
	if f == nil {
		return
	}
	fmt.Fprintf(f.said, "Forwarded were %s.\n", counted(f.taken, "change", "changes"))
	if n := len(f.refused); n > 0 {
		shown := f.refused[:min(n, 20)]
		more := ""
		if n > len(shown) {
			more = " …"
		}
		fmt.Fprintf(f.said, "%s refused %s: %s%s.\n", f.to, counted(n, "change", "changes"), strings.Join(shown, ", "), more)
	}
	if f.held > 0 {
		fmt.Fprintf(f.said, "Change %d was not forwarded. To go on with it: %s\n", f.held, f.again(f.held))
	} else if f.last > 0 {
		fmt.Fprintf(f.said, "To go on with what follows: %s\n", f.again(f.last+1))
	}
}
