package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/seal"
)

// TestEveryChangeOfAnOperatorIsRecordedOrNotDone asks every route of the operators'
// table that may change something, of a ledger that takes nothing. What stands
// behind the routes is not there: whatever would be done would panic.
func TestEveryChangeOfAnOperatorIsRecordedOrNotDone(t *testing.T) {
	var acts []Act
	c := Config{Token: seal.FromString("t"), Cursors: seal.FromString("c"), Reading: struct{ Reading }{}, Known: struct{ Known }{}, Hiding: struct{ Hiding }{}, Following: struct{ Follows }{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader, Conditions: []Condition{},
		Record: func(_ context.Context, a Act) error { acts = append(acts, a); return errors.New("it is full") },
		Feeds:  struct{ Feeds }{}, Notices: struct{ noticeList }{}, Intents: struct{ intentList }{}, Deliveries: struct{ Deliveries }{}, Sinks: struct{ Sinks }{},
		Connections: struct{ Connections }{}, SignIns: struct{ SignIns }{}, People: struct{ People }{}, Configuration: struct{ Configuration }{}, Keys: struct{ Doorkeeper }{}, AppKeys: struct{ AppKeys }{}, Restrictions: struct{ Restrictions }{}, Grants: struct{ Grants }{}, Tries: struct{ Tries }{}, Presences: struct{ Presences }{}, Entries: struct{ Entries }{}, Staff: struct{ Staff }{},
		Status:    func(context.Context) (Status, error) { return Status{}, nil },
		Metrics:   func(context.Context) ([]Metric, error) { return nil, nil },
		RotateKey: func(context.Context) (connect.KeyRotation, error) { panic("done") },
		Flows:     func() []flow.Flow { return nil }, CatchUp: func(context.Context) error { return nil }, Refused: func(Denial) {}}
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if kind := f.Type.Kind(); (kind == reflect.Interface || kind == reflect.Func) && v.Field(i).IsNil() && !forApps(f.Name) {
			t.Errorf("this test does not put up %s, so that it misses its routes", f.Name)
		}
	}
	a := New(c)
	changing := 0
	for _, rt := range a.operators.table {
		if !changes(rt.method()) {
			continue
		}
		changing++
		before := len(acts)
		path := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(rt.path(), "x")
		r := httptest.NewRequestWithContext(t.Context(), rt.method(), path, strings.NewReader(rt.sample(t)))
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		a.Operators.ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "api.unrecorded") {
			t.Errorf("%s: %d %s", rt.pattern, w.Code, w.Body)
		}
		if len(acts) != before+1 || acts[before].Path != rt.path() || acts[before].Method != rt.method() || acts[before].Request == "" {
			t.Errorf("%s: recorded as %+v", rt.pattern, acts[before:])
		}
	}
	if changing < 20 {
		t.Errorf("only %d routes change something", changing)
	}
	t.Logf("%d of %d routes of operators may change something; all are recorded before", changing, len(a.operators.table))
}

type noticeList interface{ Notices }

type intentList interface{ Intents }

// forApps says whether what a field offers is for apps only.
func forApps(field string) bool {
	switch field {
	case "Presence", "Act", "Acts", "Asks", "Mails", "Writer", "Writes", "Items", "Reader", "Stream", "Streams", "Boards", "Board":
		return true
	}
	return false
}
