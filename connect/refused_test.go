package connect_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// disabled is Entra for an app that an administrator disables and enables.
type disabled struct {
	is    atomic.Bool
	asked atomic.Int64
	code  string
}

func (d *disabled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.asked.Add(1)
	if d.is.Load() {
		rig.Says(http.StatusBadRequest, `{"error":"unauthorized_client","error_codes":[`+d.code+`]}`)(w, r)
		return
	}
	rig.Says(http.StatusOK, `{"token_type":"Bearer","expires_in":3600,"access_token":"t"}`)(w, r)
}

// TestAnAppThatWasEnabledAgainWorksSoon: an app is disabled for six hours, while
// calls come every ten seconds in two processes. Entra is not hammered, and once the
// app is enabled both work within ten minutes, or at once when somebody tries.
func TestAnAppThatWasEnabledAgainWorksSoon(t *testing.T) {
	for _, tries := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			r, d := rig.New(t, nil), &disabled{code: "7000112"}
			d.is.Store(true)
			r.Microsoft.Answer(d.ServeHTTP)
			sealer := sealerOf(t, r)
			var processes []*connect.Custody
			for range 2 {
				processes = append(processes, over(r, sealer, connect.Connection{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s")}}))
			}
			for range 6 * 360 {
				for _, c := range processes {
					if _, err := c.Bearer(t.Context(), r.Registration); refusalOf(err) != "entra.app_disabled" {
						t.Fatalf("while it is disabled: %v", err)
					}
				}
				time.Sleep(10 * time.Second)
			}
			if n := d.asked.Load(); n < 36 || n > 100 {
				t.Errorf("Entra was asked %d times in six hours by two processes", n)
			}
			d.is.Store(false)
			wait := 10*time.Minute + time.Second
			if tries {
				if _, err := processes[0].Prove(t.Context(), r.Registration); err != nil {
					t.Fatal(err)
				}
				wait = time.Second
			}
			time.Sleep(wait)
			for i, c := range processes {
				if _, err := c.Bearer(t.Context(), r.Registration); err != nil {
					t.Errorf("process %d, %s after it was enabled: %v", i, wait, err)
				}
			}
		})
	}
}

// TestALockIsNotAskedAgain: what asking again makes worse is asked once an hour.
func TestALockIsNotAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, d := rig.New(t, nil), &disabled{code: "50053"}
		d.is.Store(true)
		r.Microsoft.Answer(d.ServeHTTP)
		c := over(r, sealerOf(t, r), connect.Connection{Tenant: r.Tenant, Registration: r.Registration, Credential: entra.Credential{Secret: seal.FromString("s")}})
		for range 360 {
			_, _ = c.Bearer(t.Context(), r.Registration)
			time.Sleep(time.Minute)
		}
		if n := d.asked.Load(); n < 5 || n > 7 {
			t.Errorf("Entra was asked %d times in six hours", n)
		}
	})
}
