package mirror_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestAFeedIsInStepSoonAfterATrouble: after ten minutes in which nothing could be read
// it is read again within an eighth of that, not after as long again.
func TestAFeedIsInStepSoonAfterATrouble(t *testing.T) {
	for _, trouble := range []time.Duration{20 * time.Second, 10 * time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := put(t, nil, asleep(true))
			stop := s.run(t)
			defer stop()
			time.Sleep(time.Minute)
			s.office.put(rig.Alice, work, "a", "A", soon)
			s.office.set(func(w http.ResponseWriter, _ *http.Request) bool {
				refuse(w, http.StatusForbidden, "ErrorAccessDenied")
				return true
			})
			time.Sleep(6*time.Minute + trouble) // it is swept every five
			before := s.complaints.Load()
			s.office.set(nil)
			age := trouble + 6*time.Minute
			time.Sleep(max(age/8+age/80, 18*time.Second))
			synctest.Wait()
			s.wants(t, "created a A")
			if before < 3 || before > 40 {
				t.Errorf("in %s it was tried %d times", trouble, before)
			}
		})
	}
}
