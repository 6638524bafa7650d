package watch_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

// facts are what looks look at.
type facts struct {
	ages      []graphwarden.FeedAge
	coverage  []graphwarden.Coverage
	sinks     []graphwarden.SinkState
	standings []graphwarden.Standing
	waits     []graphwarden.Waiting
	kept      []graphwarden.Restriction
	unsure    []graphwarden.Unsure
}

func (f facts) Unsure(_ context.Context, since time.Time) ([]graphwarden.Unsure, error) {
	return slices.DeleteFunc(slices.Clone(f.unsure), func(u graphwarden.Unsure) bool { return u.Since.Before(since) }), nil
}

func (f facts) Restrictions(context.Context) ([]graphwarden.Restriction, error) { return f.kept, nil }

func (f facts) FeedAges(context.Context) ([]graphwarden.FeedAge, error) { return f.ages, nil }
func (f facts) Coverage(context.Context, time.Time) ([]graphwarden.Coverage, error) {
	return f.coverage, nil
}
func (f facts) SinkStates(context.Context) ([]graphwarden.SinkState, error) { return f.sinks, nil }
func (f facts) Waiting(context.Context, time.Time) ([]graphwarden.Waiting, error) {
	return f.waits, nil
}
func (f facts) Standings(context.Context) ([]graphwarden.Standing, error) { return f.standings, nil }

