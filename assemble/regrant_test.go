package assemble_test

import (
	"net/http"
	"testing"
	"time"
)

// TestConsentThatComesBackBringsTheNotificationsBack: while there is none, Microsoft
// pauses what notifies and asks once to reauthorize it, in vain. Sweeps are a day apart,
// so that only a notification tells of what changes afterwards; and the simulator removes
// what is not reauthorized only after a quarter of an hour.
func TestConsentThatComesBackBringsTheNotificationsBack(t *testing.T) {
	t.Parallel()
	for situation, restarts := range map[string]bool{"the gateway runs": false, "the gateway is started anew meanwhile": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			indoors(t, 4, func(j *journey, c *copied) {
				o := newOffice(j, c)
				stop := o.run("24h")
				o.eventually("both subscriptions", func() bool { return len(o.subscribed()) == 2 })
				time.Sleep(time.Minute)
				calendar := func(do string) {
					o.outlook(http.MethodPost, "/sim/apps", map[string]any{"app": "calendar", "do": do})
				}
				calendar("revoke")
				o.outlook(http.MethodPost, "/sim/challenge", map[string]any{"app": "calendar", "all": true})
				for range 3 { // the next look at a feed finds that it is refused
					o.act()
					o.keep()
					for _, s := range o.kept {
						o.hurt(s.Mailbox.ID, "missed")
					}
					time.Sleep(time.Minute)
				}
				if restarts {
					stop()
					stop = o.run("24h")
					time.Sleep(time.Minute)
				}
				calendar("consent")
				time.Sleep(6 * time.Minute)
				o.same(c, "after the consent came back", 2)
				for range 5 {
					o.act()
				}
				time.Sleep(time.Minute)
				o.same(c, "minutes later, as notifications tell", 2)
				stop()
			})
		})
	}
}
