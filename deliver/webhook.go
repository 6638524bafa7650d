package deliver

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// answerWithin is how long a receiver may take (Standard Webhooks recommends
	// 15 to 30 seconds).
	answerWithin = 15 * time.Second
	answerLimit  = 64 << 10 // read so that the connection can be used again
)

// outcome is what became of an attempt.
type outcome int

const (
	taken    outcome = iota // acknowledged: 2xx
	untold                  // the sink's shape leaves it out, or the app wrote it itself
	held                    // nobody knows yet whether the app wrote it itself
	declined                // this delivery was not taken; others may be
	down                    // the receiver takes nothing now
	gone                    // the receiver wants nothing any more: 410
)

// attempt is an outcome with its reason, and how long the receiver asked to wait.
type attempt struct {
	outcome outcome
	reason  string
	wait    time.Duration
	status  int // of the answer, 0 when there was none
	at      time.Time
	took    time.Duration
}

// over says that the delivery is done with.
func (a *attempt) over() bool { return a != nil && (a.outcome == taken || a.outcome == untold) }

// send makes one attempt. A crash after the receiver took it and before that is
// on disk sends it again under the same id.
func (c *courier) send(ctx context.Context, keys []seal.Secret, d graphwarden.Delivery) attempt {
	now := c.config.Now()
	// Only now, because the app may have written since the one before was told.
	with, err := traced(ctx, c.config.Origins, c.target, []graphwarden.Delivery{d})
	if err != nil {
		return attempt{outcome: held, reason: err.Error()}
	}
	d = with[0]
	tells, waits := Tells(d, c.target.Shape.Own)
	if waits {
		return attempt{outcome: held, reason: "A write of the app on the item has no outcome yet."}
	}
	d, wanted := c.target.Shape.Apply(d)
	if !wanted || !tells {
		return attempt{outcome: untold}
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	request, err := c.request(ctx, keys, d, now)
	if err != nil {
		return attempt{outcome: declined, reason: err.Error(), at: now}
	}
	response, err := c.doer().Do(request)
	if err != nil {
		reason := saying(outbound.Explain(err, request.URL.Host))
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			reason = fmt.Sprintf("The receiver did not answer within %d seconds.", answerWithin/time.Second)
		}
		return attempt{outcome: down, reason: reason, at: now, took: c.config.Now().Sub(now)}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, answerLimit))
	a := judge(response, now)
	a.status, a.at, a.took = response.StatusCode, now, c.config.Now().Sub(now)
	return a
}

func (c *courier) doer() Doer {
	if c.target.Doer != nil {
		return c.target.Doer
	}
	return c.config.Doer
}

// judge reads a receiver's answer (Standard Webhooks, "Responding to webhooks").
func judge(r *http.Response, now time.Time) attempt {
	wait, _ := outbound.RetryAfter(r.Header, now)
	a := attempt{outcome: declined, reason: fmt.Sprintf("The receiver answered %d.", r.StatusCode), wait: wait}
	switch {
	case r.StatusCode >= 200 && r.StatusCode < 300:
		return attempt{outcome: taken}
	case r.StatusCode == http.StatusGone:
		a.outcome = gone
	case r.StatusCode == http.StatusTooManyRequests, r.StatusCode == http.StatusBadGateway,
		r.StatusCode == http.StatusServiceUnavailable, r.StatusCode == http.StatusGatewayTimeout:
		a.outcome = down
	}
	return a
}

// request makes the signed request (Standard Webhooks, "Webhook metadata" and
// "Signature scheme": HMAC-SHA256 over id, timestamp and body, joined by dots;
// one signature for each secret in force, separated by spaces).
func (c *courier) request(ctx context.Context, keys []seal.Secret, d graphwarden.Delivery, now time.Time) (*http.Request, error) {
	body, err := write(c.target.Shape.Envelope(d))
	if err != nil {
		return nil, fmt.Errorf("writing the envelope of %s: %w", d.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.target.Sink.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("writing the request for %s: %w", d.ID, err)
	}
	Sign(request.Header, keys, d.ID, now, body)
	return request, nil
}

// Sign writes the headers of a signed delivery.
func Sign(h http.Header, keys []seal.Secret, id string, now time.Time, body []byte) {
	stamp := strconv.FormatInt(now.Unix(), 10)
	message := append([]byte(id+"."+stamp+"."), body...)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(key.Sign(message))
	}
	h.Set("Content-Type", "application/cloudevents+json")
	h.Set("User-Agent", "Graphwarden")
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", strings.Join(signatures, " "))
}

// saying is what is kept of an error for people: no address, no inner text.
func saying(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Say
	}
	return "The attempt was given up."
}
