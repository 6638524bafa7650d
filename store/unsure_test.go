package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestWhatIsUncertainIsCountedByApp, messages apart from events, and none from before.
func TestWhatIsUncertainIsCountedByApp(t *testing.T) {
	h := open(t)
	end := func(key, app string, kind graphwarden.WriteKind, state graphwarden.IntentState) {
		in := write(h, key)
		in.App, in.Kind = app, kind
		kept, _ := h.put(t, in)
		kept.Outcome = graphwarden.Outcome{State: state}
		h.endIntent(t, kept, nil)
	}
	end("k1", "crm", graphwarden.SendMail, graphwarden.IntentUncertain)
	end("k2", "crm", graphwarden.SendMail, graphwarden.IntentUncertain)
	end("k3", "crm", graphwarden.UpdateEvent, graphwarden.IntentUncertain)
	end("k4", "desk", graphwarden.SendMailOnce, graphwarden.IntentUncertain)
	end("k5", "desk", graphwarden.SendMailOnce, graphwarden.IntentDone)
	list, err := h.Unsure(t.Context(), time.Unix(0, 0))
	var got []string
	for _, u := range list {
		got = append(got, fmt.Sprintf("%s %v %d", u.App, u.Mail, u.Count))
	}
	if want := "[crm false 1 crm true 2 desk true 1]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("uncertain are %v, %v, want %s", got, err, want)
	}
	if list, err := h.Unsure(t.Context(), time.Now().Add(100*365*24*time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("in a hundred years %v, %v", list, err)
	}
	for key, left := range map[string]int{"k1": 0, "k3": len(`{"subject":"x"}`), "k5": 0} {
		in, found, err := h.Intent(t.Context(), "wrt_"+key)
		if err != nil || !found || len(in.Request) != left {
			t.Errorf("of %s is kept %s, %v", key, in.Request, err)
		}
	}
}

// TestWhoGoesWithoutAWordAbandonsAWrite, and who puts it off does not: nobody knows
// what the one had done.
func TestWhoGoesWithoutAWordAbandonsAWrite(t *testing.T) {
	h := open(t)
	h.put(t, write(h, "k"))
	h.clock.now = h.clock.now.Add(2 * time.Minute)
	list := h.leaseIntents(t, "two")
	if len(list) != 1 || !list[0].Abandoned {
		t.Fatalf("whose lease ended is leased as %+v", list)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.DeferIntent(ctx, tx, list[0], tx.Now()) })
	if list = h.leaseIntents(t, "three"); len(list) != 1 || list[0].Abandoned {
		t.Errorf("what was put off is leased as %+v", list)
	}
}

// TestWhatADeadProcessHeldIsAbandoned, however it came to be free before its lease has
// run out.
func TestWhatADeadProcessHeldIsAbandoned(t *testing.T) {
	h := open(t)
	h.put(t, write(h, "k"))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.Free(ctx, tx, "one") })
	list := h.leaseIntents(t, "two")
	if len(list) != 1 || !list[0].Abandoned {
		t.Fatalf("of a process that died is leased %+v", list)
	}
	if onServer() {
		return
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h.Store = reopen(t, h)
	if list = h.leaseIntents(t, "three"); len(list) != 1 || !list[0].Abandoned {
		t.Errorf("after a restart is leased %+v", list)
	}
}
