package kill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/sim"
)

// action is one thing that the scribe can have written. Whoever teaches the gateway a
// new kind of write adds an entry to actions, and nothing else: a test wants one for
// every kind that act.Ways knows. If the kind brings steps of its own, they get a
// provocation in provoke_test.go, which is (*trial).write or (*trial).writeInBadWeather.
type action struct {
	kind  graphwarden.WriteKind
	often int // how often of a hundred times
	// pick says what to ask for in a mailbox; nil: there is nothing to do it with.
	pick func(s *scribe, box int) *written
	// Effects are counted by the thing that they are of; at names that of a write.
	at func(*written, graphwarden.Intent) string
	// did says whether a row of the simulator's truth, about the row's object, is the
	// effect of such a write; or else counted counts the effects by their names.
	did     func(row) bool
	counted func(r *trial) map[string]int
	// gone says that the effect is that the thing is gone, so that somebody else may
	// have been quicker.
	gone bool
	// unsure says whether the table of ways lets a write be uncertain.
	unsure func(*trial, graphwarden.Intent) bool
	// after takes down what the scribe knows when it is done; the scribe is locked.
	after func(s *scribe, w *written)
}

// actions are all of them; the first can be done at any time.
func actions() []action {
	const events = "/events"
	item := func(_ *written, in graphwarden.Intent) string { return in.Item }
	subject := func(w *written, _ graphwarden.Intent) string { return w.item }
	never := func(*trial, graphwarden.Intent) bool { return false }
	ends := func(end string) func(row) bool {
		return func(w row) bool { return w.Method == http.MethodPost && strings.HasSuffix(w.Path, end) }
	}
	is := func(method string) func(row) bool { return func(w row) bool { return w.Method == method } }
	return []action{
		{kind: graphwarden.CreateEvent, often: 32, pick: (*scribe).create, did: ends(events), at: item, unsure: never, after: func(s *scribe, w *written) {
			event, _ := w.body["event"].(doc)
			s.known = append(s.known, &own{box: w.box, id: text(w.answer, "event"), etag: text(w.answer, "etag"), series: event["recurrence"] != nil, meet: event["attendees"] != nil})
		}},
		{kind: graphwarden.UpdateEvent, often: 30, pick: (*scribe).change, did: is(http.MethodPatch), at: item, unsure: (*trial).deleted, after: func(s *scribe, w *written) {
			if w.of != nil && w.item == w.of.id {
				w.of.etag = text(w.answer, "etag")
			}
		}},
		{kind: graphwarden.DeleteEvent, often: 12, pick: (*scribe).remove, did: is(http.MethodDelete), at: item, gone: true, unsure: never,
			after: func(s *scribe, w *written) { s.forget(w.item) }},
		{kind: graphwarden.CancelEvent, often: 6, pick: (*scribe).cancel, did: ends("/cancel"), at: item, gone: true, unsure: never,
			after: func(s *scribe, w *written) { s.forget(w.item) }},
		{kind: graphwarden.RespondEvent, often: 12, pick: (*scribe).respond,
			did: func(w row) bool {
				return ends("/accept")(w) || ends("/tentativelyAccept")(w) || ends("/decline")(w)
			}, at: item, gone: true,
			unsure: func(r *trial, in graphwarden.Intent) bool { // the same answer once more, or another invitation
				if r.deleted(in) || r.version(in) != etagBefore(in) {
					return true
				}
				was := map[string]string{"accept": "accepted", "tentativelyAccept": "tentativelyAccepted", "decline": "declined"}[in.Container]
				return strings.Contains(string(in.Before), `"response":"`+was+`"`)
			}},
		{kind: graphwarden.SendMail, often: 4, pick: func(s *scribe, _ int) *written { return s.letter(len(policies())) },
			at: subject, counted: (*trial).arrived, unsure: func(*trial, graphwarden.Intent) bool { return true }},
		{kind: graphwarden.SendMailOnce, often: 4, pick: func(s *scribe, _ int) *written { return s.letter(len(policies()) + 1) },
			at: subject, counted: (*trial).arrived, unsure: never},
	}
}