func TestEachLookSeesWhatIsWrongAndNothingElse(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	age := func(flow string, read time.Time) graphwarden.FeedAge {
		return graphwarden.FeedAge{Flow: flow, Tenant: "contoso", Mailbox: "anna@contoso.example", ReadAt: read}
	}
	sink := func(s graphwarden.SinkState) watch.Look {
		s.Name = "office"
		return watch.Sinks(facts{sinks: []graphwarden.SinkState{s}})
	}
	kept := func(s graphwarden.RestrictionState) watch.Look {
		return watch.Restrictions(facts{kept: []graphwarden.Restriction{{Registration: "contoso/calendar", State: s, Say: "So it is."}}})
	}
	proven := func(at time.Time) watch.Look {
		return watch.Restrictions(facts{kept: []graphwarden.Restriction{{Registration: "contoso/calendar", State: graphwarden.RestrictionProven, ProvenAt: at}}})
	}
	connection := func(s graphwarden.Standing) watch.Look {
		if s.Registration == "" {
			s.Registration = "contoso/calendar"
		}
		return watch.Connections(facts{standings: []graphwarden.Standing{s}}, nil)
	}
	anna := graphwarden.Account{ID: "1", Name: "anna@contoso.example"}
	wait := func(app, mailbox string, why graphwarden.Shortage) graphwarden.Waiting {
		return graphwarden.Waiting{App: app, Registration: "contoso/calendar", Mailbox: graphwarden.Mailbox{ID: mailbox}, Why: why, Since: ago(6 * time.Minute), Last: now, Count: 9}
	}
	room := func(free, total uint64) watch.Look {
		return watch.Disk("/data", func(string) (watch.Room, error) { return watch.Room{Free: free << 20, Total: total << 20}, nil })
	}
	clock := func(off time.Duration, known bool) watch.Look {
		return watch.Clock(func() (time.Duration, bool) { return off, known })
	}
	backup := func(last time.Time, made time.Duration) watch.Look {
		return watch.Backup(func(context.Context) (time.Time, error) { return last, nil }, 2*day,
			func(context.Context) (time.Time, error) { return ago(made), nil })
	}
	integrity := func(i graphwarden.Inspected) watch.Look {
		return watch.Integrity(func(context.Context) (graphwarden.Inspected, error) { return i, nil }, day, func(context.Context) (time.Time, error) { return ago(9 * day), nil })
	}
	signed := func(s watch.Signed) watch.Look {
		return watch.Ledger(func(context.Context) (watch.Signed, error) { return s, nil })
	}
	for _, s := range []struct {
		name string
		look watch.Look
		want string // code severity, in order
	}{
		{"a ledger that is signed", signed(watch.Signed{}), ""},
		{"entries of a minute ago", signed(watch.Signed{Waiting: 9, Since: ago(time.Minute)}), ""},
		{"entries that wait for a checkpoint", signed(watch.Signed{Waiting: 9, Since: ago(6 * time.Minute)}), "ledger_unsigned warning"},
		{"a ledger that is another", signed(watch.Signed{Wrong: &graphwarden.Refusal{Code: "ledger.forked", Say: "It is another.", Do: "Look."}}), "ledger_wrong critical"},
		{"a witness that does not cosign", signed(watch.Signed{Unseen: map[string]watch.Unseen{"w1": {ago(6 * time.Minute), errors.New("it is ill")}, "w2": {ago(time.Minute), errors.New("it is ill")}}}), "ledger_unsigned warning"},
		{"fresh feeds", watch.Stale(facts{ages: []graphwarden.FeedAge{age("a", ago(20*time.Minute))}}, 31*time.Minute), ""},
		{"no feeds", watch.Stale(facts{}, time.Minute), ""},
		{"a stale feed among fresh ones", watch.Stale(facts{ages: []graphwarden.FeedAge{age("a", ago(time.Minute)), age("a", ago(40*time.Minute)), age("b", now)}}, 31*time.Minute), "feed_stale warning"},
		{"feeds of two flows stale for long", watch.Stale(facts{ages: []graphwarden.FeedAge{age("a", ago(3*time.Hour)), age("a", ago(4*time.Hour)), age("b", ago(5*time.Hour))}}, 31*time.Minute), "feed_stale critical, feed_stale critical"},
		{"a feed that was never read", watch.Stale(facts{ages: []graphwarden.FeedAge{age("a", time.Time{})}}, time.Minute), "feed_unread warning"},
		{"every mailbox has a subscription", watch.Subscriptions(facts{coverage: []graphwarden.Coverage{{Flow: "a", Mailboxes: 3, Covered: 3}}}), ""},
		{"a subscription has lapsed", watch.Subscriptions(facts{coverage: []graphwarden.Coverage{{Flow: "a", Mailboxes: 3, Covered: 2}}}), "subscription_missing warning"},
		{"a connection that works", connection(graphwarden.Standing{SignedInAt: now}), ""},
		{"a sign-in that is refused", connection(graphwarden.Standing{RefusedAt: now, RefusedSay: "No."}), "sign_in_refused critical"},
		{"a revoked connection", connection(graphwarden.Standing{RevokedAt: now, RefusedAt: now}), "connection_revoked warning"},
		{"a credential with 31 days", connection(graphwarden.Standing{ExpiresAt: now.Add(31 * day)}), ""},
		{"a credential with 30 days", connection(graphwarden.Standing{ExpiresAt: now.Add(30 * day)}), "credential_expiring info"},
		{"a credential with 7 days", connection(graphwarden.Standing{ExpiresAt: now.Add(7 * day)}), "credential_expiring warning"},
		{"a credential with a day", connection(graphwarden.Standing{ExpiresAt: now.Add(day)}), "credential_expiring critical"},
		{"an expired credential", connection(graphwarden.Standing{ExpiresAt: ago(day)}), "credential_expiring critical"},
		{"a sink that takes all", sink(graphwarden.SinkState{Pending: 3, OldestAt: ago(time.Minute)}), ""},
		{"a sink that fails", sink(graphwarden.SinkState{FailingSince: ago(time.Minute)}), "sink_failing warning"},
		{"a sink that has failed for long", sink(graphwarden.SinkState{FailingSince: ago(2 * time.Hour)}), "sink_failing critical"},
		{"a disabled sink", sink(graphwarden.SinkState{Disabled: "gone", FailingSince: ago(time.Hour)}), "sink_disabled critical"},
		{"a sink that lags", sink(graphwarden.SinkState{Pending: 9, OldestAt: ago(time.Hour)}), "sink_lagging warning"},
		{"dead letters", sink(graphwarden.SinkState{Dead: 2}), "dead_letters warning"},
		{"a disk with room", room(50_000, 100_000), ""},
		{"a large disk with room", room(30_000, 4_000_000), ""},
		{"a disk nearly full", room(3000, 100_000), "disk_low warning"},
		{"a full disk", room(100, 100_000), "disk_low critical"},
		{"a disk of which nothing is known", room(0, 0), ""},
		{"a clock that is right", clock(4*time.Minute, true), ""},
		{"a clock of which nothing is known", clock(time.Hour, false), ""},
		{"a clock that is ahead", clock(6*time.Minute, true), "clock_skew critical"},
		{"a clock that is behind", clock(-6*time.Minute, true), "clock_skew critical"},
		{"a new database", backup(time.Time{}, day), ""},
		{"never backed up", backup(time.Time{}, 3*day), "backup_old warning"},
		{"a backup of yesterday", backup(ago(day), 9*day), ""},
		{"an old backup", backup(ago(3*day), 9*day), "backup_old warning"},
		{"a database that is sound", integrity(graphwarden.Inspected{At: ago(day), TriedAt: ago(day)}), ""},
		{"a damaged database", integrity(graphwarden.Inspected{At: ago(day), Wrong: "3 gaps in the ledger"}), "database_damaged critical"},
		{"a database that takes too long to read", integrity(graphwarden.Inspected{At: ago(5 * day), TriedAt: now, Problem: "it takes longer than 10m0s"}), "database_unchecked warning"},
		{"a database that was never read through", integrity(graphwarden.Inspected{}), "database_unchecked warning"},
		{"nobody waits", watch.Budgets(facts{}), ""},
		{"a message that nobody knows of", watch.Writes(facts{unsure: []graphwarden.Unsure{{App: "crm", Mail: true, Count: 1, Since: ago(time.Hour)}}}), "write_uncertain warning"},
		{"one of last week", watch.Writes(facts{unsure: []graphwarden.Unsure{{App: "crm", Mail: true, Count: 1, Since: ago(7 * day)}}}), ""},
		{"an app that waits for calls in two mailboxes", watch.Budgets(facts{waits: []graphwarden.Waiting{wait("crm", "m1", graphwarden.ShortOfCalls), wait("crm", "m2", graphwarden.ShortOfPlaces)}}), "budget_exhausted warning"},
		{"an app that waited twice", watch.Budgets(facts{waits: []graphwarden.Waiting{{App: "crm", Since: ago(9 * time.Minute), Last: now, Count: 2}}}), ""},
		{"an app that waits since a moment ago", watch.Budgets(facts{waits: []graphwarden.Waiting{{App: "crm", Since: ago(time.Minute), Last: now, Count: 20}}}), ""},
		{"two apps that wait", watch.Budgets(facts{waits: []graphwarden.Waiting{wait("crm", "m1", graphwarden.AskedToWait), wait("desk", "", graphwarden.AskedToWait)}}), "budget_exhausted warning, budget_exhausted warning"},
		{"an app that is restricted", kept(graphwarden.RestrictionProven), ""},
		{"an app that was proven to be restricted an hour ago", proven(ago(time.Hour)), "restriction_proven info"},
		{"one that was proven two days ago", proven(ago(2 * day)), ""},
		{"a restriction for other mailboxes than the flows", kept(graphwarden.RestrictionPast), "restriction_outdated warning"},
		{"an app that waits for Exchange", kept(graphwarden.RestrictionWaiting), ""},
		{"a restriction that a consent makes idle", kept(graphwarden.RestrictionOpen), "consent_left warning"},
		{"a restriction that does not hold", kept(graphwarden.RestrictionFailed), "restriction_failed critical"},
		{"a person who is signed in", connection(graphwarden.Standing{Account: anna, SignedInAt: now}), ""},
		{"a person who must sign in again", connection(graphwarden.Standing{Account: anna, SignedInAt: ago(day), RefusedAt: now, RefusedSay: "No."}), "person_signed_out critical"},
		{"a person who has not been there for long", connection(graphwarden.Standing{Account: anna, SignedInAt: ago(84 * day)}), "person_expiring warning"},
		{"a person with eight days left", connection(graphwarden.Standing{Account: anna, SignedInAt: ago(82 * day)}), ""},
		{"a person whom somebody revoked", connection(graphwarden.Standing{Registration: "contoso/calendar@1", RevokedAt: now}), ""},
	} {
		t.Run(s.name, func(t *testing.T) {
			list, err := s.look.See(t.Context(), now)
			var got []string
			for _, x := range list {
				got = append(got, strings.TrimPrefix(x.Code, "notice.")+" "+string(x.Severity))
				if !slices.Contains(s.look.Codes, x.Code) || x.Say == "" || x.Do == "" || x.Subject == "" {
					t.Errorf("something is missing: %+v", x)
				}
			}
			if err != nil || strings.Join(got, ", ") != s.want {
				t.Errorf("it sees %q, not %q: %v", got, s.want, err)
			}
		})
	}
	if _, err := watch.Database(func(context.Context) error { return errors.New("no") }).See(t.Context(), now); err == nil {
		t.Error("a database that does not answer is not seen")
	}
	if r, err := watch.RoomOf(t.TempDir()); err != nil || r.Total == 0 || r.Free == 0 {
		t.Errorf("the room here is %+v: %v", r, err)
	}
}

