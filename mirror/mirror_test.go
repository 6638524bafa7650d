package mirror_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/mirror"
)

const (
	work    = "AAMkCalendarWork0001="
	private = "AAMkCalendarPrivate2="
	soon    = "2000-01-10" // bubbles begin on the first of January 2000
)

// roster is a roster of one flow.
type roster struct {
	mu   sync.Mutex // guards what follows
	flow flow.Flow
	gone bool // the configuration has no flow
}

func (r *roster) Flows() []flow.Flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return nil
	}
	return []flow.Flow{r.flow}
}

func (r *roster) Flow(name string) (flow.Flow, bool) {
	for _, f := range r.Flows() {
		return f, name == f.Name
	}
	return flow.Flow{}, false
}

func (r *roster) Declares(name string) bool {
	_, has := r.Flow(name)
	return has
}

// remove takes the flow out of the configuration, or puts it back.
func (r *roster) remove(gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = gone
}

// reach sets the flow's mailboxes while the mirror may look.
func (r *roster) reach(m graphwarden.MailboxScope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flow.Mailboxes = m
}

// asleep says that no subscription wakes anything, or that all are woken.
type asleep bool

func (a asleep) Awake(string, string) bool { return !bool(a) }

// set is a mirror over a rig, and the office that it mirrors.
type set struct {
	*rig.Rig
	office     *office
	roster     *roster
	mirror     *mirror.Mirror
	changed    atomic.Int64
	recovered  atomic.Int64
	complaints atomic.Int64 // about feeds, in the log
}

func put(t *testing.T, plan *faulty.Plan, wakers mirror.Wakers, who ...mirror.Directory) *set {
	t.Helper()
	var directory mirror.Directory
	if len(who) > 0 {
		directory = who[0]
	}
	s := &set{Rig: rig.New(t, plan), office: newOffice()}
	s.roster = &roster{flow: s.Flow}
	s.roster.flow.Mailboxes = s.roster.flow.Mailboxes[:1]
	s.roster.flow.Reach = graphwarden.Reach{Past: 30 * 24 * time.Hour, Future: 365 * 24 * time.Hour}
	s.Microsoft.Answer(s.office.ServeHTTP)
	s.office.open(rig.Alice, work, "Work")
	s.every(wakers, directory, 5*time.Minute, 15*time.Minute)
	return s
}

// every has a new mirror sweep so often, without a subscription and with one.
func (s *set) every(wakers mirror.Wakers, directory mirror.Directory, swept, woken time.Duration) {
	s.mirror = mirror.New(mirror.Config{
		Roster: s.roster, Source: graph.New(s.Gate), Wakers: wakers, Store: s.Store, Feeds: leaves{s.Store}, Rounds: s.Store, Standing: s.Store, Removals: s.Store, Skips: s.Store, Directory: directory,
		Log: slog.New(counter{&s.complaints}), Now: time.Now, Random: rand.New(rand.NewPCG(1, 2)), Holder: "test", Readers: 8,
		Swept: swept, Woken: woken,
		Changed: func() { s.changed.Add(1) }, Recovered: func() { s.recovered.Add(1) },
	})
}

// leaves has the end of a feed whose mailbox or flow left be a step of a name.
type leaves struct{ mirror.Feeds }

func (l leaves) LeaveFeed(ctx context.Context, tx graphwarden.Tx, id int64) ([]graphwarden.Change, error) {
	tx.Step("leave")
	return l.Feeds.LeaveFeed(ctx, tx, id)
}

// update runs do in one update that must succeed.
func (s *set) update(t *testing.T, do func(context.Context, graphwarden.Tx) error) {
	t.Helper()
	if err := s.Store.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// counter is a log that counts the warnings about feeds.
type counter struct{ n *atomic.Int64 }

func (c counter) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (c counter) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "reading a feed" {
		c.n.Add(1)
	}
	return nil
}
func (c counter) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c counter) WithGroup(string) slog.Handler      { return c }

// run sets the mirror going until the returned function is called.
func (s *set) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { done <- s.mirror.Run(ctx) }()
	go func() { done <- s.mirror.Find(ctx) }()
	return func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("Run and Find = %v", err)
		}
	}
}