// TestEveryKindOfWriteIsTried: a kind that the gateway can write is written in the trial.
func TestEveryKindOfWriteIsTried(t *testing.T) {
	often := 0
	for _, a := range actions() {
		often += a.often
	}
	if often != 100 {
		t.Errorf("the actions share %d of a hundred", often)
	}
	for _, w := range act.Ways() {
		if !slices.ContainsFunc(actions(), func(a action) bool { return a.kind == w.Kind }) {
			t.Errorf("nobody in the trial writes %s: add an action", w.Kind)
		}
	}
}

// span is a time within the window, far from its edges.
func (s *scribe) span() (start, end doc) {
	at := s.r.tenant.from.AddDate(0, 0, 3).Add(time.Duration(s.roll(30*24)) * time.Hour)
	return moment(at), moment(at.Add(time.Duration(1+s.roll(4)) * 30 * time.Minute))
}

// create makes an event, a meeting or a series.
func (s *scribe) create(int) *written {
	start, end := s.span()
	event := doc{"subject": fmt.Sprint("Written ", s.roll(1e6)), "start": start, "end": end}
	switch s.roll(6) {
	case 0:
		at, _ := time.Parse("2006-01-02T15:04:05", start["dateTime"].(string))
		event["recurrence"] = doc{"pattern": doc{"type": "daily", "interval": 1 + s.roll(3)},
			"range": doc{"type": "numbered", "startDate": at.Format(time.DateOnly), "numberOfOccurrences": 2 + s.roll(2)}}
	case 1, 2:
		event["attendees"] = []doc{{"type": "required", "emailAddress": doc{"address": s.r.tenant.Users[10+s.roll(10)].UserPrincipalName}}}
	}
	return &written{method: http.MethodPost, path: "/events", body: doc{"event": event}}
}

// target is a write about an event of the scribe's, or about one date of a series.
func (s *scribe) target(box int, removes bool, fits func(*own) bool) *written {
	o := s.one(box, fits)
	if o == nil {
		return nil
	}
	w := &written{item: o.id, of: o}
	if o.series && s.roll(3) > 0 {
		if id := s.date(o); id != "" {
			w.item = id
		}
	}
	names := s.roll(3) == 0
	s.mu.Lock()
	defer s.mu.Unlock()
	if removes && w.item == o.id {
		o.busy = true // nobody else removes it, too
	}
	if w.item == o.id && names {
		w.version = o.etag
	}
	w.path = "/events/" + url.PathEscape(w.item)
	return w
}

// date gives the id of one of the dates of a series, asked for as an app does.
func (s *scribe) date(o *own) string {
	s.mu.Lock()
	m := s.r.members[s.dice.IntN(len(s.r.members))]
	s.mu.Unlock()
	window := url.Values{"start": {s.r.tenant.from.Format(time.RFC3339)}, "end": {s.r.tenant.to.AddDate(0, 0, 20).Format(time.RFC3339)}}
	ctx, stop := context.WithTimeout(s.r.ctx, 2*time.Second)
	defer stop()
	_, answer, err := s.r.appeal(ctx, m.apps, s.key, http.MethodGet,
		"/v1/tenants/contoso/mailboxes/"+s.r.tenant.Users[o.box].ID+"/events/"+url.PathEscape(o.id)+"/instances?"+window.Encode(), nil, nil)
	items, _ := answer["items"].([]any)
	if err != nil || len(items) == 0 {
		return ""
	}
	d, _ := items[s.roll(len(items))].(doc)
	return text(d, "id")
}

func (s *scribe) change(box int) *written {
	w := s.target(box, false, func(*own) bool { return true })
	if w == nil {
		return nil
	}
	change := doc{"subject": fmt.Sprint("Rewritten ", s.roll(1e6))}
	switch s.roll(3) {
	case 0:
		change["showAs"] = []string{"free", "busy", "tentative", "oof"}[s.roll(4)]
	case 1:
		if !w.of.series {
			change["start"], change["end"] = s.span()
		}
	}
	w.method, w.body = http.MethodPatch, doc{"change": change}
	return w
}

