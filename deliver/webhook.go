package deliver

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
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
	declined                // this delivery was not taken; others may be
	down                    // the receiver takes nothing now
	gone                    // the receiver wants nothing any more: 410
)

// attempt is an outcome with its reason, and how long the receiver asked to wait.
type attempt struct {
	outcome outcome
	reason  string
	wait    time.Duration
}

// send makes one attempt. A crash after the receiver took it and before that is
// on disk sends it again under the same id.
func send(ctx context.Context, doer Doer, address string, key seal.Secret, d graphwarden.Delivery, now time.Time) attempt {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	request, err := write(ctx, address, key, d, now)
	if err != nil {
		return attempt{declined, err.Error(), 0}
	}
	response, err := doer.Do(request)
	if err != nil {
		return attempt{down, saying(outbound.Explain(err, request.URL.Host)), 0}
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, answerLimit))
	return judge(response, now)
}

// judge reads a receiver's answer (Standard Webhooks, "Responding to webhooks").
func judge(r *http.Response, now time.Time) attempt {
	reason := fmt.Sprintf("The receiver answered %d.", r.StatusCode)
	switch {
	case r.StatusCode >= 200 && r.StatusCode < 300:
		return attempt{taken, "", 0}
	case r.StatusCode == http.StatusGone:
		return attempt{gone, reason, 0}
	case r.StatusCode == http.StatusTooManyRequests, r.StatusCode == http.StatusBadGateway,
		r.StatusCode == http.StatusServiceUnavailable, r.StatusCode == http.StatusGatewayTimeout:
		wait, _ := outbound.RetryAfter(r.Header, now)
		return attempt{down, reason, wait}
	}
	return attempt{declined, reason, 0}
}

// write makes the signed request (Standard Webhooks, "Webhook metadata" and
// "Signature scheme": HMAC-SHA256 over id, timestamp and body, joined by dots).
func write(ctx context.Context, address string, key seal.Secret, d graphwarden.Delivery, now time.Time) (*http.Request, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // an item stays as Graph sent it
	if err := encoder.Encode(envelope(d)); err != nil {
		return nil, fmt.Errorf("writing the envelope of %s: %w", d.ID, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("writing the request for %s: %w", d.ID, err)
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	signed := key.Sign(append([]byte(d.ID+"."+stamp+"."), body.Bytes()...))
	request.Header.Set("Content-Type", "application/cloudevents+json")
	request.Header.Set("User-Agent", "Graphwarden")
	request.Header.Set("webhook-id", d.ID)
	request.Header.Set("webhook-timestamp", stamp)
	request.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(signed))
	return request, nil
}

// envelope is what the receiver reads.
func envelope(d graphwarden.Delivery) graphwarden.Envelope {
	return graphwarden.Envelope{
		SpecVersion: "1.0",
		ID:          d.ID,
		Type:        "com.graphwarden.event." + string(d.Change.Kind),
		Source: "/tenants/" + url.PathEscape(d.Tenant) + "/mailboxes/" + url.PathEscape(d.Mailbox.ID) +
			"/calendars/" + url.PathEscape(d.Resource),
		Subject:  d.Change.Item,
		Time:     d.Change.At.UTC(),
		Sequence: d.Change.Seq,
		Data:     graphwarden.Payload{Mailbox: d.Mailbox.UPN, Calendar: d.Title, Item: d.Change.Body},
	}
}

// saying is what is kept of an error for people: no address, no inner text.
func saying(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Say
	}
	return "The attempt was given up."
}
