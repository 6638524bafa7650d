package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"
)

// Told writes server-sent events (WHATWG HTML, section 9.2) to somebody who
// listens. It is used by one goroutine.
type Told struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
	text    bytes.Buffer // not sent yet
}

const (
	// eventWait is how long a listener may take for what is written to it. Who takes
	// longer is cut, and goes on from the last event that it has.
	eventWait = 10 * time.Second
	// eventBytes is how much is written at once: what is kept for a listener is never
	// much more.
	eventBytes = 64 << 10
	// retryAfter is after how many milliseconds a listener comes back that was cut.
	retryAfter = 2000
)

// Send writes one event. Data is a line of JSON. An error means that nobody listens
// any more.
func (e *Told) Send(id, name string, data []byte) error {
	fmt.Fprintf(&e.text, "id: %s\nevent: %s\ndata: ", id, name)
	e.text.Write(data)
	e.text.WriteString("\n\n")
	if e.text.Len() < eventBytes {
		return nil
	}
	return e.Flush()
}

// Beat sends a comment, which listeners pass over: it keeps connections alive that
// have nothing to say, and finds out who is gone.
func (e *Told) Beat() error {
	e.text.WriteString(": beat\n\n")
	return e.Flush()
}

// Flush sends what was written, at once.
func (e *Told) Flush() error {
	e.begin()
	if e.text.Len() == 0 {
		return nil
	}
	// A writer that knows no deadline (a test's recorder) needs none.
	_ = e.control.SetWriteDeadline(time.Now().Add(eventWait))
	_, err := e.w.Write(e.text.Bytes())
	if e.text.Reset(); err == nil {
		err = e.control.Flush()
	}
	if err != nil {
		return fmt.Errorf("writing to a listener: %w", err)
	}
	return nil
}

// begin sends the head before the first event; until then a stream can still be
// refused with a status.
func (e *Told) begin() {
	if e.begun {
		return
	}
	e.begun = true
	h := e.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy hands on what it gets (nginx)
	e.w.WriteHeader(http.StatusOK)
	rest := bytes.Clone(e.text.Bytes())
	e.text.Reset()
	fmt.Fprintf(&e.text, "retry: %d\n\n%s", retryAfter, rest)
}

// tell has a listener hear what source gives until it is gone, or ctx ends: what
// there is, and again whenever news come.
func (e *Told) tell(ctx context.Context, news func() <-chan struct{}, source func() error) error {
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		next := news()
		if err := source(); err != nil {
			return err
		}
		if err := e.Flush(); err != nil {
			return err
		}
		select {
		case <-next:
		case <-beats.C:
			if err := e.Beat(); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}
