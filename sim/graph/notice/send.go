package notice

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
)

// Of delivery (graph-facts §4.4).
const (
	answerIn    = 3 * time.Second  // for the first attempt
	retryIn     = 10 * time.Second // for each further one
	giveUpAfter = 4 * time.Hour
	firstPause  = 2 * time.Second
	longPause   = 10 * time.Minute
)

// post puts letters on the queue, as the weather allows.
func (b *Board) post(letters []letter) {
	if len(letters) == 0 {
		return
	}
	b.mu.Lock()
	for _, l := range letters {
		copies, late := b.Weather.Notification()
		l.first = time.Now()
		l.due = l.first.Add(late)
		for range copies {
			b.queue = append(b.queue, l)
		}
	}
	b.mu.Unlock()
	b.rouse()
}

// rouse has Run look again.
func (b *Board) rouse() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run sends notifications until ctx ends. Each receiver is served on its own,
// so a slow one does not hold up the others.
func (b *Board) Run(ctx context.Context) error {
	busy := map[string]bool{}
	done := make(chan string)
	lifecycle := time.NewTicker(time.Second)
	defer lifecycle.Stop()
	for {
		batches, next := b.due(busy)
		for _, batch := range batches {
			busy[batch[0].url] = true
			go func() {
				b.deliver(ctx, batch)
				done <- batch[0].url
			}()
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
			timer.Stop()
			for range busy {
				<-done
			}
			return nil
		case url := <-done:
			delete(busy, url)
		case <-b.wake:
			b.lifecycle()
		case <-lifecycle.C:
			b.audit()
			b.lifecycle()
		case <-timer.C:
		}
		timer.Stop()
	}
}

// maxItems is the most notifications that travel together.
const maxItems = 50

// due takes what is due off the queue, one batch for each receiver that is not
// busy, and says when to look again.
func (b *Board) due(busy map[string]bool) (batches [][]letter, next time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	next = time.Minute
	slices.SortStableFunc(b.queue, func(x, y letter) int { return cmp.Compare(x.due.UnixNano(), y.due.UnixNano()) })
	byURL := map[string][]letter{}
	var rest []letter
	for _, l := range b.queue {
		switch wait := l.due.Sub(now); {
		case wait > 0:
			next = min(next, wait)
			rest = append(rest, l)
		case busy[l.url] || len(byURL[l.url]) == maxItems:
			rest = append(rest, l)
		default:
			byURL[l.url] = append(byURL[l.url], l)
		}
	}
	b.queue = rest
	for _, batch := range byURL {
		batches = append(batches, batch)
	}
	return batches, next
}

// deliver sends one batch; what was not acknowledged goes back on the queue
// with a longer pause, for up to four hours.
func (b *Board) deliver(ctx context.Context, batch []letter) {
	if err := b.send(ctx, batch); err == nil {
		return
	} else if ctx.Err() == nil {
		b.Log.InfoContext(ctx, "notification not acknowledged", "url", batch[0].url, "items", len(batch), "err", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range batch {
		pause := min(firstPause<<min(l.attempt, 10), longPause)
		l.attempt++
		l.due = time.Now().Add(pause)
		if l.due.Sub(l.first) < giveUpAfter {
			b.queue = append(b.queue, l)
		}
	}
}

func (b *Board) send(ctx context.Context, batch []letter) error {
	body := world.Doc{}
	items := make([]any, 0, len(batch))
	apps := map[string]bool{}
	for _, l := range batch {
		items = append(items, l.item)
		if l.rich {
			apps[l.app] = true
		}
	}
	body["value"] = items
	if tokens, err := b.tokens(apps); err != nil {
		return err
	} else if len(tokens) > 0 {
		body["validationTokens"] = tokens
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	wait := answerIn
	if batch[0].attempt > 0 {
		wait = retryIn
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, batch[0].url, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	answer, err := b.Client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the receiver answered %s", answer.Status)
	}
	return nil
}

// tokens signs one validation token for each app whose resource data travels.
func (b *Board) tokens(apps map[string]bool) ([]string, error) {
	var out []string
	for app := range apps {
		t, err := b.Token(app)
		if err != nil {
			return nil, fmt.Errorf("signing a validation token: %w", err)
		}
		out = append(out, t)
	}
	slices.Sort(out)
	return out, nil
}
