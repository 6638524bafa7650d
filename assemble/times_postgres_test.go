package assemble_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/sim"
)

// TestTimesAreExactOnPostgreSQL is TestTimesAreExact over a server, which stands
// outside of a bubble: in real time, and with our clock right.
func TestTimesAreExactOnPostgreSQL(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a while in real time")
	}
	url := pg.New(t)
	all := situations(t)
	c, a := &copied{t: t, items: map[string]row{}, of: map[string]string{}}, newApp(t)
	a.take = c.take
	j := put(t, a, sim.Options{Users: 2})
	j.changed = func() {
		j.replace("    sink:", "    window: {from: \"2026-01-01\", to: \"2028-07-01\"}\n    sink:")
		j.replace("listen:", fmt.Sprintf("database: %q\nlisten:", url))
	}
	ids := make([]string, len(all))
	events := func(i int) string { return "/v1.0/users/" + j.ready.Users[i/2%2].ID + "/events" }
	for i, s := range all {
		ids[i] = j.outlook(http.MethodPost, events(i), s.body())["id"].(string)
	}
	stop := j.run("1s")
	defer stop()
	settle := func(acted bool) int {
		var truth map[string]row
		j.eventually("the app's copy to be the calendar's view", func() bool {
			truth = j.truth(2)
			return len(differ(c.now(a), truth)) == 0
		})
		by := map[string][]row{}
		for _, r := range c.now(a) {
			by[r.Subject] = append(by[r.Subject], r)
		}
		for _, s := range all {
			s.exact(t, by[s.Name], acted)
		}
		return len(truth)
	}
	before := settle(false)
	for i, s := range all {
		s.act(j, events(i), ids[i])
	}
	t.Logf("%d situations, %d instances before and %d after exceptions: no difference", len(all), before, settle(true))
}
