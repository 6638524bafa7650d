package sim_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// TestWhatBecameOfAnEvent tells apart, by a GET with its immutable id, the four
// ways in which a delta loses an event (graph-facts §2.5, §3.2).
func TestWhatBecameOfAnEvent(t *testing.T) {
	x := start(t, sim.Options{})
	token, user := x.ready.Tokens.Everything, x.ready.Users[2]
	box := "/v1.0/users/" + user.ID
	immutable := func(method, path string, body any) (int, doc) {
		t.Helper()
		return x.callWith(method, path, token, body, http.Header{"Prefer": {`IdType="ImmutableId"`}})
	}
	ids := map[string]string{}
	for _, name := range []string{"Moved", "Left", "Deleted", "Feigned", "Stays"} {
		at := func(hour string) doc { return doc{"dateTime": "2026-12-08T" + hour + ":00:00", "timeZone": "UTC"} }
		status, out := immutable("POST", box+"/events", doc{"subject": name, "start": at("09"), "end": at("10")})
		if status != 201 {
			t.Fatalf("%d %v", status, out)
		}
		ids[name] = out["id"].(string)
	}
	first := map[string]string{} // default ids
	for name, id := range ids {
		_, out := x.call("GET", box+"/events/"+url.PathEscape(id), token, nil)
		first[name] = out["id"].(string)
	}
	const window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z"
	round := func(link string) (gone map[string]string, last string) {
		t.Helper()
		gone = map[string]string{}
		for {
			status, out := immutable("GET", link, nil)
			if status != 200 {
				t.Fatalf("%d %v", status, out)
			}
			for _, v := range out["value"].([]any) {
				if r, ok := v.(doc)["@removed"].(doc); ok {
					gone[v.(doc)["id"].(string)], _ = r["reason"].(string)
				}
			}
			next, more := out["@odata.nextLink"].(string)
			if !more {
				next = out["@odata.deltaLink"].(string)
			}
			u, err := url.Parse(next)
			if err != nil {
				t.Fatal(err)
			}
			if link = u.RequestURI(); !more {
				return gone, link
			}
		}
	}
	_, link := round(box + "/calendarView/delta?" + window)
	event := func(name string) string { return box + "/events/" + url.PathEscape(ids[name]) }
	x.steer("/sim/events", doc{"mailbox": user.UserPrincipalName, "event": ids["Moved"], "do": "move", "calendar": "Elsewhere"})
	x.steer("/sim/events", doc{"mailbox": user.UserPrincipalName, "event": ids["Feigned"], "do": "feint"})
	immutable("PATCH", event("Left"), doc{"start": doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"}, "end": doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"}})
	immutable("DELETE", event("Deleted"), nil)
	gone, _ := round(link)
	for _, name := range []string{"Moved", "Left", "Deleted", "Feigned"} {
		if gone[ids[name]] != "deleted" {
			t.Errorf("%s: @removed says %q", name, gone[ids[name]])
		}
	}
	if _, lost := gone[ids["Stays"]]; lost || len(gone) != 4 {
		t.Errorf("gone: %v", gone)
	}
	for name, want := range map[string]int{"Moved": 200, "Left": 200, "Deleted": 404, "Feigned": 200, "Stays": 200} {
		status, out := immutable("GET", event(name), nil)
		if status != want || status == 200 && (out["id"] != ids[name] || out["subject"] != name) || status == 404 && code(out) != "ErrorItemNotFound" {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	// By default an id is that of where the event was (graph-facts §2.5).
	_, translated := x.call("POST", box+"/translateExchangeIds", token, doc{"inputIds": []string{ids["Moved"], ids["Stays"]}, "sourceIdType": "restImmutableEntryId", "targetIdType": "restId"})
	for i, name := range []string{"Moved", "Stays"} {
		now := translated["value"].([]any)[i].(doc)["targetId"].(string)
		if status, out := x.call("GET", box+"/events/"+url.PathEscape(now), token, nil); status != 200 || out["subject"] != name {
			t.Errorf("%s by its default id: %d %v", name, status, out)
		}
		if was := first[name]; (was == now) != (name == "Stays") {
			t.Errorf("%s: default id %q, before %q", name, now, was)
		}
		if status, out := x.call("GET", box+"/events/"+url.PathEscape(first[name]), token, nil); (status == 200) != (name == "Stays") {
			t.Errorf("%s by the id of before: %d %v", name, status, out)
		}
	}
	_, calendars := x.call("GET", box+"/calendars?$filter=name eq 'Elsewhere'", token, nil)
	other := calendars["value"].([]any)[0].(doc)["id"].(string)
	status, out := immutable("GET", box+"/calendars/"+url.PathEscape(other)+"/calendarView/delta?"+window, nil)
	if list := out["value"].([]any); status != 200 || len(list) != 1 || list[0].(doc)["id"] != ids["Moved"] {
		t.Errorf("the other calendar: %d %v", status, out)
	}
	for _, bad := range []doc{{}, {"mailbox": user.ID, "event": "x", "do": "move"}, {"mailbox": user.ID, "event": ids["Stays"], "do": "eat"}} {
		if status, out := x.call("POST", "/sim/events", "", bad); status != 400 || out["error"] == "" {
			t.Errorf("%v: %d %v", bad, status, out)
		}
	}
}