// story tells the changes so far, e.g. "created a Standup; deleted a".
func (s *set) story(t *testing.T) string {
	t.Helper()
	changes, err := s.Store.ChangesAfter(t.Context(), "office", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, c := range changes {
		line := string(c.Kind) + " " + strings.TrimPrefix(c.Item, long)
		if c.Body != nil {
			var e event
			if err := json.Unmarshal(c.Body, &e); err != nil {
				t.Fatal(err)
			}
			line += " " + e.Subject
		}
		told = append(told, line)
	}
	return strings.Join(told, "; ")
}

func (s *set) wants(t *testing.T, want string) {
	t.Helper()
	if got := s.story(t); got != want {
		t.Errorf("the changes are\n%s\nwant\n%s", got, want)
	}
}

func (s *set) mark(t *testing.T) {
	t.Helper()
	err := s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		tx.AfterCommit(s.mirror.Wake)
		_, err := s.Store.MarkDirty(ctx, tx, "office", rig.Alice)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestACalendarIsFoundReadAndKeptInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		for _, id := range []string{"a", "b", "c", "d", "e"} {
			s.office.put(rig.Alice, work, id, "Meeting", soon)
		}
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.wants(t, "created a Meeting; created b Meeting; created c Meeting; created d Meeting; created e Meeting")
		if s.changed.Load() == 0 {
			t.Error("nobody was told")
		}

		s.office.put(rig.Alice, work, "a", "Moved", soon)
		s.office.remove(rig.Alice, work, "b")
		s.mark(t)
		time.Sleep(time.Second)
		all := "created a Meeting; created b Meeting; created c Meeting; created d Meeting; created e Meeting; updated a Moved; deleted b"
		s.wants(t, all)

		s.office.put(rig.Alice, work, "f", "Unannounced", soon) // its notification is lost
		time.Sleep(6 * time.Minute)
		s.wants(t, all+"; created f Unannounced")
	})
}

// TestPagesOfAFullReadAreStoredTogether has a calendar of three pages, of which the last
// is refused at first: those before it are not read again.
func TestPagesOfAFullReadAreStoredTogether(t *testing.T) {
	for name, refused := range map[string]bool{"in one go": false, "when one is refused": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				for _, id := range []string{"a", "b", "c", "d", "e"} {
					s.office.put(rig.Alice, work, id, "Meeting", soon)
				}
				var deltas, anew atomic.Int64
				s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.HasSuffix(r.URL.Path, "/delta") {
						return false
					}
					if !strings.Contains(r.URL.RawQuery, "token=") {
						anew.Add(1)
					}
					if deltas.Add(1) != 3 || !refused {
						return false
					}
					w.WriteHeader(http.StatusBadGateway)
					return true
				})
				stop := s.run(t)
				defer stop()
				time.Sleep(time.Second)
				four := "created a Meeting; created b Meeting; created c Meeting; created d Meeting"
				parts := int64(1)
				if refused {
					s.wants(t, four)
					parts = 2
					time.Sleep(10 * time.Minute)
				}
				s.wants(t, four+"; created e Meeting")
				if n := s.changed.Load(); n != parts {
					t.Errorf("it was stored in %d parts", n)
				}
				if n := anew.Load(); n != 1 {
					t.Errorf("it was read from its beginning %d times", n)
				}
			})
		})
	}
}

func TestANotificationThatIsEarlierThanTheDeltaIsFollowedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(false))
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.mark(t)
		time.Sleep(time.Second) // read, and nothing there yet
		s.office.put(rig.Alice, work, "a", "Late", soon)
		time.Sleep(25 * time.Second)
		s.wants(t, "created a Late")
	})
}

// TestNoFeedGoesUnreadLongerThanItsSweep has a feed that showed none of the news that it
// was said to have, and then has some that nobody speaks of.
func TestNoFeedGoesUnreadLongerThanItsSweep(t *testing.T) {
	for _, wakers := range []asleep{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := put(t, nil, wakers)
			s.every(wakers, nil, 4*time.Second, 4*time.Second)
			stop := s.run(t)
			defer stop()
			time.Sleep(time.Second)
			s.mark(t)
			time.Sleep(time.Second) // read, and nothing there
			s.office.put(rig.Alice, work, "a", "Unannounced", soon)
			time.Sleep(7 * time.Second)
			s.wants(t, "created a Unannounced")
		})
	}
}

