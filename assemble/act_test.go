package assemble_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/sim"
)

// writes has the journey's flow write, too, by the registration of an app that may.
func (j *journey) writes(more string) {
	j.Helper()
	app := func(name string) sim.ReadyApp {
		return j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == name })]
	}
	j.changed = func() {
		j.replace(app("calendar").ClientID, app("everything").ClientID)
		j.replace("    sink:", "    direction: both\n"+more+"    sink:")
		if err := os.WriteFile(filepath.Join(j.folder, "calendar.secret"), []byte(app("everything").ClientSecret), 0o600); err != nil {
			j.Fatal(err)
		}
	}
}

// target is the first person's mailbox, for the journey's app.
func (j *journey) target(key string) act.Target {
	return act.Target{App: "portal", Tenant: "contoso", Mailbox: j.ready.Users[0].UserPrincipalName, Key: key}
}

// about says what the app was told of an event, in order.
func about(got []graphwarden.Envelope, event string) (kinds []string) {
	for _, e := range got {
		if e.Subject == event {
			kinds = append(kinds, strings.TrimPrefix(e.Type, "com.graphwarden.event."))
		}
	}
	return kinds
}

// TestWhatAnAppWritesComesBackOnce has the app make an event and change it, and a
// person change it after that.
func TestWhatAnAppWritesComesBackOnce(t *testing.T) {
	j := begin(t, 2)
	j.writes("")
	j.run("15m")
	start := time.Now().UTC().AddDate(0, 0, 3).Truncate(time.Hour)
	event := fmt.Sprintf(`{"subject":"Review","start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"},"isOnlineMeeting":true}`,
		start.Format("2006-01-02T15:04:05"), start.Add(time.Hour).Format("2006-01-02T15:04:05"))
	made, err := j.gateway.Act.Create(t.Context(), act.Create{Target: j.target("k1"), Reference: "deal-17", Event: json.RawMessage(event)})
	if err != nil || made.Outcome.State != graphwarden.IntentDone {
		t.Fatalf("creating gave %+v, %v", made.Outcome, err)
	}
	told := j.told(made.Item, graphwarden.Created)
	if told.Data.Reference != "deal-17" || told.Data.Write != made.ID || !strings.Contains(string(told.Data.Item), "joinUrl") {
		t.Errorf("the app was told %+v", told.Data)
	}
	if _, err := j.gateway.Act.Update(t.Context(), act.Update{Target: j.target("k2"), ID: made.Item, Change: json.RawMessage(`{"subject":"Second review"}`)}); err != nil {
		t.Fatal(err)
	}
	j.outlook(http.MethodPatch, "/v1.0/users/"+j.ready.Users[0].ID+"/events/"+made.Item, map[string]any{"showAs": "free"})
	changed := j.told(made.Item, graphwarden.Updated)
	if changed.Data.Reference != "deal-17" || changed.Data.Write != "" || !strings.Contains(string(changed.Data.Item), `"free"`) {
		t.Errorf("the app was told %+v %s", changed.Data.Reference, changed.Data.Item)
	}
	if _, err := j.gateway.Act.Delete(t.Context(), act.Delete{Target: j.target("k3"), ID: made.Item}); err != nil {
		t.Fatal(err)
	}
	j.told(made.Item, graphwarden.Deleted)
	j.app.mu.Lock()
	defer j.app.mu.Unlock()
	if got := about(j.app.got, made.Item); !slices.Equal(got, []string{"created", "updated", "deleted"}) {
		t.Errorf("the app was told %v", got)
	}
}

// TestADirectionThatNobodyKnowsIsRefused says where in the configuration it stands.
func TestADirectionThatNobodyKnowsIsRefused(t *testing.T) {
	for text, at := range map[string]string{
		"    direction: sideways\n":                           "flows.office.direction",
		"    conflicts: app-wins\n":                           "flows.office.conflicts",
		"    direction: both\n    conflicts: nobody\n":        "flows.office.conflicts",
		"    direction: in\n    conflicts: refuse\n":          "flows.office.conflicts",
		"    direction: both\n    conflicts: refuse\n":        "",
		"    direction: out\n    conflicts: microsoft-wins\n": "",
		"    direction: both\n    conflicts: app-wins\n":      "",
		"    sinks: {x: {type: none, own: tell}}\n":           "",
		"    sinks: {x: {type: none, own: sometimes}}\n":      "flows.office.sinks.x.own",
	} {
		j := begin(t, 2)
		path := j.configuration("15m", "127.0.0.1:1")
		j.replace("    sink:", text+"    sink:")
		_, err := assemble.Load(path)
		var r *graphwarden.Refusal
		if at == "" && err != nil || at != "" && (!errors.As(err, &r) || !strings.Contains(r.Say, at)) {
			t.Errorf("%q gave %v", text, err)
		}
	}
}

