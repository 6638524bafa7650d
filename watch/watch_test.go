package watch_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="

// tower is a watch over a real store, a receiver of its notices, and something
// to look at.
type tower struct {
	*testing.T
	*watch.Watch
	now    time.Time
	path   string
	store  *store.Store
	plan   *faulty.Plan
	log    *bytes.Buffer
	wrong  []watch.Sighting
	blind  error
	got    []received
	status int
}

type received struct {
	Type string
	Data graphwarden.Notice
	id   string
}

func raise(t *testing.T, cuts ...faulty.Cut) *tower {
	t.Helper()
	w := &tower{T: t, now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), path: filepath.Join(t.TempDir(), "graphwarden.db"),
		plan: faulty.NewPlan(t, cuts...), log: &bytes.Buffer{}}
	w.begin()
	return w
}

// begin opens the store and makes a watch, as a process that starts does.
func (w *tower) begin() {
	w.Helper()
	if w.store != nil {
		_ = w.store.Close()
	}
	s, err := store.Open(context.WithoutCancel(w.Context()), store.Options{Path: w.path, Now: w.clock, Step: w.plan.Step})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	w.store = s
	verifier, err := webhooks.NewWebhook(secret)
	if err != nil {
		w.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if w.status != 0 {
			rw.WriteHeader(w.status)
			return
		}
		var m received
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil || json.Unmarshal(body, &m) != nil {
			w.Errorf("the receiver cannot use it: %v %s", err, body)
		}
		if r.UserAgent() != "Graphwarden" {
			w.Errorf("the receiver is asked by %q", r.UserAgent())
		}
		m.id = r.Header.Get("webhook-id")
		w.got = append(w.got, m)
	}))
	w.Cleanup(receiver.Close)
	key, err := deliver.ParseSecret(secret)
	if err != nil {
		w.Fatal(err)
	}
	w.Watch = watch.New(watch.Config{Store: s, Tellings: s, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock, Random: rand.Reader,
		Webhook: &watch.Webhook{URL: receiver.URL, Secret: key, Doer: http.DefaultClient}, DocURL: "https://docs.example/operations.md",
		Looks: []watch.Look{{Codes: []string{"notice.sink_failing", "notice.sink_disabled"},
			See: func(context.Context, time.Time) ([]watch.Sighting, error) { return w.wrong, w.blind }}}})
}

func (w *tower) clock() time.Time { return w.now }

// after lets time pass in steps of a look and posts.
func (w *tower) after(d time.Duration) {
	for end := w.now.Add(d); ; {
		w.Watch.Look(w.Context())
		w.Post(w.Context())
		if !w.now.Before(end) {
			return
		}
		w.now = w.now.Add(min(max(time.Minute, d/300), end.Sub(w.now)))
	}
}

// told gives what the receiver has got, in short.
func (w *tower) told() string {
	var out []string
	for _, m := range w.got {
		out = append(out, strings.TrimPrefix(m.Type, "notice.")+" "+strings.TrimPrefix(m.Data.Code, "notice.")+" "+string(m.Data.Severity))
	}
	return strings.Join(out, ", ")
}

func failing(severity graphwarden.Severity) watch.Sighting {
	return watch.Sighting{Code: "notice.sink_failing", Subject: "office", Severity: severity, Say: "It fails.", Do: "Mend it."}
}

func disabled() watch.Sighting {
	return watch.Sighting{Code: "notice.sink_disabled", Subject: "office", Severity: graphwarden.Critical, Say: "It ended.", Do: "Enable it."}
}

