package deliver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

const hush = "nobody's business"

func event(kind graphwarden.ChangeKind, sensitivity string) graphwarden.Delivery {
	d := graphwarden.Delivery{ID: "msg_1", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: "id-ada", UPN: "ada@contoso.example"}, Resource: "cal/=", Title: "Work",
		Change: graphwarden.Change{Seq: 7, Item: "AAMk/=", Kind: kind, At: time.Unix(0, 0)}}
	if kind != graphwarden.Deleted {
		d.Change.Body = json.RawMessage(`{"@odata.etag":"W/\"9\"","id":"AAMk/=","subject":"` + hush + `","sensitivity":"` + sensitivity +
			`","start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"},"showAs":"busy"}`)
	}
	return d
}

// TestWhatASinkIsTold goes through the shapes.
func TestWhatASinkIsTold(t *testing.T) {
	for _, s := range []struct {
		name  string
		shape deliver.Shape
		event graphwarden.Delivery
		told  string // in the data; "" is not at all
		not   string
	}{
		{"everything of a normal one", deliver.Shape{}, event("created", "normal"), hush, `"link"`},
		{"the time of a private one", deliver.Shape{}, event("created", "private"), "2026-03-02T08:00:00", hush},
		{"the time of a confidential one", deliver.Shape{}, event("updated", "confidential"), "2026-03-02T08:00:00", hush},
		{"a private one in full", deliver.Shape{Private: deliver.Full}, event("created", "private"), hush, `"link"`},
		{"a private one that is dropped", deliver.Shape{Private: deliver.Drop}, event("created", "private"), "", ""},
		{"one that became private and is dropped", deliver.Shape{Private: deliver.Drop}, event("updated", "private"), "event.deleted", hush},
		{"the deletion of one", deliver.Shape{Private: deliver.Drop}, event("deleted", ""), "event.deleted", hush},
		{"chosen fields", deliver.Shape{Fields: []string{"showAs"}}, event("created", "normal"), `"showAs":"busy"`, hush},
		{"chosen fields of a private one", deliver.Shape{Fields: []string{"subject"}}, event("created", "private"), `"item"`, hush},
		{"by reference", deliver.Shape{ByReference: true, Graph: "https://graph.example"}, event("created", "normal"),
			`"etag":"W/\"9\"","link":"https://graph.example/v1.0/users/id-ada/events/AAMk%2F="`, hush},
		{"one that is too large", deliver.Shape{Largest: 100}, event("created", "normal"), `"leftOut":"The item has`, hush},
		{"a kind that it wants", deliver.Shape{Kinds: []graphwarden.ChangeKind{"deleted"}}, event("deleted", ""), "event.deleted", hush},
		{"a kind that it does not want", deliver.Shape{Kinds: []graphwarden.ChangeKind{"deleted"}}, event("created", "normal"), "", ""},
		{"a snapshot, whatever kinds it wants", deliver.Shape{Kinds: []graphwarden.ChangeKind{"deleted"}}, event("snapshot", "normal"), "event.snapshot", ""},
		{"a mailbox that it wants", deliver.Shape{Mailboxes: []string{"ADA@contoso.example"}}, event("created", "normal"), hush, "!"},
		{"a mailbox that it does not want", deliver.Shape{Mailboxes: []string{"bob@contoso.example"}}, event("created", "normal"), "", ""},
	} {
		shown, wanted := s.shape.Apply(s.event)
		if !wanted {
			if s.told != "" {
				t.Errorf("%s: it is not told", s.name)
			}
			continue
		}
		text, err := json.Marshal(s.shape.Envelope(shown))
		if err != nil {
			t.Fatal(err)
		}
		if s.told == "" || !strings.Contains(string(text), s.told) || s.not != "" && strings.Contains(string(text), s.not) {
			t.Errorf("%s: %s", s.name, text)
		}
	}
}

