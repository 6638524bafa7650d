package kill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// scribe is an app that writes into the first mailboxes through the application API,
// as a real one does: each write has an idempotency key of its own, and is sent again
// with it, to any gateway, until there is an answer.
type scribe struct {
	r     *trial
	inbox *inbox

	mu    sync.Mutex
	dice  *rand.Rand
	key   string     // by which it is let in
	asked []*written // in the order in which it asked
	known []*own     // events that it made and believes to be there
}

// own is an event that the scribe made.
type own struct {
	box          int
	id, etag     string
	series, meet bool
	busy         bool // a write that removes it is under way
}

// written is one write that the scribe asks for.
type written struct {
	action       action
	box          int // which of the scribe's mailboxes
	key          string
	method, path string // the path after the mailbox's
	item         string // the event, if there is one already
	of           *own
	version      string // of If-Match
	reference    string
	body         doc

	// What the scribe was answered.
	answer  doc    // the write; nil: not yet
	refused string // the code of a refusal that is final
	tries   int
}

// ended says whether the scribe knows what came of a write.
func (w *written) ended() bool {
	return w.refused != "" || w.answer != nil && text(w.answer, "state") != string(graphwarden.IntentOpen)
}

// policies are the ways with conflicts; the scribe has a flow and a mailbox for each.
func policies() []string { return []string{"refuse", "microsoft-wins", "app-wins"} }

// scribing is the scribe's part of a configuration.
func (r *trial) scribing(files map[string]string) (registrations, flows string) {
	r.Helper()
	a := r.tenant.app("calendar-certificate")
	pem, err := os.ReadFile(a.Certificate)
	if err != nil {
		r.Fatal(err)
	}
	files["scribe.pem"] = string(pem)
	for i, policy := range policies() {
		flows += fmt.Sprintf("  scribe-%s: {app: scribe, kind: calendar, direction: both, conflicts: %s, tenant: contoso, registration: scribe, mailboxes: [%s], window: {from: %s, to: %s}, sink: {url: %q, secret_file: sink.secret}}\n",
			policy, policy, r.tenant.Users[i].UserPrincipalName, r.tenant.from.Format(time.DateOnly), r.tenant.to.Format(time.DateOnly), r.scribe.inbox.URL)
	}
	registrations = fmt.Sprintf("      scribe: {client_id: %s, certificate_file: scribe.pem}\n", a.ClientID)
	for i, mode := range []string{"least", "exactly-once"} {
		mail := r.tenant.app([]string{"mail", "mail-once"}[i])
		files["letters-"+mode+".secret"] = mail.ClientSecret
		registrations += fmt.Sprintf("      letters-%s: {client_id: %s, secret_file: letters-%s.secret}\n", mode, mail.ClientID, mode)
		flows += fmt.Sprintf("  letters-%s: {app: scribe, kind: mail-send, tenant: contoso, registration: letters-%s, mailboxes: [%s], mail: {mode: %s}}\n",
			mode, mode, r.tenant.Users[len(policies())+i].UserPrincipalName, mode)
	}
	return registrations, flows
}