// TestAFlowThatOnlyWritesReadsNothing has no sink, and no feed comes of it.
func TestAFlowThatOnlyWritesReadsNothing(t *testing.T) {
	j := begin(t, 2)
	j.writes("")
	both := j.changed
	j.changed = func() {
		both()
		j.replace("direction: both", "direction: out")
		j.replace(fmt.Sprintf("    sink: {url: %q, secret_file: sink.secret}\n", j.app.URL), "")
	}
	j.run("1s")
	made, err := j.gateway.Act.Create(t.Context(), act.Create{Target: j.target("k1"), Event: json.RawMessage(
		`{"start":{"dateTime":"2027-01-04T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2027-01-04T09:30:00","timeZone":"UTC"}}`)})
	if err != nil || made.Outcome.State != graphwarden.IntentDone {
		t.Fatalf("creating gave %+v, %v", made.Outcome, err)
	}
	feeds, err := j.gateway.Store.Feeds(t.Context(), "office")
	if err != nil || len(feeds) != 0 {
		t.Errorf("there are %d feeds, %v", len(feeds), err)
	}
}

// TestAnAppWritesThroughItsAddress makes, changes, answers, cancels and deletes events
// as an app does: by HTTP, with its key.
func TestAnAppWritesThroughItsAddress(t *testing.T) {
	j := begin(t, 2)
	j.writes("")
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	operator := strings.TrimSpace(string(token))
	_, made := j.call(j.operate, operator, http.MethodPost, "/v1/apps/portal/keys", map[string]any{"scope": "write"})
	key, _ := made["key"].(string)
	events := "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].UserPrincipalName + "/events"
	at := func(hour string) map[string]any {
		return map[string]any{"dateTime": "2027-03-01T" + hour + ":00:00", "timeZone": "Europe/Berlin"}
	}
	event := map[string]any{"event": map[string]any{"subject": "Review", "start": at("09"), "end": at("10"), "isOnlineMeeting": true,
		"attendees": []any{map[string]any{"emailAddress": map[string]any{"address": j.ready.Users[1].UserPrincipalName}}}}, "reference": "deal-17"}
	status, first := j.call(j.apps, key, http.MethodPost, events, event, "Idempotency-Key", "k1")
	if status != http.StatusCreated || first["state"] != "done" || first["ended_at"] == nil || !strings.Contains(fmt.Sprint(first["item"]), "meetup-join") {
		t.Fatalf("creating answered %d %v", status, first)
	}
	if status, again := j.call(j.apps, key, http.MethodPost, events, event, "Idempotency-Key", "k1"); status != http.StatusCreated || again["event"] != first["event"] {
		t.Errorf("once more it answered %d %v", status, again)
	}
	other := map[string]any{"event": map[string]any{"subject": "Another", "start": at("09"), "end": at("10")}}
	id, etag := first["event"].(string), first["etag"].(string)
	for _, s := range []struct {
		situation, method, path string
		body                    any
		header                  []string
		status                  int
		says                    string
	}{
		{"the key with another request", "POST", events, other, []string{"Idempotency-Key", "k1"}, 422, "act.key_reused"},
		{"no key", "POST", events, other, nil, 400, "api.idempotency_key"},
		{"a wrong property", "POST", events, map[string]any{"event": map[string]any{"start": at("09"), "end": at("10"), "organizer": 1}}, []string{"Idempotency-Key", "k2"}, 400, "event.organizer"},
		{"a wrong zone", "PATCH", events + "/" + id, map[string]any{"change": map[string]any{"start": map[string]any{"dateTime": "2027-03-01T09:00:00", "timeZone": "Mars"}, "end": at("10")}}, nil, 400, "change.start.timeZone"},
		{"a change", "PATCH", events + "/" + id, map[string]any{"change": map[string]any{"subject": "Second review"}}, []string{"If-Match", etag}, 200, "Second review"},
		{"a change of an old version", "PATCH", events + "/" + id, map[string]any{"change": map[string]any{"subject": "Third review"}}, []string{"If-Match", etag}, 409, "act.conflict"},
		{"somebody else's mailbox", "DELETE", "/v1/tenants/contoso/mailboxes/nobody@contoso.example/events/" + id, nil, nil, 404, "api.not_there"},
		{"a schedule", "POST", "/v1/tenants/contoso/schedule", map[string]any{"people": []any{j.ready.Users[0].UserPrincipalName, j.ready.Users[1].ID}, "start": at("08"), "end": at("12")}, nil, 200, "availabilityView"},
		{"a schedule of a stranger", "POST", "/v1/tenants/contoso/schedule", map[string]any{"people": []any{j.ready.Users[0].UserPrincipalName, "x@contoso.example"}, "start": at("08"), "end": at("12")}, nil, 403, "field:people[1]"},
		{"meeting times", "POST", "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].ID + "/meeting-times", map[string]any{"people": []any{j.ready.Users[1].ID}, "start": at("08"), "end": at("12"), "hours": "unrestricted"}, nil, 200, "source:graphwarden"},
		{"meeting times with a stranger", "POST", "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].ID + "/meeting-times", map[string]any{"people": []any{j.ready.Users[1].ID, "x@contoso.example"}, "start": at("08"), "end": at("12")}, nil, 403, "field:people[1]"},
		{"meeting times of no length", "POST", "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].ID + "/meeting-times", map[string]any{"start": at("12"), "end": at("08")}, nil, 400, "field:end"},
		{"the organizer's answer", "POST", events + "/" + id + "/respond", map[string]any{"answer": "accept"}, []string{"Idempotency-Key", "k3"}, 400, "graph.write_refused"},
		{"another time without its end", "POST", events + "/" + id + "/respond", map[string]any{"answer": "decline", "proposed_new_time": map[string]any{"start": at("08")}}, []string{"Idempotency-Key", "k5"}, 400, "field:proposed_new_time.end"},
		{"a cancellation", "POST", events + "/" + id + "/cancel", map[string]any{"comment": "no"}, []string{"Idempotency-Key", "k4"}, 200, "done"},
		{"what is gone", "DELETE", events + "/" + id, nil, nil, 200, "done"},
		{"the write", "GET", "/v1/writes/" + first["id"].(string), nil, nil, 200, "deal-17"},
		{"no write", "GET", "/v1/writes/wrt_none", nil, nil, 404, "act.write_unknown"},
	} {
		status, got := j.call(j.apps, key, s.method, s.path, s.body, s.header...)
		if status != s.status || !strings.Contains(fmt.Sprint(got), s.says) {
			t.Errorf("%s answered %d %v", s.situation, status, got)
		}
		if s.says != "act.conflict" && s.says != "graph.write_refused" {
			continue
		}
		_, w := j.call(j.apps, key, http.MethodGet, fmt.Sprint("/v1/writes/", got["write"]), nil)
		if w["id"] != got["write"] || w["state"] != "refused" || w["ended_at"] == nil {
			t.Errorf("%s is the write %v: %v", s.situation, got["write"], w)
		}
		if lost := fmt.Sprint(w["lost"]); s.says == "act.conflict" && !strings.Contains(lost, "body:map[subject:Third review]") {
			t.Errorf("of the conflict is kept %s", lost)
		}
	}
	if status, list := j.call(j.operate, operator, http.MethodGet, "/v1/writes?state=refused", nil); status != http.StatusOK || len(list["items"].([]any)) != 2 || strings.Contains(fmt.Sprint(list), "Third") {
		t.Errorf("operators see %d %v", status, list)
	}
}

// TestAnAppHearsThatIsGoneWhatNoFeedHasSeen: a person deletes what the app made before
// the feed is read, so that Microsoft's delta never shows it.
func TestAnAppHearsThatIsGoneWhatNoFeedHasSeen(t *testing.T) {
	j := begin(t, 2)
	j.writes("")
	j.run("15m")
	j.told(j.meeting("Before"), graphwarden.Created)
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{map[string]any{"match": "GET /users/*/calendars/*/calendarView/delta", "status": 503, "retryAfter": 1, "times": 1000}}})
	start := time.Now().UTC().AddDate(0, 0, 3).Truncate(time.Hour)
	event := fmt.Sprintf(`{"subject":"Review","start":{"dateTime":%q,"timeZone":"UTC"},"end":{"dateTime":%q,"timeZone":"UTC"}}`,
		start.Format("2006-01-02T15:04:05"), start.Add(time.Hour).Format("2006-01-02T15:04:05"))
	made, err := j.gateway.Act.Create(t.Context(), act.Create{Target: j.target("k1"), Reference: "deal-17", Event: json.RawMessage(event)})
	if err != nil || made.Outcome.State != graphwarden.IntentDone {
		t.Fatalf("creating gave %+v, %v", made.Outcome, err)
	}
	j.outlook(http.MethodDelete, j.event(made.Item), nil)
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{}})
	if told := j.told(made.Item, graphwarden.Created, graphwarden.Deleted); told.Type != "com.graphwarden.event.deleted" || told.Data.Reference != "deal-17" {
		t.Errorf("the app was told %s of %+v", told.Type, told.Data)
	}
}
