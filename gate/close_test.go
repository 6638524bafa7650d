package gate_test

import (
	"testing"
	"testing/synctest"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestAWritesEndIsOnDiskAtOnce, and a read's is gathered with others: a write that
// reads unknown has to be looked into, a read has not, and who follows a write does so
// by the outcome, which goes to the disk with the end.
func TestAWritesEndIsOnDiskAtOnce(t *testing.T) {
	for situation, test := range map[string]struct {
		write, followed bool
		there           int
	}{
		"a write":                  {true, false, 2},
		"a write that is followed": {true, true, 1},
		"a read":                   {false, false, 1},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := put(t, nil)
				call := list(rig.Alice)
				if test.write {
					call = subscribe("users/" + rig.Alice + "/events")
				}
				call.Followed = test.followed
				answer, err := r.Gate.Do(t.Context(), call)
				if err != nil {
					t.Fatal(err)
				}
				if err := answer.Body.Close(); err != nil {
					t.Fatal(err)
				}
				there := 0
				err = r.Store.EntriesAfter(t.Context(), 0, 10, func(graphwarden.Entry, [32]byte) error { there++; return nil })
				if err != nil || there != test.there {
					t.Errorf("%d entries are on disk, %v, want %d", there, err, test.there)
				}
				if all := r.Entries(t); len(all) != 2 || all[1].Kind != graphwarden.Closed {
					t.Errorf("soon after there are %+v", all)
				}
			})
		})
	}
}