func TestSweepsAreSeldomWhileSubscriptionsWake(t *testing.T) {
	for situation, test := range map[string]struct {
		wakers asleep
		least  int
		most   int
	}{
		"with a subscription":    {false, 3, 6},
		"without a subscription": {true, 10, 15},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, test.wakers)
				stop := s.run(t)
				time.Sleep(time.Hour)
				stop()
				if n := s.office.times("/delta"); n < test.least || n > test.most {
					t.Errorf("the calendar was read %d times in an hour", n)
				}
			})
		})
	}
}

func TestCalendarsComeAndGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.office.open(rig.Alice, private, "Private")
		s.office.put(rig.Alice, private, "p", "Dentist", soon)
		s.office.close(rig.Alice, work)
		time.Sleep(17 * time.Minute)
		s.wants(t, "created a Meeting; deleted a; created p Dentist")
		feeds, err := s.Store.Feeds(t.Context(), "office")
		if err != nil || len(feeds) != 1 || feeds[0].Title != "Private" || feeds[0].ReadAt.IsZero() {
			t.Errorf("the feeds are %+v, %v", feeds, err)
		}
	})
}

func TestACursorThatHasEndedLeadsToAFullReadWithoutDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		for _, id := range []string{"a", "b", "c", "d"} {
			s.office.put(rig.Alice, work, id, "Meeting", soon)
		}
		s.office.put(rig.Alice, work, "old", "Before the window", "1999-11-01")
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		before := s.story(t)
		s.office.remove(rig.Alice, work, "b") // never seen in a delta
		s.office.remove(rig.Alice, work, "old")
		s.office.put(rig.Alice, work, "c", "Moved", soon)
		s.office.forget()
		s.mark(t)
		time.Sleep(time.Second)
		s.wants(t, before+"; updated c Moved; deleted b")
	})
}

func TestACursorThatEndsAgainAndAgainIsGivenRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/delta") {
				refuse(w, http.StatusGone, "resyncRequired")
				return true
			}
			return false
		})
		stop := s.run(t)
		time.Sleep(time.Minute)
		stop()
		if n := s.office.times("/delta"); n < 2 || n > 16 {
			t.Errorf("the calendar was read %d times in a minute", n)
		}
	})
}

func TestTroubleWithOneMailboxHoldsUpNoOther(t *testing.T) {
	for situation, trouble := range map[string]func(http.ResponseWriter){
		"throttled":   func(w http.ResponseWriter) { w.Header().Set("Retry-After", "600"); w.WriteHeader(429) },
		"unavailable": func(w http.ResponseWriter) { w.WriteHeader(503) },
		"forbidden":   func(w http.ResponseWriter) { refuse(w, 403, "ErrorAccessDenied") },
		"not enabled": func(w http.ResponseWriter) { refuse(w, 404, "MailboxNotEnabledForRESTAPI") },
		"unreadable":  func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"cut off":     func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				s.roster.reach(s.Flow.Mailboxes)
				s.office.open(rig.Bob, private, "Bob's")
				s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
					if !strings.Contains(r.URL.Path, rig.Alice) {
						return false
					}
					trouble(w)
					return true
				})
				stop := s.run(t)
				time.Sleep(time.Minute)
				s.office.mu.Lock()
				asked := 0
				for _, path := range s.office.asked {
					if strings.Contains(path, rig.Alice) {
						asked++
					}
				}
				s.office.mu.Unlock()
				s.office.set(nil)
				if asked > 9 {
					t.Errorf("the mailbox in trouble was asked %d times in a minute", asked)
				}
				s.office.put(rig.Bob, private, "b", "Lunch", soon)
				s.office.put(rig.Alice, work, "a", "After the trouble", soon)
				time.Sleep(20 * time.Minute)
				stop()
				got := s.story(t)
				if !strings.Contains(got, "created b Lunch") || !strings.Contains(got, "created a After the trouble") {
					t.Errorf("the changes are %s", got)
				}
			})
		})
	}
}

func TestTroubleIsTriedSoonAndThenSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		fail := func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/delta") {
				refuse(w, http.StatusForbidden, "ErrorAccessDenied")
				return true
			}
			return false
		}
		reads := func(span time.Duration) int {
			before := s.office.times("/delta")
			time.Sleep(span)
			return s.office.times("/delta") - before
		}
		s.office.set(fail)
		s.mark(t)
		if n := reads(25 * time.Second); n != 5 {
			t.Errorf("%d attempts at first, want 5: at once, after 1, 2, 4 and 8 s", n)
		}
		time.Sleep(30 * time.Minute)
		if n := reads(time.Hour); n < 7 || n > 11 {
			t.Errorf("%d attempts in an hour of trouble that is half an hour old, want 9: each after an eighth of its age", n)
		}
		if n := s.recovered.Load(); n != 0 {
			t.Errorf("it was told recovered %d times while it was in trouble", n)
		}
		s.office.set(nil)
		time.Sleep(20 * time.Minute)
		if n := s.recovered.Load(); n != 1 {
			t.Errorf("it was told recovered %d times, want once", n)
		}
		s.office.set(fail)
		s.mark(t)
		if n := reads(25 * time.Second); n != 5 {
			t.Errorf("%d attempts at the next trouble, want 5 again", n)
		}
	})
}