func TestANoticeIsToldOnceRemindedAndClosed(t *testing.T) {
	w := raise(t)
	w.wrong = []watch.Sighting{failing(graphwarden.Warning)}
	w.after(time.Minute)
	if w.told() != "" {
		t.Fatalf("a hiccup is told: %s", w.told())
	}
	w.after(3 * time.Hour)
	if w.told() != "opened sink_failing warning" {
		t.Fatalf("told: %s", w.told())
	}
	w.after(2 * time.Hour)
	w.wrong = []watch.Sighting{failing(graphwarden.Critical)}
	w.after(time.Minute)
	if w.told() != "opened sink_failing warning, reminded sink_failing warning, reminded sink_failing critical" {
		t.Fatalf("told: %s", w.told())
	}
	w.wrong = nil
	w.after(time.Minute)
	w.wrong = []watch.Sighting{failing(graphwarden.Critical)} // it flickers
	w.after(time.Minute)
	w.wrong = nil
	w.after(time.Hour)
	if w.told() != "opened sink_failing warning, reminded sink_failing warning, reminded sink_failing critical, closed sink_failing critical" {
		t.Fatalf("told: %s", w.told())
	}
	ids := map[string]bool{}
	for i, m := range w.got {
		if m.Data.ID != w.got[0].Data.ID || m.id != fmt.Sprintf("%s_%d", m.Data.ID, i+1) || ids[m.id] || m.Data.DocURL != "https://docs.example/operations.md#sink-failing" {
			t.Errorf("telling %d: %+v", i, m)
		}
		ids[m.id] = true
	}
	if last := w.got[3].Data; last.ClosedAt.IsZero() || last.Do != "Mend it." || !last.Since.Equal(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("closed: %+v", last)
	}
	for _, line := range []string{"notice opened", "notice reminded", "notice closed"} {
		if !strings.Contains(w.log.String(), line) {
			t.Errorf("the log has no %q:\n%s", line, w.log)
		}
	}
	open, err := w.store.Notices(t.Context(), false, 0, 10)
	if err != nil || len(open) != 0 {
		t.Errorf("still open: %v %v", open, err)
	}
	all, err := w.store.Notices(t.Context(), true, 0, 10)
	if err != nil || len(all) != 1 || all[0].Told != 4 {
		t.Errorf("kept: %+v %v", all, err)
	}
	w.after(100 * 24 * time.Hour)
	if all, err = w.store.Notices(t.Context(), true, 0, 10); err != nil || len(all) != 0 {
		t.Errorf("never forgotten: %+v %v", all, err)
	}
}

// TestDriftIsToldByTheNextLook: what was seen of grants needs no time to show that it
// lasts, and who asks hears of it as soon as it stands in the database.
func TestDriftIsToldByTheNextLook(t *testing.T) {
	w := raise(t)
	for _, code := range []string{"notice.grants_beyond", "notice.grants_missing", "notice.grants_unread"} {
		w.wrong = append(w.wrong, watch.Sighting{Code: code, Subject: "contoso/calendar", Severity: graphwarden.Warning, Say: "So it is.", Do: "Mend it."})
	}
	w.after(0)
	open, err := w.store.Notices(t.Context(), false, 0, 10)
	if err != nil || len(open) != 3 || len(w.got) != 3 {
		t.Errorf("open: %+v %v; told: %s", open, err, w.told())
	}
}

// TestTheWordsOfAnOpenNoticeAreThoseOfTheLastLook: a number in them grows, which is
// shown to who asks and told to nobody.
func TestTheWordsOfAnOpenNoticeAreThoseOfTheLastLook(t *testing.T) {
	w := raise(t)
	more := disabled()
	w.wrong = []watch.Sighting{more}
	w.after(0)
	more.Say, more.Do = "Four of them ended.", "Enable them."
	w.wrong = []watch.Sighting{more}
	w.after(0)
	open, err := w.store.Notices(t.Context(), false, 0, 10)
	if err != nil || len(open) != 1 || open[0].Say != more.Say || open[0].Do != more.Do || open[0].Told != 1 {
		t.Errorf("open: %+v %v", open, err)
	}
	if w.told() != "opened sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
	w.wrong = nil
	w.after(time.Minute)
	if w.told() != "opened sink_disabled critical, closed sink_disabled critical" || w.got[1].Data.Say != more.Say {
		t.Errorf("told: %s: %+v", w.told(), w.got)
	}
}

func TestWhatCannotBeSeenStaysAsItWas(t *testing.T) {
	w := raise(t)
	w.wrong = []watch.Sighting{disabled()}
	w.after(0)
	w.wrong, w.blind = nil, errors.New("it cannot look")
	w.after(time.Hour)
	if w.told() != "opened sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
	w.blind = nil
	w.after(time.Minute)
	if w.told() != "opened sink_disabled critical, closed sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
}

func TestARestartTellsNothingAgain(t *testing.T) {
	w := raise(t)
	w.wrong = []watch.Sighting{disabled()}
	w.after(time.Minute)
	w.begin()
	w.after(time.Hour)
	if w.told() != "opened sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
	w.begin()
	w.wrong = nil
	w.after(time.Hour)
	if w.told() != "opened sink_disabled critical, closed sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
}

