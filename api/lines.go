package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Lines writes newline-delimited JSON to somebody who listens. It is used by one
// goroutine.
type Lines struct {
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

// lineWait is how long a listener may take for what is written to it.
const lineWait = 30 * time.Second

// Write sends one value as one line, at once. An error means that nobody listens
// any more.
func (l *Lines) Write(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("writing a line as JSON: %w", err)
	}
	l.begin()
	if _, err := l.w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("writing to a listener: %w", err)
	}
	return l.flush()
}

// Beat sends an empty line, which readers skip: it keeps connections alive that
// have nothing to say, and finds out who is gone.
func (l *Lines) Beat() error {
	l.begin()
	if _, err := l.w.Write([]byte{'\n'}); err != nil {
		return fmt.Errorf("writing to a listener: %w", err)
	}
	return l.flush()
}

// begin sends the head before the first line; until then a stream can still be
// refused with a status.
func (l *Lines) begin() {
	// A writer that knows no deadline (a test's recorder) needs none.
	_ = l.control.SetWriteDeadline(time.Now().Add(lineWait))
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/x-ndjson")
		l.w.WriteHeader(http.StatusOK)
	}
}

func (l *Lines) flush() error {
	if err := l.control.Flush(); err != nil {
		return fmt.Errorf("writing to a listener: %w", err)
	}
	return nil
}

// streamTo runs a stream with a context that ends with the request or with the
// server. What goes wrong before the first line is a problem document; after it
// the stream just ends, and the listener goes on from its last line.
func (a *API) streamTo(r *http.Request, k *asking, to listener, stream func(*http.Request) error) error {
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	ended := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		a.watch(ctx, k, ended)
		stop()
	}()
	defer func() { close(ended); <-watched }()
	err := stream(r.WithContext(ctx))
	if err != nil && to.started() {
		if ctx.Err() == nil {
			a.config.Log.Warn("a stream ended", "request", requestID(r), "route", r.Pattern, "reason", err)
		}
		return nil
	}
	if err == nil {
		to.begin()
	}
	return err
}

// listener is somebody whom a stream is written to. begin sends the head of the
// answer; until it has started, the stream can still be refused.
type listener interface {
	begin()
	started() bool
}

func (l *Lines) started() bool { return l.begun }
func (e *Told) started() bool  { return e.begun }

// keyAgain is how often it is looked whether a listener's key is good yet.
const keyAgain = time.Second

// watch returns when the server ends, the stream has, or the key or token of who listens
// is good no more.
func (a *API) watch(ctx context.Context, k *asking, ended <-chan struct{}) {
	every := time.NewTicker(keyAgain)
	defer every.Stop()
	for {
		select {
		case <-a.done:
			return
		case <-ended:
			return
		case <-every.C:
			if k.face.apps && a.config.Keys.Still(ctx, k.caller.Key) != nil {
				return
			}
			if k.caller.Operator && !k.caller.Owner && a.config.Staff.Still(ctx, k.caller.Token) != nil {
				return
			}
		}
	}
}