func TestAWaitThatMicrosoftAsksForIsWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "/delta") {
				return false
			}
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		})
		stop := s.run(t)
		time.Sleep(11 * time.Minute)
		stop()
		if n := s.complaints.Load(); n != 2 {
			t.Errorf("the log complains %d times in eleven minutes, want at once and after ten", n)
		}
	})
}

func TestAReaderThatIsStoppedPutsItsFeedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		s.office.set(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/delta") {
				time.Sleep(10 * time.Second)
			}
			return false
		})
		stop := s.run(t)
		time.Sleep(time.Second)
		stop() // in the middle of a page
		s.office.set(nil)
		stop = s.run(t)
		time.Sleep(3 * time.Second)
		s.wants(t, "created a Meeting")
		stop()
	})
}

func TestNewsThatComeWhileAFeedIsReadAreReadRightAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.office.set(func(_ http.ResponseWriter, r *http.Request) bool {
			time.Sleep(1900 * time.Millisecond) // nearly a poll
			return false
		})
		before := s.office.times("/delta")
		s.mark(t)
		time.Sleep(500 * time.Millisecond)
		s.mark(t)
		time.Sleep(1500 * time.Millisecond)
		if n := s.office.times("/delta") - before; n != 2 {
			t.Errorf("%d reads had begun, want a second one right after the first", n)
		}
	})
}

func TestAFeedWhoseMailboxLeftTheFlowRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		synctest.Wait()
		s.roster.reach(nil)
		before := s.office.times("")
		time.Sleep(time.Hour)
		if n := s.office.times("") - before; n != 0 {
			t.Errorf("the mailbox was asked %d times after it had left", n)
		}
	})
}

// TestACutRepeatsAPageAndSkipsNone cuts every request and every commit of a first
// read, one after the other, before and after its effect.
func TestACutRepeatsAPageAndSkipsNone(t *testing.T) {
	const want = "created a Meeting; created b Meeting; created c Meeting; created d Meeting; created e Meeting"
	page := "GET /v1.0/users/" + rig.Alice + "/calendars/" + work + "/calendarView/delta"
	var cuts []faulty.Cut
	for _, moment := range []faulty.Moment{faulty.Before, faulty.After} {
		for nth := range 3 {
			cuts = append(cuts, faulty.Cut{Step: page, Nth: nth + 1, At: moment})
		}
		for nth := range 11 {
			cuts = append(cuts, faulty.Cut{Step: "commit", Nth: nth + 1, At: moment})
		}
	}
	for _, cut := range cuts {
		t.Run(fmt.Sprintf("%s %d %s", cut.Step[:4], cut.Nth, cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, faulty.NewPlan(t, cut), asleep(true))
				for _, id := range []string{"a", "b", "c", "d", "e"} {
					s.office.put(rig.Alice, work, id, "Meeting", soon)
				}
				stop := s.run(t)
				time.Sleep(3 * time.Minute)
				stop()
				s.wants(t, want)
				if report, err := audit.Database(t.Context(), s.Store, nil); err != nil || !report.Sound() {
					t.Errorf("the ledger verifies as %+v, %v", report, err)
				}
			})
		})
	}
}

func TestARestartGoesOnFromTheCursor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		stop := s.run(t)
		time.Sleep(time.Second)
		stop()
		s.office.put(rig.Alice, work, "b", "While we slept", soon)
		stop = s.run(t)
		time.Sleep(time.Second) // long before the next sweep
		stop()
		s.wants(t, "created a Meeting; created b While we slept")
		whole := 0
		for _, q := range s.Microsoft.Requests() {
			if q.URL.Query().Has("startDateTime") {
				whole++
			}
		}
		if whole != 1 {
			t.Errorf("the calendar was read from its beginning %d times", whole)
		}
	})
}