// TestAPrivateItemIsPrivateAtEveryExit lets one pass by a webhook, the stream, a
// replay, a snapshot and a table.
func TestAPrivateItemIsPrivateAtEveryExit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
			c.Targets = append(c.Targets, deliver.Target{Sink: graphwarden.Sink{Name: "table", Flow: "office", Kind: graphwarden.Table}})
		})
		stop := s.run(t)
		defer stop()
		s.item(t, "a", string(event("created", "private").Change.Body))
		s.item(t, "b", string(event("created", "normal").Change.Body))
		synctest.Wait()
		desk := s.desk()
		for _, asked := range []deliver.Asked{{Sink: "shop"}, {Sink: "shop", Snapshot: true}, {Sink: "table"}, {Sink: "table", Snapshot: true}} {
			if r, err := desk.Replay(t.Context(), asked); err != nil || r.Total != 2 {
				t.Fatalf("%+v, %v", r, err)
			}
			synctest.Wait()
		}
		var zero int64
		stream, err := desk.Stream(t.Context(), "office", "", &zero, nil)
		if err != nil {
			t.Fatal(err)
		}
		ahead := int64(1000)
		var refusal *graphwarden.Refusal
		if _, err := desk.Stream(t.Context(), "office", "", &ahead, nil); !errors.As(err, &refusal) || refusal.Code != "deliver.ahead" {
			t.Errorf("after a change that there is not yet: %v", err)
		}
		lines, _, err := stream.Next(t.Context(), 10)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		if len(s.shop.got) != 6 {
			t.Fatalf("%d were told", len(s.shop.got))
		}
		for _, e := range append(s.shop.got, lines...) {
			if shows := strings.Contains(string(e.Data.Item), hush); shows != (e.Subject == "b") || !strings.Contains(string(e.Data.Item), "2026-03-02T08:00:00") {
				t.Errorf("%s of %s: %s", e.Type, e.Subject, e.Data.Item)
			}
		}
		rows := query(t, s.Path, `SELECT item_id, coalesce(subject, '-'), start_utc, body FROM calendar_items ORDER BY item_id`)
		if len(rows) != 2 || rows[0][1] != "-" || rows[1][1] != hush || rows[0][2] != "2026-03-02T08:00:00Z" || strings.Contains(rows[0][3], hush) || !strings.Contains(rows[1][3], hush) {
			t.Errorf("the table has %q", rows)
		}
		s.item(t, "a", "")
		synctest.Wait()
		if rows := query(t, s.Path, `SELECT item_id FROM calendar_items`); len(rows) != 1 || rows[0][0] != "b" {
			t.Errorf("after a deletion the table has %q", rows)
		}
		if r, err := desk.Replay(t.Context(), deliver.Asked{Sink: "table", Last: 2}); err != nil || r.Total != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		synctest.Wait()
		if rows := query(t, s.Path, `SELECT item_id FROM calendar_items`); len(rows) != 1 || rows[0][0] != "b" {
			t.Errorf("told what was before the deletion again, the table has %q", rows)
		}
	})
}

// TestATableIsFilledAnewWhenItsShapeChanges: it must not keep what it may no
// longer show, nor lack what it may.
func TestATableIsFilledAnewWhenItsShapeChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		subjects := func(shape deliver.Shape, kept bool) string {
			s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
				if kept {
					c.Targets = []deliver.Target{{Shape: shape, Sink: graphwarden.Sink{Name: "table", Flow: "office", Kind: graphwarden.Table, Shape: shape.String()}}}
				}
			})
			stop := s.run(t)
			defer stop()
			time.Sleep(time.Minute)
			var all []string
			for _, row := range query(t, s.Path, `SELECT coalesce(subject, '-') FROM calendar_items ORDER BY item_id`) {
				all = append(all, row[0])
			}
			return strings.Join(all, " ")
		}
		s.item(t, "a", `{"id":"a","subject":"one","sensitivity":"private"}`)
		s.item(t, "b", `{"id":"b","subject":"two","sensitivity":"normal"}`)
		for _, step := range []struct {
			shape deliver.Shape
			kept  bool
			want  string
		}{
			{deliver.Shape{Private: deliver.Full}, true, "one two"},
			{deliver.Shape{}, true, "- two"},
			{deliver.Shape{Private: deliver.Drop}, true, "two"},
			{deliver.Shape{}, false, ""}, // no longer declared
			{deliver.Shape{Private: deliver.Full}, true, "one two"},
		} {
			if got := subjects(step.shape, step.kept); got != step.want {
				t.Errorf("%s: the table shows %q, want %q", step.shape, got, step.want)
			}
		}
	})
}

// TestASinkDoesNotFollowARedirect answers with one that leads inside the network:
// nothing is connected to (R43; the guard's
// own cases stand in outbound).
func TestASinkDoesNotFollowARedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		inside := &shop{key: s.shop.key}
		s.Net.Serve("169.254.169.254:80", inside)
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			w.Header().Set("Location", "http://169.254.169.254/latest/meta-data")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return false
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		time.Sleep(time.Minute)
		if hits, _ := inside.counts(); hits != 0 {
			t.Errorf("%d requests followed the redirect", hits)
		}
		if x := s.state(t); x.Failing != 1 || x.Reason != "The receiver answered 307." {
			t.Errorf("the sink is %+v", x)
		}
	})
}
