package act_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// TestAWriteWhoseEventCannotBeReadIsNotPromised: nothing of it is kept, the app is told so,
// and the same key performs it once Microsoft can be asked.
func TestAWriteWhoseEventCannotBeReadIsNotPromised(t *testing.T) {
	for name, fault := range map[string]doc{
		"cut": {"match": "GET /users/*/events*", "cut": "before", "times": 40},
		"503": {"match": "GET /users/*/events*", "status": 503, "times": 40},
		"429": {"match": "GET /users/*/events*", "status": 429, "times": 40},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, "")
			made := h.create("made", "", plain("Review"))
			writes := map[string]func() (graphwarden.Intent, error){
				"update": func() (graphwarden.Intent, error) {
					return h.Update(t.Context(), act.Update{Target: h.to("update"), ID: made.Item, Change: json.RawMessage(`{"subject":"Second review"}`)})
				},
				"delete": func() (graphwarden.Intent, error) {
					return h.Delete(t.Context(), act.Delete{Target: h.to("delete"), ID: made.Item, Version: `W/"old="`})
				},
			}
			h.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{fault}})
			for key, write := range writes {
				in, err := write()
				var later *graphwarden.Later
				if code(err) != "act.unread" || in.ID != "" || errors.As(err, &later) != (name != "cut") {
					t.Errorf("the %s gave %+v, %v", key, in, err)
				}
				if _, found, err := h.rooms.Store.IntentByKey(t.Context(), "crm", key); found || err != nil {
					t.Errorf("of the %s something is kept: %v, %v", key, found, err)
				}
			}
			h.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
			h.clock.advance(600e9)
			if in, err := writes["update"](); err != nil || in.Outcome.State != graphwarden.IntentDone {
				t.Errorf("sent again, the update is %+v, %v", in.Outcome, err)
			}
		})
	}
}

// TestADeletionOfWhatTheMailboxNeverHadIsRefused: an id of another mailbox is a wrong one.
// What was there is done with, however often it is deleted.
func TestADeletionOfWhatTheMailboxNeverHadIsRefused(t *testing.T) {
	h := open(t, "")
	erase := func(key, id string) (graphwarden.Intent, error) {
		return h.Delete(t.Context(), act.Delete{Target: h.to(key), ID: id})
	}
	other := h.request(t, http.MethodPost, "/v1.0/users/"+h.flow.Mailboxes[1].ID+"/events", plain("The other's"))
	if other.Code != http.StatusCreated {
		t.Fatal(other.Body)
	}
	id := idOf(other.Body.Bytes())
	for _, key := range []string{"one", "two"} {
		if in, err := erase(key, id); code(err) != "act.event_unknown" || in.Outcome.State != graphwarden.IntentRefused {
			t.Errorf("deleting the other's gave %+v, %v", in.Outcome, err)
		}
	}
	if got := h.request(t, http.MethodGet, "/v1.0/users/"+h.flow.Mailboxes[1].ID+"/events/"+id, nil); got.Code != http.StatusOK {
		t.Errorf("the other's event is %d", got.Code)
	}
	made := h.create("made", "", plain("Review"))
	for _, key := range []string{"first", "again", "again"} {
		if in, err := erase(key, made.Item); err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Errorf("deleting it %s gave %+v, %v", key, in.Outcome, err)
		}
	}
	// Somebody else deleted what the copy has.
	l := h.local(t)
	theirs := h.request(t, http.MethodPost, h.path("/events"), plain("Outlook's"))
	x := &two{local: l, t: t, r: chance(t), cursor: l.seq, outlook: map[string]string{}}
	x.learns, x.hears = func(graphwarden.Intent) {}, func(graphwarden.Delivery) {}
	x.read()
	id = idOf(theirs.Body.Bytes())
	h.request(t, http.MethodDelete, h.path("/events/"+id), nil)
	if in, err := erase("theirs", id); err != nil || in.Outcome.State != graphwarden.IntentDone {
		t.Errorf("deleting what is gone gave %+v, %v", in.Outcome, err)
	}
}

// TestALimitIsNamed: what is too much is told with how much may be.
func TestALimitIsNamed(t *testing.T) {
	h := open(t, "")
	var guests []any
	for i := range 501 {
		guests = append(guests, doc{"emailAddress": doc{"address": fmt.Sprintf("g%d@b.example", i)}})
	}
	for want, change := range map[string]doc{"Send 500 at most.": {"attendees": guests}, "Shorten it to 255 at most.": {"subject": strings.Repeat("x", 256)}} {
		_, err := h.Update(t.Context(), act.Update{Target: h.to(""), ID: "AAMk", Change: write(t, change)})
		if code(err) != "act.value" || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := h.Write(t.Context(), "crm", "wrt_none"); code(err) != "act.write_unknown" || !strings.Contains(err.Error(), "90") {
		t.Errorf("an unknown write gave %v", err)
	}
}
