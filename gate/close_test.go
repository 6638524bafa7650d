package gate_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestAWritesEndIsCommittedAtOnce, and a read's is gathered with others: a write that
// reads unknown has to be looked into, a read has not, and who follows a write does so
// by the outcome, which is committed with the end.
func TestAWritesEndIsCommittedAtOnce(t *testing.T) {
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
					t.Errorf("%d entries are committed, %v, want %d", there, err, test.there)
				}
				if all := r.Entries(t); len(all) != 2 || all[1].Kind != graphwarden.Closed {
					t.Errorf("soon after there are %+v", all)
				}
			})
		})
	}
}

// counting is a store that counts who waits for the disk.
type counting struct {
	gate.Store
	synced, unsynced int
}

func (c *counting) Update(ctx context.Context, do func(context.Context, graphwarden.Tx) error) error {
	c.synced++
	return c.Store.Update(ctx, do)
}

func (c *counting) UpdateUnsynced(ctx context.Context, do func(context.Context, graphwarden.Tx) error) error {
	c.unsynced++
	return c.Store.UpdateUnsynced(ctx, do)
}

// TestAWriteWaitsForTheDiskOnce, for its decision; its end may be lost with the power, and
// then reads unknown.
func TestAWriteWaitsForTheDiskOnce(t *testing.T) {
	r, _ := put(t, nil)
	config := r.Config(t, r.Net.Client())
	count := &counting{Store: config.Store}
	config.Store = count
	answer, err := gate.New(config).With(rig.Lender{}).Do(t.Context(), subscribe("users/"+rig.Alice+"/events"))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if count.synced != 1 || count.unsynced != 1 {
		t.Errorf("it waited for the disk %d times, and for a commit alone %d times", count.synced, count.unsynced)
	}
	if all := r.Entries(t); len(all) != 2 || all[1].Kind != graphwarden.Closed {
		t.Errorf("recorded %+v", all)
	}
}