// TestACutLosesNoNotice cuts each commit of opening a notice and of noting that it
// was told, before and after its effect, and starts anew: the notice is told at
// least once, with the same id.
func TestACutLosesNoNotice(t *testing.T) {
	for nth := 1; nth <= 4; nth++ {
		for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
			t.Run(fmt.Sprint(at, nth), func(t *testing.T) {
				w := raise(t, faulty.Cut{Step: "commit", At: at, Nth: nth})
				w.wrong = []watch.Sighting{disabled()}
				w.after(0)
				w.begin()
				w.after(time.Minute)
				ids := map[string]bool{}
				for _, m := range w.got {
					ids[m.id] = true
				}
				if len(ids) != 1 || !strings.Contains(w.log.String(), "notice opened") {
					t.Errorf("told %s with ids %v; the log:\n%s", w.told(), ids, w.log)
				}
			})
		}
	}
}

func TestAReceiverThatFailsIsTriedAgainAndShown(t *testing.T) {
	w := raise(t)
	w.status = http.StatusServiceUnavailable
	w.wrong = []watch.Sighting{disabled()}
	w.after(10 * time.Minute)
	n, since, reason, err := w.store.Untold(t.Context(), watch.ToWebhook)
	if err != nil || n != 1 || since.IsZero() || !strings.Contains(reason, "503") {
		t.Errorf("untold: %d since %s: %s %v", n, since, reason, err)
	}
	list, err := watch.Notices(func(ctx context.Context) (int, time.Time, string, error) { return w.store.Untold(ctx, watch.ToWebhook) }).See(t.Context(), w.now)
	if err != nil || len(list) != 1 || list[0].Code != "notice.webhook_failing" {
		t.Errorf("seen: %+v %v", list, err)
	}
	w.wrong = append(w.wrong, list...)
	w.status = 0
	w.after(2 * time.Hour)
	if w.told() != "opened sink_disabled critical" {
		t.Errorf("told: %s", w.told())
	}
	w.status = http.StatusInternalServerError
	w.wrong = append(w.wrong, failing(graphwarden.Warning))
	w.after(5 * 24 * time.Hour)
	if !strings.Contains(w.log.String(), "given up for the webhook") {
		t.Error("it is never given up")
	}
}

func TestADatabaseThatTakesNothingIsToldAllTheSame(t *testing.T) {
	w := raise(t)
	full := &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.full", Say: "The disk is full.", Do: "Make room."}
	sick := &refusing{Store: w.store, no: full}
	w.Watch = watch.New(watch.Config{Store: sick, Tellings: w.store, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock, Random: rand.Reader,
		Looks: []watch.Look{watch.Database(func(context.Context) error { return sick.no })}})
	look := func(d time.Duration) {
		for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(15 * time.Second) {
			w.Watch.Look(t.Context())
		}
	}
	look(10 * time.Minute)
	if n := strings.Count(w.log.String(), "notice opened"); n != 1 || !strings.Contains(w.log.String(), "storage.full") {
		t.Errorf("told %d times:\n%s", n, w.log)
	}
	look(time.Hour)
	if n := strings.Count(w.log.String(), "notice reminded"); n != 1 {
		t.Errorf("reminded %d times:\n%s", n, w.log)
	}
	sick.no = nil
	look(10 * time.Minute)
	if n := strings.Count(w.log.String(), "notice closed"); n != 1 {
		t.Errorf("closed %d times:\n%s", n, w.log)
	}
	all, err := w.store.Notices(t.Context(), true, 0, 10)
	if err != nil || len(all) != 1 || !strings.Contains(w.log.String(), all[0].ID+"_1 ") {
		t.Errorf("kept: %+v %v", all, err)
	}
}

// refusing is a store that takes no updates while no is set, which it is to then
// after some updates.
type refusing struct {
	*store.Store
	no    error
	after int
	then  error
}

func (s *refusing) Update(ctx context.Context, f func(context.Context, graphwarden.Tx) error) error {
	if s.no != nil {
		return s.no
	}
	if s.after--; s.after == 0 {
		s.no = s.then
	}
	return s.Store.Update(ctx, f)
}
