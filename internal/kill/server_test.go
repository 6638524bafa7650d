package kill

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/pg"
)

// recoverWithin is how long the gateways may take to work again once their
// database does (R56).
const recoverWithin = 30 * time.Second

// TestARestartOfPostgreSQLLosesNothing stops and starts the server under three
// gateways at work, in an orderly way and as a crash does. They must go on by
// themselves: nobody starts them again.
func TestARestartOfPostgreSQLLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some minutes")
	}
	t.Parallel()
	server := pg.Start(t)
	r := begin(t, max(*seed, 1), 3, server.New(t))
	r.up()
	r.settle()
	r.up()
	for _, mode := range []string{"fast", "immediate"} {
		r.storm()
		r.pause(4 * time.Second)
		if err := server.Stop(r.ctx, mode); err != nil {
			t.Fatal(err)
		}
		r.pause(5 * time.Second)
		r.every("while there is no database", http.StatusServiceUnavailable, recoverWithin)
		before, taken := time.Now(), r.taken()
		if err := server.Start(r.ctx); err != nil {
			t.Fatal(err)
		}
		r.every("after the restart", http.StatusNoContent, recoverWithin)
		ready := time.Since(before)
		r.until(recoverWithin, func() bool { return r.taken() > taken })
		if r.taken() == taken {
			t.Fatalf("%s after a %s restart the app was told of nothing", recoverWithin, mode)
		}
		t.Logf("a %s restart: ready after %s, the first delivery after %s", mode, ready.Round(time.Millisecond), time.Since(before).Round(time.Millisecond))
		r.alike()
	}
	r.settle()
}

// taken is how many changes the app has kept.
func (r *trial) taken() int {
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	return r.app.changes
}

// every waits until every member, still the process that it was, answers whether
// it is ready with a status.
func (r *trial) every(when string, status int, most time.Duration) {
	r.Helper()
	for n, m := range r.members {
		last := ""
		r.until(most, func() bool {
			r.mournLiving(m)
			ctx, stop := context.WithTimeout(r.ctx, 5*time.Second)
			defer stop()
			q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.port+"/readyz", nil)
			if err != nil {
				r.Fatal(err)
			}
			answer, err := r.tenant.client.Do(q)
			if err != nil {
				last = err.Error()
				return false
			}
			_ = answer.Body.Close()
			last = fmt.Sprint(answer.StatusCode)
			return answer.StatusCode == status
		})
		if last != fmt.Sprint(status) {
			r.Fatalf("%s gateway %d answers %s for %s, want %d", when, n+1, last, most, status)
		}
	}
}

// mournLiving fails the trial if a member has ended: nobody killed it.
func (r *trial) mournLiving(m *member) {
	r.Helper()
	if !m.alive() {
		r.Fatalf("the gateway ended by itself (%s):\n%s", m.cmd.ProcessState, m.tail())
	}
}

// alike waits, in good weather and with nobody at work, until the app's copy is
// what the tenant holds, with the gateways as they are.
func (r *trial) alike() {
	r.Helper()
	r.quiet()
	if err := r.tenant.weather(r.ctx, r.seed, "off"); err != nil {
		r.Fatal(err)
	}
	r.app.be(func(a *receiver) { a.good, a.down, a.sour = true, false, false })
	began := time.Now()
	var d []string
	r.until(settleWithin, func() bool {
		r.pause(time.Second)
		d = r.tenant.differences(shown(r.truth()), r.app.holds())
		return len(d) == 0
	})
	if len(d) > 0 {
		r.Fatalf("after %s the app's copy differs from the tenant in %d items, e.g. %s", settleWithin, len(d), d[0])
	}
	for _, m := range r.members {
		r.mournLiving(m)
	}
	r.Logf("the same everywhere after %s", time.Since(began).Round(time.Millisecond))
}
