package api

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/lookup"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	doctor   = `{"id":"1","type":"seriesMaster","subject":"Dr. Hush","body":{"content":"Dr. Hush"},"location":{"displayName":"Dr. Hush"},"sensitivity":"confidential","start":{"dateTime":"2026-03-02T08:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-03-02T09:00:00.0000000","timeZone":"UTC"}}`
	visit    = `{"id":"1","type":"occurrence","seriesMasterId":"m","subject":"Dr. Hush","start":{"dateTime":"2026-03-02T08:00:00.0000000","timeZone":"UTC"}}`
	busy     = `{"value":[{"scheduleId":"anna@contoso.com","availabilityView":"02","scheduleItems":[{"status":"busy","isPrivate":true,"subject":"Dr. Hush","location":"Dr. Hush","start":{"dateTime":"2026-03-02T08:00:00.0000000","timeZone":"UTC"}}]}]}`
	contents = "Dr. Hush"
)

// surgery answers every write and every question with a private event, or with what it
// was before it became so.
type surgery struct{ side, before string }

func (s surgery) made() (graphwarden.Intent, error) {
	return graphwarden.Intent{ID: "wrt_1", App: "portal", Flow: "office", Item: "1", Kind: graphwarden.UpdateEvent,
		Outcome: graphwarden.Outcome{State: graphwarden.IntentDone, Result: json.RawMessage(cmp.Or(s.before, doctor))}, Mailbox: graphwarden.Mailbox{ID: anna, UPN: "anna@contoso.com"}}, nil
}

func (s surgery) Create(context.Context, act.Create) (graphwarden.Intent, error)   { return s.made() }
func (s surgery) Update(context.Context, act.Update) (graphwarden.Intent, error)   { return s.made() }
func (s surgery) Delete(context.Context, act.Delete) (graphwarden.Intent, error)   { return s.made() }
func (s surgery) Cancel(context.Context, act.Cancel) (graphwarden.Intent, error)   { return s.made() }
func (s surgery) Respond(context.Context, act.Respond) (graphwarden.Intent, error) { return s.made() }
func (s surgery) Send(context.Context, act.Send) (graphwarden.Intent, error)       { return s.made() }
func (s surgery) Upload(context.Context, act.Target, int64, io.Reader) (graphwarden.Upload, error) {
	return graphwarden.Upload{}, nil
}
func (s surgery) Write(context.Context, string, string) (graphwarden.Intent, error) {
	in, err := s.made()
	in.Again = true
	return in, err
}

// Hides is asked where the copy cannot say.
func (s surgery) Hides(context.Context, graphwarden.Intent) bool { return true }

func (s surgery) Loser(context.Context, graphwarden.Intent) (graphwarden.Loser, bool, error) {
	return graphwarden.Loser{Side: s.side, Body: json.RawMessage(cmp.Or(s.before, doctor))}, true, nil
}

func (s surgery) Schedule(context.Context, act.Schedule) (json.RawMessage, error) {
	return json.RawMessage(busy), nil
}

func (s surgery) Meet(context.Context, act.Meet) (act.Meetings, error) {
	return act.Meetings{}, nil
}

func (s surgery) Instances(context.Context, act.Target, string, graphwarden.Window) ([]json.RawMessage, error) {
	return []json.RawMessage{json.RawMessage(doctor), json.RawMessage(visit)}, nil
}

