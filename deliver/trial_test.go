package deliver_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/faulty"
)

// entriesOf are the ledger's entries in a line each.
func (s *set) entriesOf(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, e := range s.Entries(t) {
		lines = append(lines, strings.TrimSpace(e.Path+"|"+e.Note))
	}
	return strings.Join(lines, "\n")
}

// TestATestDeliveryIsSentAsARealOneAndMarked: verified by the receiver's own code,
// and nothing that the sink has is moved.
func TestATestDeliveryIsSentAsARealOneAndMarked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		synctest.Wait()
		before := s.state(t)
		for _, kind := range []string{"", "created", "updated", "deleted"} {
			got, err := s.desk().Try(t.Context(), deliver.Trial{Sink: "shop", Kind: kind})
			if err != nil || !got.Sent || !got.Taken || got.Status != http.StatusOK {
				t.Fatalf("%q: %+v, %v", kind, got, err)
			}
			last := s.shop.got[len(s.shop.got)-1]
			if kind == "" {
				kind = "created"
			}
			if !last.Test || last.ID != got.ID || !strings.HasPrefix(last.ID, "msg_test_") || last.Sequence != 0 || last.Type != "com.graphwarden.event."+kind ||
				(last.Data.Item == nil) != (kind == "deleted") || last.Data.Mailbox != "test@graphwarden.invalid" {
				t.Errorf("%s: the receiver got %+v", kind, last)
			}
		}
		if len(s.shop.got) != 5 || len(s.shop.wrong) > 0 || s.shop.got[0].Test {
			t.Errorf("%d came, wrong are %v; the real one is %+v", len(s.shop.got), s.shop.wrong, s.shop.got[0])
		}
		if after := s.state(t); after != before {
			t.Errorf("the sink was %+v and is %+v", before, after)
		}
		if said := s.entriesOf(t); said != strings.TrimSuffix(strings.Repeat("sink.try shop|a test delivery is sent\nsink.try shop|the test delivery was taken\n", 4), "\n") {
			t.Errorf("the ledger says\n%s", said)
		}
	})
}

// TestATestDeliveryThatIsNotTakenIsSaidAndNotTriedAgain also when the sink's own
// filter keeps it.
func TestATestDeliveryThatIsNotTakenIsSaidAndNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
			c.Targets[0].Shape = deliver.Shape{Kinds: []graphwarden.ChangeKind{graphwarden.Created}, Mailboxes: []string{"anna@contoso.com"}, Fields: []string{"subject"}}
			c.Targets = append(c.Targets, deliver.Target{Sink: graphwarden.Sink{Name: "table", Flow: "office", Kind: graphwarden.Table}})
		})
		stop := s.run(t)
		defer stop()
		s.shop.set(says(http.StatusTeapot))
		got, err := s.desk().Try(t.Context(), deliver.Trial{Sink: "shop"})
		if err != nil || !got.Sent || got.Taken || got.Status != http.StatusTeapot || !strings.Contains(got.Reason, "418") {
			t.Errorf("%+v, %v", got, err)
		}
		if strings.Contains(string(got.Envelope.Data.Item), "showAs") {
			t.Errorf("it has another shape than the sink's: %s", got.Envelope.Data.Item)
		}
		time.Sleep(time.Hour)
		if s.shop.hits != 1 {
			t.Errorf("it came %d times", s.shop.hits)
		}
		got, err = s.desk().Try(t.Context(), deliver.Trial{Sink: "shop", Kind: "deleted"})
		if err != nil || got.Sent || !strings.Contains(got.Reason, "filter") {
			t.Errorf("what the filter leaves out: %+v, %v", got, err)
		}
		got, err = s.desk().Try(t.Context(), deliver.Trial{Sink: "shop", DryRun: true})
		if err != nil || got.Sent || !got.Envelope.Test || s.shop.hits != 1 {
			t.Errorf("a rehearsal: %+v, %v", got, err)
		}
		for _, wrong := range []deliver.Trial{{Sink: "table"}, {Sink: "shop", Kind: "snapshot"}, {Sink: "nobody"}} {
			var r *graphwarden.Refusal
			if _, err := s.desk().Try(t.Context(), wrong); !errors.As(err, &r) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if said := s.entriesOf(t); said != "sink.try shop|a test delivery is sent\nsink.try shop|the test delivery was not taken: The receiver answered 418." {
			t.Errorf("the ledger says\n%s", said)
		}
	})
}

// TestATestDeliveryIsWrittenDownBeforeItLeaves: cut before and after each step, what
// the receiver got is in the ledger, once.
func TestATestDeliveryIsWrittenDownBeforeItLeaves(t *testing.T) {
	for _, c := range []struct {
		cut           faulty.Cut
		entries, hits int
		fails         bool
	}{
		{faulty.Cut{Step: "commit", Nth: 1, At: faulty.Before}, 0, 0, true},
		{faulty.Cut{Step: "commit", Nth: 1, At: faulty.After}, 1, 0, true},
		{faulty.Cut{Step: "POST /hook", Nth: 1, At: faulty.Before}, 2, 0, false},
		{faulty.Cut{Step: "POST /hook", Nth: 1, At: faulty.After}, 2, 1, false}, // its answer is lost: not taken, as far as we know
		{faulty.Cut{Step: "commit", Nth: 2, At: faulty.Before}, 1, 1, true},
		{faulty.Cut{Step: "commit", Nth: 2, At: faulty.After}, 2, 1, true},
	} {
		t.Run(fmt.Sprintf("%s %d %s", c.cut.Step, c.cut.Nth, c.cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := faulty.NewPlan(t, c.cut)
				s := put(t, plan)
				got, err := s.desk().Try(t.Context(), deliver.Trial{Sink: "shop"})
				if (err != nil) != c.fails || err == nil && got.Taken || s.shop.hits != c.hits || len(s.Entries(t)) != c.entries {
					t.Errorf("%+v, %v; it came %d times, and the ledger says\n%s", got, err, s.shop.hits, s.entriesOf(t))
				}
			})
		})
	}
}