func TestTheClockIsComparedWithTheDateOfAnswers(t *testing.T) {
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", now.Add(-time.Hour).Format(http.TimeFormat))
	}))
	defer server.Close()
	skew := &watch.Skew{Now: func() time.Time { return now }}
	if _, known := skew.Off(); known {
		t.Error("it knows before anything answered")
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	answer, err := skew.Through(http.DefaultClient).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if off, known := skew.Off(); !known || off != time.Hour {
		t.Errorf("ahead by %s", off)
	}
}

func TestTheStoreSaysHowFeedsAre(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for _, resource := range []string{"a", "b"} {
			for _, mailbox := range []string{"1", "2"} {
				_, err := s.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: mailbox, UPN: mailbox + "@x"}, Resource: resource})
				if err != nil {
					return err
				}
			}
		}
		return s.PutSubscription(ctx, tx, graphwarden.Subscription{ID: "s", Flow: "office", Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: "1"},
			ExpiresAt: time.Now().Add(time.Hour)})
	})
	if err != nil {
		t.Fatal(err)
	}
	ages, err := s.FeedAges(t.Context())
	if err != nil || len(ages) != 4 || !ages[0].ReadAt.IsZero() || ages[0].Mailbox == "" {
		t.Errorf("%+v %v", ages, err)
	}
	for at, covered := range map[time.Duration]int{0: 1, 2 * time.Hour: 0} {
		list, err := s.Coverage(t.Context(), time.Now().Add(at))
		if err != nil || len(list) != 1 || list[0] != (graphwarden.Coverage{Flow: "office", Tenant: "contoso", Mailboxes: 2, Covered: covered}) {
			t.Errorf("after %s: %+v %v", at, list, err)
		}
	}
}