// roll gives a number below n.
func (s *scribe) roll(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

// live has the scribe write until ctx ends. Several write at once, and now and then
// somebody changes in Outlook what it has written.
func (s *scribe) live(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for range 3 {
		all.Go(func() {
			for ctx.Err() == nil {
				s.turn(ctx)
				wait(ctx, time.Duration(100+s.roll(300))*time.Millisecond)
			}
		})
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// turn is one thing that happens: a write, a look at what came of an old one, or a
// change in Outlook's place.
func (s *scribe) turn(ctx context.Context) {
	switch n := s.roll(100); {
	case n < 12:
		s.collide(ctx)
	case n < 20:
		if w := s.open(); w != nil {
			s.follow(ctx, w)
		}
	default:
		w := s.wish()
		for tries := 0; w != nil && ctx.Err() == nil && tries < 40; tries++ {
			if s.try(ctx, w); w.answer != nil || w.refused != "" {
				return
			}
			wait(ctx, time.Duration(100+s.roll(200))*time.Millisecond)
		}
	}
}

// wish thinks of a write.
func (s *scribe) wish() *written {
	n := s.roll(100)
	for _, a := range actions() {
		if n -= a.often; n < 0 {
			return s.wishFor(a.kind)
		}
	}
	return nil
}

// wishFor thinks of a write of a kind, or of another if there is nothing to do that
// with, and takes it down before it is asked for.
func (s *scribe) wishFor(kind graphwarden.WriteKind) *written {
	box, all := s.roll(len(policies())), actions()
	a := all[slices.IndexFunc(all, func(a action) bool { return a.kind == kind })]
	w := a.pick(s, box)
	if w == nil {
		a = all[0]
		w = a.pick(s, box)
	}
	if w.box == 0 {
		w.box = box
	}
	return s.taken(a, w)
}

// taken takes down a write that the scribe is about to ask for.
func (s *scribe) taken(a action, w *written) *written {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.action, w.key = a, fmt.Sprintf("scribe-%d-%d", s.r.seed, len(s.asked)+1)
	s.asked = append(s.asked, w)
	if w.body["event"] != nil {
		w.reference = "ref-" + w.key
		w.body["reference"] = w.reference
	}
	return w
}

// try asks for a write once.
func (s *scribe) try(ctx context.Context, w *written) {
	s.mu.Lock()
	m := s.r.members[s.dice.IntN(len(s.r.members))]
	w.tries++
	s.mu.Unlock()
	path := "/v1/tenants/contoso/mailboxes/" + s.r.tenant.Users[w.box].ID + w.path
	status, answer, err := s.r.appeal(ctx, m.apps, s.key, w.method, path, w.body, map[string]string{"Idempotency-Key": w.key, "If-Match": w.version})
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil || status >= 500 || status == http.StatusTooManyRequests:
		return // it is sent again
	case status >= 300:
		w.refused = text(answer, "code")
		if w.refused == "" {
			w.refused = fmt.Sprint(status)
		}
		if w.of != nil {
			w.of.busy = false
		}
		return
	}
	s.take(w, answer)
}

// take takes down an answer.
func (s *scribe) take(w *written, answer doc) {
	w.answer = answer
	if !w.ended() {
		return
	}
	if w.of != nil {
		w.of.busy = false
	}
	if w.action.after != nil && text(answer, "state") == string(graphwarden.IntentDone) {
		w.action.after(s, w)
	}
}

// open gives a write of which the scribe does not know what came of it.
func (s *scribe) open() *written {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*written
	for _, w := range s.asked {
		if !w.ended() {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[s.dice.IntN(len(list))]
}

// follow asks what came of a write: by its id, or by asking for it again.
func (s *scribe) follow(ctx context.Context, w *written) {
	s.mu.Lock()
	m, answered := s.r.members[s.dice.IntN(len(s.r.members))], w.answer
	s.mu.Unlock()
	if answered == nil {
		s.try(ctx, w)
		return
	}
	status, answer, err := s.r.appeal(ctx, m.apps, s.key, http.MethodGet, "/v1/writes/"+text(answered, "id"), nil, nil)
	if err != nil || status != http.StatusOK {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.ended() {
		s.take(w, answer)
	}
}

// finish asks until the scribe knows what came of every write, and says whether it
// does.
func (s *scribe) finish(ctx context.Context) bool {
	for range 50 {
		w := s.open()
		if w == nil {
			return true
		}
		s.follow(ctx, w)
	}
	return s.open() == nil
}

// collide changes in Outlook's place what the scribe has written, or takes it away.
func (s *scribe) collide(ctx context.Context) {
	o := s.one(s.roll(len(policies())), func(*own) bool { return true })
	if o == nil {
		return
	}
	user, path := s.r.tenant.Users[o.box].ID, "/events/"+url.PathEscape(o.id)
	if s.roll(10) == 0 {
		_, _ = s.r.tenant.outlook(ctx, http.MethodDelete, user, path, nil) // the scribe finds out
		return
	}
	_, _ = s.r.tenant.outlook(ctx, http.MethodPatch, user, path, doc{"subject": fmt.Sprint("Outlook's ", s.roll(1e6))})
}

// one gives an event of the scribe's in a mailbox.
func (s *scribe) one(box int, fits func(*own) bool) *own {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*own
	for _, o := range s.known {
		if o.box == box && !o.busy && fits(o) {
			list = append(list, o)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[s.dice.IntN(len(list))]
}

// forget takes an event off what the scribe believes to be there.
func (s *scribe) forget(id string) {
	s.known = slices.DeleteFunc(s.known, func(o *own) bool { return o.id == id })
}

// admitted makes the keys of the apps, once a member runs that can.
func (r *trial) admitted() bool {
	for app, key := range map[string]*string{"scribe": &r.scribe.key, "board": &r.board.key, "crm": &r.persons.key} {
		if *key != "" {
			continue
		}
		m := r.any()
		token, err := os.ReadFile(filepath.Join(m.folder, "operator.token"))
		if err != nil {
			return false
		}
		status, made, err := r.appeal(r.ctx, m.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/"+app+"/keys", doc{"scope": "write"}, nil)
		if err != nil || status != http.StatusCreated {
			return false
		}
		*key = text(made, "key")
	}
	return true
}

// appeal sends a request to a member, which may be down or die of it.
func (r *trial) appeal(ctx context.Context, at, token, method, path string, body doc, headers map[string]string) (int, doc, error) {
	var raw []byte
	if body != nil {
		var err error
		if raw, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	q, err := http.NewRequestWithContext(ctx, method, "http://"+at+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		if value != "" {
			q.Header.Set(name, value)
		}
	}
	answer, err := r.tenant.client.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	var d doc
	err = json.NewDecoder(answer.Body).Decode(&d)
	if err != nil && answer.StatusCode < 300 {
		return 0, nil, errors.Join(errors.New("the answer was cut off"), err)
	}
	return answer.StatusCode, d, nil
}
