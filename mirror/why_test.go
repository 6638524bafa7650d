package mirror_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// people is a directory of one, who is not there without a name.
type people struct{ who graph.Person }

func (p people) Person(context.Context, string, string) (graph.Person, error) {
	if p.who.UPN == "" {
		return graph.Person{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: graph.CodeUserUnknown, Say: "x", Do: "x"}
	}
	return p.who, nil
}

func TestASkippedMailboxSaysWhatIsWrong(t *testing.T) {
	const away, denied = `{"error":{"code":"MailboxNotEnabledForRESTAPI","message":"The mailbox is either inactive, soft-deleted, or is hosted on-premise."}}`,
		`{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`
	person := func(upn, mail string) people {
		return people{graph.Person{Mailbox: graphwarden.Mailbox{ID: rig.Bob, UPN: upn}, Mail: mail}}
	}
	for situation, test := range map[string]struct {
		who     people
		status  int
		answer  string
		all     bool // Alice's is answered so, too
		want    string
		advises string
	}{
		"deleted":              {people{}, 404, away, false, "mirror.mailbox_deleted", "deleted"},
		"a guest":              {person("bob_fabrikam.com#EXT#@contoso.com", "bob@fabrikam.com"), 404, away, false, graphwarden.CodeGuest, "another organisation"},
		"no mailbox":           {person("bob@contoso.com", ""), 404, away, false, "mirror.mailbox_none", "no mail address"},
		"on premises":          {person("bob@contoso.com", "bob@contoso.com"), 404, away, false, "mirror.mailbox_elsewhere", "on premises"},
		"out of scope":         {people{}, 403, denied, false, "mirror.mailbox_out_of_scope", "Exchange role"},
		"nothing consented":    {people{}, 403, denied, true, "graph.not_consented", "does not let"},
		"kept out by a policy": {people{}, 403, strings.Replace(denied, "Access is denied.", "Access to OData is disabled: [RAOP] :", 1), false, "graph.mailbox_restricted", "policy"},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true), test.who)
				s.roster.reach(s.Flow.Mailboxes)
				s.office.open(rig.Bob, work, "Work")
				s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
					if !test.all && !strings.Contains(r.URL.Path, rig.Bob) {
						return false
					}
					w.WriteHeader(test.status)
					_, _ = w.Write([]byte(test.answer))
					return true
				})
				stop := s.run(t)
				time.Sleep(20 * time.Minute)
				stop()
				skipped, err := s.Store.Skipped(t.Context(), "")
				if err != nil || len(skipped) == 0 {
					t.Fatalf("skipped are %v, %v", skipped, err)
				}
				for _, k := range skipped {
					if k.Code != test.want || !strings.Contains(k.Say, test.advises) || k.Mailbox.ID == rig.Alice && !test.all {
						t.Errorf("skipped is %+v, want %s", k, test.want)
					}
				}
			})
		})
	}
}

// TestMailboxesThatAreDeniedTogetherDoNotVouchForEachOther: both were read before, and
// none since consent was taken back, whether or not the mirror is restarted. Once one
// is read again, the other's trouble is its own.
func TestMailboxesThatAreDeniedTogetherDoNotVouchForEachOther(t *testing.T) {
	for situation, restarts := range map[string]bool{"restarted": true, "running": false} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				s.roster.reach(s.Flow.Mailboxes)
				s.office.open(rig.Bob, work, "Work")
				stop := s.run(t)
				denied := func(mailbox string) { // "": all
					if restarts {
						stop()
						s.every(asleep(true), nil, 5*time.Minute, 15*time.Minute)
					}
					s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
						if !strings.Contains(r.URL.Path, mailbox) {
							return false
						}
						refuse(w, http.StatusForbidden, "ErrorAccessDenied")
						return true
					})
					if restarts {
						stop = s.run(t)
					}
				}
				time.Sleep(time.Hour)
				denied("")
				s.says(t, "at once", map[string]string{rig.Alice: "graph.not_consented", rig.Bob: "graph.not_consented"})
				denied(rig.Bob)
				time.Sleep(40 * time.Minute)
				s.says(t, "one is read again", map[string]string{rig.Bob: "mirror.mailbox_out_of_scope"})
				denied(rig.Bob)
				s.says(t, "and stays so", map[string]string{rig.Bob: "mirror.mailbox_out_of_scope"})
				denied("")
				time.Sleep(time.Hour)
				s.says(t, "none is read again", map[string]string{rig.Alice: "graph.not_consented", rig.Bob: "graph.not_consented"})
				stop()
			})
		})
	}
}

// says wants mailboxes to be skipped for those reasons and no other within the next
// half hour, and all of them at its end.
func (s *set) says(t *testing.T, when string, want map[string]string) {
	t.Helper()
	n := 0
	for range 360 {
		time.Sleep(5 * time.Second)
		synctest.Wait()
		list, err := s.Store.Skipped(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			if k.Code != want[k.Mailbox.ID] {
				t.Fatalf("%s: of %s it is said: %s", when, k.Mailbox.UPN, k.Code)
			}
		}
		n = len(list)
	}
	if n != len(want) {
		t.Errorf("%s: %d mailboxes are skipped, not %d", when, n, len(want))
	}
}

// TestNobodyIsSkippedWhileMicrosoftIsDown: a mailbox that is found for the first
// time while nothing answers is told of when its feeds are late, not as one that
// cannot be read.
func TestNobodyIsSkippedWhileMicrosoftIsDown(t *testing.T) {
	for situation, down := range map[string]http.HandlerFunc{
		"cut":       func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"busy":      rig.Says(http.StatusServiceUnavailable, ""),
		"elsewhere": rig.Says(http.StatusNotFound, "<html>"),
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				s.office.set(func(w http.ResponseWriter, r *http.Request) bool { down(w, r); return true })
				stop := s.run(t)
				time.Sleep(20 * time.Minute)
				stop()
				if skipped, err := s.Store.Skipped(t.Context(), ""); err != nil || len(skipped) != 0 {
					t.Errorf("skipped are %+v, %v", skipped, err)
				}
			})
		})
	}
}
