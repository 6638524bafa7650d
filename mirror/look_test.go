package mirror_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
)

func TestADeletionIsBelievedOnlyAfterALook(t *testing.T) {
	for situation, test := range map[string]struct {
		happens func(*office)
		want    string
	}{
		"it was deleted":        {func(o *office) { o.remove(rig.Alice, work, "a") }, "; deleted a"},
		"the delta was wrong":   {func(o *office) { o.lie(rig.Alice, work, "a") }, ""},
		"it came back at once":  {func(o *office) { o.remove(rig.Alice, work, "a"); o.put(rig.Alice, work, "a", "Meeting", soon) }, "; updated a Meeting"},
		"it moved":              {func(o *office) { o.put(rig.Alice, private, "a", "Meeting", soon); o.remove(rig.Alice, work, "a") }, "; updated a Meeting"},
		"it left the window":    {func(o *office) { o.put(rig.Alice, far, "a", "Meeting", "2005-01-01"); o.remove(rig.Alice, work, "a") }, "; updated a Meeting"},
		"the calendar is ended": {func(o *office) { o.close(rig.Alice, work) }, "; deleted a"},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				s.office.open(rig.Alice, private, "Private")
				s.office.open(rig.Alice, far, "Unlisted")
				s.office.hide(rig.Alice, far, true)
				s.office.put(rig.Alice, work, "a", "Meeting", soon)
				stop := s.run(t)
				defer stop()
				time.Sleep(time.Second)
				s.wants(t, "created a Meeting")
				test.happens(s.office)
				s.mark(t)
				time.Sleep(20 * time.Minute)
				s.wants(t, "created a Meeting"+test.want)
			})
		})
	}
}

const far = "AAMkCalendarUnlisted="

func TestACalendarThatTheListLacksIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.office.hide(rig.Alice, work, true)
		time.Sleep(20 * time.Minute)
		s.office.put(rig.Alice, work, "b", "Still read", soon)
		s.mark(t)
		time.Sleep(time.Minute)
		s.wants(t, "created a Meeting; created b Still read")
	})
}

// TestALookThatIsCutIsRepeated cuts the look and every commit around it.
func TestALookThatIsCutIsRepeated(t *testing.T) {
	look := "GET /v1.0/users/" + rig.Alice + "/events/" + long + "a"
	cuts := []faulty.Cut{{Step: look, Nth: 1, At: faulty.Before}, {Step: look, Nth: 1, At: faulty.After}}
	for nth := range 24 {
		cuts = append(cuts, faulty.Cut{Step: "commit", Nth: nth + 1, At: faulty.Before}, faulty.Cut{Step: "commit", Nth: nth + 1, At: faulty.After})
	}
	for _, cut := range cuts {
		synctest.Test(t, func(t *testing.T) {
			s := put(t, faulty.NewPlan(t, cut), asleep(true))
			s.office.put(rig.Alice, work, "a", "Meeting", soon)
			stop := s.run(t)
			time.Sleep(2 * time.Minute)
			s.office.remove(rig.Alice, work, "a")
			time.Sleep(20 * time.Minute)
			stop()
			s.wants(t, "created a Meeting; deleted a")
		})
	}
}

func TestALookThatIsRefusedHoldsUpNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.put(rig.Alice, work, "a", "Meeting", soon)
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Second)
		s.office.set(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/events/") {
				refuse(w, http.StatusNotFound, "") // a proxy's 404, which is no word of Microsoft's
				return true
			}
			return false
		})
		s.office.remove(rig.Alice, work, "a")
		s.office.put(rig.Alice, work, "b", "Later", soon)
		s.mark(t)
		time.Sleep(10 * time.Minute)
		s.wants(t, "created a Meeting; created b Later")
		s.office.set(nil)
		time.Sleep(90 * time.Second) // not as long again as Microsoft was away
		s.wants(t, "created a Meeting; created b Later; deleted a")
	})
}

// TestHundredsThatVanishAreLookedForTogether: a call takes a tenth of a second, and
// a mailbox bears four at once.
func TestHundredsThatVanishAreLookedForTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		const many = 300
		for n := range many {
			s.office.put(rig.Alice, work, fmt.Sprint("e", n), "Meeting", soon)
		}
		stop := s.run(t)
		defer stop()
		time.Sleep(time.Minute)
		for n := range many {
			s.office.remove(rig.Alice, work, fmt.Sprint("e", n))
		}
		var now, most atomic.Int64
		s.office.set(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/events/") {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(100 * time.Millisecond)
				now.Add(-1)
			}
			return false
		})
		s.mark(t)
		time.Sleep(13 * time.Second) // one after the other takes thirty
		synctest.Wait()
		if told := strings.Count(s.story(t), "deleted"); told != many {
			t.Errorf("after 13 s %d of %d deletions are told", told, many)
		}
		if most.Load() > 3 {
			t.Errorf("%d looks were under way together", most.Load())
		}
	})
}
