package assemble_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestAnAppThatWaitsForItsBudgetIsTold: Microsoft asks to wait in one mailbox, again
// and again for half an hour. The operator is told once, with the app and the
// mailbox; metrics count it; and when it is over, that is told.
func TestAnAppThatWaitsForItsBudgetIsTold(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, c *copied) {
		stop := j.run("1m")
		defer stop()
		busy := j.ready.Users[0]
		open := func() (about []graphwarden.Notice) {
			all, err := j.gateway.Store.Notices(j.Context(), true, 0, 100)
			if err != nil {
				j.Fatal(err)
			}
			for _, n := range all {
				if n.Code == "notice.budget_exhausted" {
					about = append(about, n)
				}
			}
			return about
		}
		time.Sleep(20 * time.Minute)
		if list := open(); len(list) != 0 {
			j.Fatalf("told without a reason: %+v", list)
		}
		j.faults(map[string]any{"match": "* /users/" + busy.ID + "/*", "status": 429, "retryAfter": 20})
		time.Sleep(30 * time.Minute)
		list := open()
		if len(list) != 1 || !list[0].ClosedAt.IsZero() {
			j.Fatalf("told: %+v", list)
		}
		if n := list[0]; !strings.Contains(n.Say, busy.UserPrincipalName) || !strings.Contains(n.Say, "portal") || !strings.Contains(n.Say, "Microsoft asked for it") || n.Do == "" {
			j.Errorf("told: %+v", n)
		}
		waiting, err := j.gateway.Store.Waiting(j.Context(), time.Now())
		if err != nil || len(waiting) == 0 || waiting[0].Mailbox.ID != busy.ID {
			j.Errorf("who waits: %+v %v", waiting, err)
		}
		j.faults()
		time.Sleep(30 * time.Minute)
		if list = open(); len(list) != 1 || list[0].ClosedAt.IsZero() {
			j.Errorf("when it is over: %+v", list)
		}
	})
}
