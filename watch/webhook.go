package watch

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/seal"
)

// webhookFailing is the notice that notices do not arrive.
const webhookFailing = "notice.webhook_failing"

// Waits of the webhook: doubled from the first, and given up after the last.
const (
	shortWait  = 5 * time.Second
	longWait   = time.Hour
	givenUp    = 3 * 24 * time.Hour
	answerWait = 15 * time.Second
)

// Webhook is where notices are posted, signed after Standard Webhooks.
type Webhook struct {
	URL    string
	Secret seal.Secret
	Doer   Doer
}

// message is what is posted.
type message struct {
	Type      string             `json:"type"` // notice.opened, notice.reminded, notice.closed
	Timestamp time.Time          `json:"timestamp"`
	Data      graphwarden.Notice `json:"data"`
}

// telling is the id of the last event of a notice, as the store makes it.
func telling(n graphwarden.Notice) string { return fmt.Sprintf("%s_%d", n.ID, n.Told) }

// send makes one attempt.
func (h *Webhook) send(ctx context.Context, x graphwarden.Telling, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	at := x.At
	if at.IsZero() {
		at = now
	}
	body, err := json.Marshal(message{"notice." + x.Event, at.UTC(), x.Notice})
	if err != nil {
		return fmt.Errorf("writing a notice as JSON: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making the request: %w", err)
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	signature := h.Secret.Sign([]byte(x.ID + "." + stamp + "." + string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Graphwarden")
	r.Header.Set("Webhook-Id", x.ID)
	r.Header.Set("Webhook-Timestamp", stamp)
	r.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(signature))
	answer, err := h.Doer.Do(r)
	if err != nil {
		return outbound.Explain(err, r.URL.Host)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the receiver answered %d", answer.StatusCode)
	}
	return nil
}

// post sends what is due to the webhook until ctx ends.
func (w *Watch) post(ctx context.Context) {
	if w.config.Webhook == nil {
		return
	}
	for ctx.Err() == nil {
		w.Post(ctx)
		pause(ctx, shortWait, w.wake)
	}
}

// Post makes an attempt for each telling that is due at the webhook, the oldest
// first; one that fails lets the others wait for the next time.
func (w *Watch) Post(ctx context.Context) {
	due, err := w.config.Tellings.DueTellings(ctx, ToWebhook, w.config.Now(), 100)
	if err != nil && ctx.Err() == nil {
		w.config.Log.Error("reading what is to be posted", "reason", err)
	}
	for _, x := range due {
		var failed error
		if !w.posted[x.ID] {
			failed = w.config.Webhook.send(ctx, x, w.config.Now())
		}
		if ctx.Err() != nil || !w.settle(ctx, x, failed) {
			return
		}
	}
}

// settle keeps the outcome of an attempt; false means that it failed. A crash
// before that posts it again under the same id.
func (w *Watch) settle(ctx context.Context, x graphwarden.Telling, failed error) bool {
	now := w.config.Now()
	over := failed == nil
	if failed != nil {
		x.Attempt++
		x.Reason = said(failed)
		x.DueAt = now.Add(min(shortWait<<min(x.Attempt-1, 10), longWait))
		if over = now.Sub(x.At) > givenUp; over {
			w.config.Log.Error("a notice is given up for the webhook", "id", x.ID, "attempts", x.Attempt, "reason", x.Reason)
		}
	}
	err := w.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if over {
			return w.config.Tellings.Told(ctx, tx, x)
		}
		return w.config.Tellings.PutOffTelling(ctx, tx, x)
	})
	if err != nil && failed == nil {
		w.posted[x.ID] = true
	} else {
		delete(w.posted, x.ID)
	}
	if err != nil && ctx.Err() == nil {
		w.config.Log.Error("noting what was posted", "reason", err)
	}
	return failed == nil && err == nil
}

// said is what a person reads of a failure.
func said(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Say
	}
	return err.Error()
}
