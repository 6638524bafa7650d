package assemble_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestWhoJoinsIsThereAtOnce: from the answer to take on, the app's requests find the
// mailbox, and from the answer to their leaving on they do not. Who comes back is read
// anew at once, also when nobody saw that they were gone.
func TestWhoJoinsIsThereAtOnce(t *testing.T) {
	t.Parallel()
	indoors(t, 3, func(j *journey, _ *copied) {
		c := putUpCRM(j, "")
		id, link := c.begins(nil)
		_, _, _ = c.signs(link, 2)
		c.consents(fmt.Sprint(c.progress(id)["do"]))
		c.meetingOf(2, "Standup")
		u := c.ready.Users[2]
		there := func(want int, when string) {
			t.Helper()
			status, no := c.ask(answered, c.key, http.MethodGet, "/v1/tenants/contoso/mailboxes/"+u.ID+"/events?from=2026-04-01T00:00:00Z&to=2026-04-30T00:00:00Z", nil)
			if status != want {
				t.Errorf("%s it is answered %d %v", when, status, no["code"])
			}
		}
		for _, away := range []time.Duration{0, time.Minute} {
			c.connects(2, nil)
			there(http.StatusOK, "right after take")
			time.Sleep(time.Minute)
			if n := c.stored(2); n == 0 {
				t.Errorf("away for %s, a minute after take nothing is read", away)
			}
			if status, no := c.ask(answered, c.key, http.MethodDelete, people+"/people/"+u.ID, nil); status != http.StatusNoContent {
				t.Fatalf("leaving is answered %d %v", status, no)
			}
			there(http.StatusNotFound, "after leaving")
			time.Sleep(away)
		}
		c.connects(2, nil)
		time.Sleep(time.Minute)
		if n := c.stored(2); n == 0 {
			t.Error("a minute after coming back nothing is read")
		}
	})
}
