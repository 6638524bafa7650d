package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// callLine is what the switchboard is told of somebody.
type callLine struct {
	Person     string    `json:"person"`
	State      string    `json:"state"`
	Until      time.Time `json:"until"`
	Class      string    `json:"class"`
	Source     string    `json:"source"`
	Permission string    `json:"permission"`
	Next       *struct {
		State string `json:"state"`
	} `json:"next"`
	Call struct {
		Is         string `json:"is"`
		Permission string `json:"permission"`
	} `json:"call"`
	at time.Time // when it was heard
}

// switchboard listens to the stream, and comes back when it is cut.
type switchboard struct {
	address, key string
	lines        chan callLine
	heard        chan struct{}
	end          context.CancelFunc
	ended        chan struct{}

	mu     sync.Mutex
	states map[string]callLine
	text   strings.Builder // all that was ever sent
	told   int             // states told
	last   string          // the id of the last event
}

// startSwitchboard has a switchboard listen until it is stopped.
func startSwitchboard(ctx context.Context, address, key string) *switchboard {
	ctx, end := context.WithCancel(ctx)
	b := &switchboard{address: address, key: key, lines: make(chan callLine, 4096), heard: make(chan struct{}, 1), end: end, ended: make(chan struct{}), states: map[string]callLine{}}
	go func() {
		defer close(b.ended)
		for ctx.Err() == nil {
			b.listen(ctx)
			pause := time.NewTimer(200 * time.Millisecond)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
		}
	}()
	return b
}

// stop ends it and waits until it has.
func (b *switchboard) stop() error {
	b.end()
	<-b.ended
	return nil
}

// listen listens until the stream is cut.
func (b *switchboard) listen(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address+"/v1/presence/stream", nil)
	if err != nil {
		return
	}
	r.Header.Set("Authorization", "Bearer "+b.key)
	b.mu.Lock()
	if b.last != "" {
		r.Header.Set("Last-Event-ID", b.last)
	}
	b.mu.Unlock()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	event, id := "", ""
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			b.hear(event, id, value)
		}
	}
}

// hear takes one event up.
func (b *switchboard) hear(event, id, data string) {
	line := callLine{at: time.Now()}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = id
	if event != "presence" || json.Unmarshal([]byte(data), &line) != nil {
		return
	}
	b.text.WriteString(data)
	b.told++
	b.states[line.Person] = line
	select {
	case b.lines <- line:
	default: // nobody looks
	}
	select {
	case b.heard <- struct{}{}:
	default:
	}
}

// known is of how many people a state is known that is not "unknown".
func (b *switchboard) known() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.states {
		if l.State != "unknown" || l.Source != "" {
			n++
		}
	}
	return n
}

func (b *switchboard) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told
}

func (b *switchboard) of(person string) callLine {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.states[person]
}

// everHeard says whether something was ever sent to the switchboard.
func (b *switchboard) everHeard(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Contains(b.text.String(), what)
}

// shown writes somebody's state in a line.
func shown(l callLine) string {
	state := l.State
	if l.Class == "private" || l.Class == "confidential" {
		state += " (" + l.Class + ")"
	}
	text := fmt.Sprintf("%-22s %s", first(l.Person), state)
	if !l.Until.IsZero() {
		text += " until " + l.Until.Local().Format("Mon 15:04:05")
	}
	if l.Next != nil {
		text += ", then " + l.Next.State
	}
	if l.Call.Is == "yes" {
		text += "; in a call"
	}
	return text
}

// first is the part of a name that people go by.
func first(upn string) string {
	name, _, _ := strings.Cut(upn, "@")
	return name
}

// told shows a line as the switchboard has it.
func (s *stage) told(l callLine, after time.Duration, what string) {
	late := ""
	if what != "" {
		late = s.paint(quiet, fmt.Sprintf("  %s after %s", round(after), what))
	}
	s.line("     " + s.paint(accent, "☎ ") + shown(l) + late)
}

// does has somebody change a calendar, and shows the line that follows at the
// switchboard.
func (s *stage) does(ctx context.Context, upn, state string, act func() (string, error)) (string, error) {
	s.drain()
	id, err := act()
	if err != nil {
		return id, err
	}
	since := time.Now()
	line, err := s.awaitState(ctx, upn, state)
	if err == nil {
		s.told(line, max(0, line.at.Sub(since)), "the change")
	}
	return id, err
}

// drain forgets the lines that nobody has looked at.
func (s *stage) drain() {
	for {
		select {
		case <-s.switchboard.lines:
		default:
			return
		}
	}
}

func (s *stage) awaitState(ctx context.Context, upn, state string) (callLine, error) {
	return s.awaitLine(ctx, upn, func(l callLine) bool { return l.State == state })
}

// awaitLine waits until the switchboard is told something of somebody.
func (s *stage) awaitLine(ctx context.Context, upn string, match func(callLine) bool) (callLine, error) {
	for late := time.After(awaitWithin); ; {
		select {
		case l := <-s.switchboard.lines:
			if l.Person == upn && match(l) {
				return l, nil
			}
		case <-ctx.Done():
			return callLine{}, ctx.Err()
		case <-s.gateway.ended:
			return callLine{}, fmt.Errorf("the gateway ended early: %w", s.gateway.why)
		case <-late:
			return callLine{}, fmt.Errorf("the switchboard did not hear of %s within %s; it has %s", upn, awaitWithin, shown(s.switchboard.of(upn)))
		}
	}
}

// put makes an event from now on, for a while.
func (s *stage) put(ctx context.Context, user, subject string, in, length time.Duration, more doc) (string, error) {
	start := time.Now().Add(in)
	body := doc{"subject": subject, "showAs": "busy", "start": moment(start), "end": moment(start.Add(length))}
	for k, v := range more {
		body[k] = v
	}
	made, err := s.outlook.do(ctx, http.MethodPost, s.outlook.at(user, "/events"), body)
	return text(made, "id"), err
}

func (s *stage) patch(ctx context.Context, user, event string, change doc) (string, error) {
	_, err := s.outlook.do(ctx, http.MethodPatch, s.outlook.at(user, "/events/"+url.PathEscape(event)), change)
	return event, err
}

func (s *stage) remove(ctx context.Context, user, event string) (string, error) {
	_, err := s.outlook.do(ctx, http.MethodDelete, s.outlook.at(user, "/events/"+url.PathEscape(event)), nil)
	return event, err
}

// newKey makes a key for an app, as an operator does.
func (g *gateway) newKey(ctx context.Context, app, scope string) (string, error) {
	token, err := os.ReadFile(g.token)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+g.operate+"/v1/apps/"+app+"/keys", strings.NewReader(`{"scope":"`+scope+`"}`))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	r.Header.Set("Content-Type", "application/json")
	answer, err := g.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var made struct {
		Key string `json:"key"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || made.Key == "" {
		return "", fmt.Errorf("making a key: the gateway answered %s", answer.Status)
	}
	return made.Key, nil
}