func (s *scribe) remove(box int) *written {
	w := s.target(box, true, func(*own) bool { return true })
	if w != nil {
		w.method = http.MethodDelete
	}
	return w
}

func (s *scribe) cancel(box int) *written {
	w := s.target(box, true, func(o *own) bool { return o.meet })
	if w != nil {
		w.method, w.path, w.body = http.MethodPost, w.path+"/cancel", doc{"comment": fmt.Sprint("No ", s.roll(1e6))}
	}
	return w
}

// letter sends mail, each message with a subject of its own.
func (s *scribe) letter(box int) *written {
	subject := fmt.Sprint("Letter ", s.roll(1<<40))
	return &written{method: http.MethodPost, box: box, item: subject, path: "/messages", body: doc{"message": doc{"subject": subject,
		"body": doc{"contentType": "text", "content": "Hello"}, "toRecipients": []doc{{"emailAddress": doc{"address": s.r.recipient().UserPrincipalName}}}}}}
}

// parcel has the scribe send a letter that takes along a large file and a small one, which
// it hands in first. What a gateway dies of is handed in again at the next attempt.
func (r *trial) parcel(string) {
	w := r.scribe.letter(len(policies()) + 1)
	var files []doc
	for i, size := range []int{3<<20 + 5, 7} {
		id := r.scribe.handIn(w.box, bytes.Repeat([]byte{byte('a' + i)}, size))
		if id == "" {
			return
		}
		files = append(files, doc{"upload": id, "name": fmt.Sprintf("file %d", i)})
	}
	w.body["uploads"] = files
	all := actions()
	r.scribe.try(r.ctx, r.scribe.taken(all[slices.IndexFunc(all, func(a action) bool { return a.kind == graphwarden.SendMailOnce })], w))
}

// handIn hands in a file, and gives its id; "" if there was no answer.
func (s *scribe) handIn(box int, content []byte) string {
	s.mu.Lock()
	m := s.r.members[s.dice.IntN(len(s.r.members))]
	s.mu.Unlock()
	ctx, stop := context.WithTimeout(s.r.ctx, 30*time.Second)
	defer stop()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+m.apps+"/v1/tenants/contoso/mailboxes/"+s.r.tenant.Users[box].ID+"/uploads", bytes.NewReader(content))
	if err != nil {
		return ""
	}
	q.Header.Set("Authorization", "Bearer "+s.key)
	answer, err := s.r.tenant.client.Do(q)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	var d doc
	if json.NewDecoder(answer.Body).Decode(&d) != nil || answer.StatusCode != http.StatusCreated {
		return ""
	}
	return text(d, "id")
}

// recipient is to whom the scribe writes letters.
func (r *trial) recipient() sim.ReadyUser { return r.tenant.Users[9] }

// arrived counts the letters that the recipient has, by subject.
func (r *trial) arrived() map[string]int {
	r.Helper()
	out := map[string]int{}
	address := r.tenant.Graph + "/v1.0/users/" + r.recipient().ID + "/mailFolders/inbox/messages?$select=subject&$top=1000"
	err := r.tenant.each(r.ctx, r.tenant.Tokens.Everything, address, func(d doc) {
		if strings.HasPrefix(text(d, "subject"), "Letter ") {
			out[text(d, "subject")]++
		}
	})
	if err != nil {
		r.Fatal(err)
	}
	return out
}

// respond answers an invitation that the scribe was told of, now and then once more.
func (s *scribe) respond(box int) *written {
	id := s.inbox.invitation(s.r.tenant.Users[box].ID, s.roll)
	if id == "" {
		return nil
	}
	answer := []string{"accept", "accept", "tentativelyAccept", "decline"}[s.roll(4)]
	return &written{method: http.MethodPost, item: id, path: "/events/" + url.PathEscape(id) + "/respond", body: doc{"answer": answer, "comment": fmt.Sprint("So ", s.roll(1e6))}}
}