// practice is an API with every route that gives events, behind which there is a
// private one; presence is the key of a switchboard in the same mailbox.
func practice(t *testing.T, privacy deliver.Privacy, side string, before ...string) *API {
	t.Helper()
	r := rig.New(t, nil)
	var feed graphwarden.Feed
	steps := []func(ctx context.Context, tx graphwarden.Tx) error{
		func(ctx context.Context, tx graphwarden.Tx) (err error) {
			feed, err = r.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Resource: "cal", Title: "Calendar", Mailbox: graphwarden.Mailbox{ID: anna, UPN: "anna@contoso.com"}})
			return err
		},
		func(ctx context.Context, tx graphwarden.Tx) error {
			if slices.Contains(before, unseen) {
				return nil
			}
			_, err := r.Store.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: []graphwarden.Item{{ID: "1", Body: json.RawMessage(strings.Replace(doctor, "seriesMaster", "singleInstance", 1))}}, Next: "1"})
			return err
		},
		func(ctx context.Context, tx graphwarden.Tx) error {
			if !slices.Contains(before, deleted) {
				return nil
			}
			feed.Cursor = "1"
			_, err := r.Store.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: []graphwarden.Item{{ID: "1", Removed: true}}, Next: "2"})
			return err
		},
	}
	for _, step := range steps {
		if err := r.Store.Update(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	d := deliver.New(deliver.Config{Store: r.Store, Books: r.Store, Holder: "test", Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.New(rand.NewPCG(1, 1))})
	c := everything()
	c.Token, c.Keys, c.Rate, c.Tries = seal.FromString("operator"), doorkeeper{}, 1<<30, r.Store
	answers := surgery{side, ""}
	if len(before) > 0 {
		answers.before = before[0]
	}
	c.Acts, c.Asks, c.Mails, c.Known, c.Hiding = answers, answers, answers, lookup.Lookup{Copy: r.Store}, answers
	c.Reading = lookup.Lookup{Copy: r.Store, Private: map[string]lookup.Privacy{"office": lookup.Privacy(privacy)}}
	c.Following = deliver.Follower{Desk: deliver.Desk{Deliver: d, Shelf: r.Store}, Head: r.Store}
	c.Shapes = map[string]deliver.Shape{"office": {Private: privacy}}
	scope := graphwarden.MailboxScope{{ID: anna, UPN: "anna@contoso.com"}}
	c.Flows = func() []flow.Flow {
		return []flow.Flow{{Name: "office", App: "portal", Kind: flow.CalendarWriting(flow.Both), Tenant: "contoso", Mailboxes: scope},
			{Name: "board", App: "crm", Kind: flow.Presence(flow.PresenceWants{Schedule: true}), Tenant: "contoso", Mailboxes: scope}}
	}
	return New(c)
}

// holdsEvents says whether something that is answered may hold an event.
func holdsEvents(t reflect.Type) bool {
	if t == reflect.TypeFor[json.RawMessage]() {
		return true
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return holdsEvents(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsEvents(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// full ends a request when a line of a stream has come.
type full struct {
	*httptest.ResponseRecorder
	stop context.CancelFunc
}

func (f full) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "{") {
		defer f.stop()
	}
	return f.ResponseRecorder.Write(p)
}

// exit asks a route for what is in Anna's calendar.
func (a *API) exit(t *testing.T, rt route, key string) *httptest.ResponseRecorder {
	t.Helper()
	bodies := map[string]string{"askSchedule": `{"people":["anna@contoso.com"],"start":{},"end":{}}`, "createEvent": `{"event":{}}`, "changeEvent": `{"change":{}}`, "sendMail": `{"message":{}}`}
	query := url.Values{}
	for _, p := range rt.query {
		switch p.name {
		case "start", "from", "since":
			query.Set(p.name, "2026-03-01T00:00:00Z")
		case "end", "to":
			query.Set(p.name, "2026-04-01T00:00:00Z")
		}
	}
	if rt.family == "changes" {
		query.Set("since", "2000-01-01T00:00:00Z")
	}
	body := bodies[rt.name]
	if body == "" {
		body = rt.sample(t)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	r := httptest.NewRequestWithContext(ctx, rt.method(), rt.at("contoso", anna)+"?"+query.Encode(), strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set(tryHeader, "try-"+rt.name)
	w := httptest.NewRecorder()
	a.Apps.ServeHTTP(full{w, stop}, r)
	return w
}

// exits are the routes of apps whose answers may hold an event. It is made of the
// table, so that a new one is in it. What people are told of a person's availability
// is no event, and has a test of its own.
func (a *API) exits() []route {
	return slices.DeleteFunc(slices.Clone(a.apps.table), func(rt route) bool {
		return rt.who != apps || rt.out == nil || !holdsEvents(reflect.TypeOf(rt.out))
	})
}

func TestAPrivateEventIsPrivateAtEveryExitOfTheAPI(t *testing.T) {
	for _, privacy := range []deliver.Privacy{"", deliver.TimeOnly, deliver.Drop, deliver.Full} {
		a := practice(t, privacy, "microsoft")
		shown := map[string]bool{}
		for _, rt := range a.exits() {
			if privacy == deliver.Drop && rt.stream != nil {
				continue // no line ever comes
			}
			w := a.exit(t, rt, "writer")
			gone := privacy == deliver.Drop && rt.name == "getEvent"
			if w.Code/100 != 2 && !gone {
				t.Errorf("%s of private: %q was not tried: %d %s", rt.name, privacy, w.Code, w.Body)
			}
			shown[rt.name] = strings.Contains(w.Body.String(), contents)
			told := strings.Contains(w.Body.String(), "2026-03-02T08:00:00")
			quiet := rt.name == "suggestMeetingTimes"
			if shown[rt.name] != (privacy == deliver.Full && !quiet) || told != (privacy != deliver.Drop && !quiet || rt.name == "askSchedule") {
				t.Errorf("%s with private: %q answers %s", rt.name, privacy, w.Body)
			}
		}
		if len(shown) < 12 {
			t.Errorf("the exits are only %q", slices.Sorted(maps.Keys(shown)))
		}
	}
}

// Where the event is that a practice writes, if it is not in the copy: deleted since, or
// never seen, as in a flow that reads nothing.
const (
	deleted = "deleted"
	unseen  = "unseen"
)

// TestAWriteOfWhatHasBecomePrivateShowsItsTime: what it answered then is not told again,
// nor is the version that lost, also if the event was deleted since. What the copy has never
// seen is asked for when the write is told once more; the first answer is what was written.
func TestAWriteOfWhatHasBecomePrivateShowsItsTime(t *testing.T) {
	for _, where := range []string{"", deleted, unseen} {
		for _, privacy := range []deliver.Privacy{"", deliver.Drop, deliver.Full} {
			a := practice(t, privacy, "microsoft", strings.Replace(doctor, "confidential", "normal", 1), where)
			for _, rt := range a.exits() {
				if rt.name != "getWrite" && rt.name != "changeEvent" {
					continue
				}
				w := a.exit(t, rt, "writer")
				want := privacy == deliver.Full || where == unseen && rt.name == "changeEvent"
				if shown := strings.Contains(w.Body.String(), contents); w.Code != http.StatusOK || shown != want {
					t.Errorf("%s of what is %q, with private: %q, answers %d %s", rt.name, where, privacy, w.Code, w.Body)
				}
			}
		}
	}
}

// bare is a copy without any event, which counts how often it goes through what was told.
type bare struct{ through int }

func (b *bare) IsPrivate(context.Context, lookup.At, string) (private, known bool, err error) {
	return false, false, nil
}

func (b *bare) WasPrivate(context.Context, lookup.At, string) (private, known bool, err error) {
	b.through++
	return true, true, nil
}

// TestTheAnswerToANewEventReadsNothingOfWhatWasTold: what a flow was told is gone through
// only where an event may have been there before.
func TestTheAnswerToANewEventReadsNothingOfWhatWasTold(t *testing.T) {
	for _, test := range []struct {
		kind   graphwarden.WriteKind
		again  bool
		reads  int
		hidden bool
	}{
		{graphwarden.CreateEvent, false, 0, false},
		{graphwarden.CreateEvent, true, 1, true},
		{graphwarden.UpdateEvent, false, 1, true},
	} {
		a, copy := practice(t, "", "microsoft"), &bare{}
		a.config.Known = copy
		hidden, err := a.becamePrivate(t.Context(), graphwarden.Intent{Kind: test.kind, Flow: "office", Item: "1", Again: test.again})
		if err != nil || hidden != test.hidden || copy.through != test.reads {
			t.Errorf("%s, again %t: hidden %t after %d readings, %v", test.kind, test.again, hidden, copy.through, err)
		}
	}
}

// TestWhatTheAppWantedIsItsOwn: its version that lost comes back whole.
func TestWhatTheAppWantedIsItsOwn(t *testing.T) {
	a := practice(t, deliver.Drop, "app")
	for _, rt := range a.exits() {
		if rt.name != "getWrite" {
			continue
		}
		var w Write
		if got := a.exit(t, rt, "writer"); json.Unmarshal(got.Body.Bytes(), &w) != nil || w.Lost == nil || !strings.Contains(string(w.Lost.Body), contents) || string(w.Item) != "null" {
			t.Errorf("%s", got.Body)
		}
	}
}

// TestASwitchboardReadsNoCalendar: a presence flow reads calendars for itself.
func TestASwitchboardReadsNoCalendar(t *testing.T) {
	a := practice(t, deliver.Full, "microsoft")
	asked := 0
	for _, rt := range a.apps.table {
		if rt.name == "listCalendars" || rt.name == "listEvents" || rt.name == "getEvent" || rt.family == "changes" {
			asked++
			if w := a.exit(t, rt, "foreign"); w.Code != http.StatusNotFound || codeOf(t, w).Code != "api.not_there" {
				t.Errorf("%s answers the key of a presence flow %d %s", rt.name, w.Code, w.Body)
			}
		}
	}
	if asked != 5 {
		t.Errorf("%d routes", asked)
	}
}
