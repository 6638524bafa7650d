package store_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestAnUploadIsKeptUntilItsMessageEnds: what waits, what a message takes along, what
// expires and what is gone with its message.
func TestAnUploadIsKeptUntilItsMessageEnds(t *testing.T) {
	h := open(t)
	const most = 100
	now := h.clock.now
	put := func(id, app string, size int64, expires time.Duration) (room bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			room, err = h.BeginUpload(ctx, tx, graphwarden.Upload{ID: id, App: app, Size: size, Expires: now.Add(expires)}, most)
			return err
		})
		return room
	}
	whole := func(id string, expires time.Duration) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.EndUpload(ctx, tx, graphwarden.Upload{ID: id, Digest: [32]byte{1}, Expires: now.Add(expires)})
		})
	}
	claim := func(app, id, intent string) (got bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			got, err = h.ClaimUpload(ctx, tx, app, id, intent)
			return err
		})
		return got
	}
	there := func(id string) bool {
		t.Helper()
		_, found, err := h.Upload(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if !put("upl_1", "crm", 60, time.Hour) || put("upl_2", "crm", 41, time.Hour) || !put("upl_2", "crm", 40, time.Hour) || !put("upl_3", "hr", 100, time.Hour) {
		t.Error("the room of each app is another one")
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := h.PutPiece(ctx, tx, "upl_1", 0, []byte("abc")); err != nil {
			return err
		}
		return h.PutPiece(ctx, tx, "upl_1", 3, []byte("def"))
	})
	for from, want := range map[int64]string{0: "abc", 2: "c", 3: "def", 5: "f", 6: ""} {
		if got, err := h.Piece(t.Context(), "upl_1", from); err != nil || !bytes.Equal(got, []byte(want)) {
			t.Errorf("from %d there is %q, %v", from, got, err)
		}
	}
	if claim("crm", "upl_1", "wrt_1") {
		t.Error("a message takes along half a file")
	}
	whole("upl_1", time.Hour)
	if u, found, err := h.Upload(t.Context(), "upl_1"); err != nil || !found || !u.Whole || u.Digest != [32]byte{1} || u.Size != 60 || u.App != "crm" {
		t.Errorf("it is %+v, %v", u, err)
	}
	if claim("hr", "upl_1", "wrt_1") || !claim("crm", "upl_1", "wrt_1") || !claim("crm", "upl_1", "wrt_1") || claim("crm", "upl_1", "wrt_2") {
		t.Error("it belongs to one message of its app's")
	}
	whole("upl_2", -time.Second)
	if claim("crm", "upl_2", "wrt_2") {
		t.Error("a message takes along what has expired")
	}
	n := 0
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		n, err = h.ForgetUploads(ctx, tx, 10)
		return err
	})
	if n != 1 || there("upl_2") || !there("upl_1") || !there("upl_3") {
		t.Errorf("%d were forgotten", n)
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.DropUpload(ctx, tx, "upl_1") })
	if !there("upl_1") {
		t.Error("what a message takes along was dropped")
	}
	in := write(h, "k")
	in.ID, in.Kind, in.Before = "wrt_1", graphwarden.SendMailOnce, []byte(`{"files":[]}`)
	in.Holder = "one"
	h.put(t, in)
	held := func(in graphwarden.Intent) (mine bool) {
		t.Helper()
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			mine, err = h.HoldIntent(ctx, tx, in, now.Add(time.Minute))
			return err
		})
		return mine
	}
	other, later := in, in
	other.Holder, later.Attempts = "two", in.Attempts+1
	if !held(in) || held(other) || held(later) {
		t.Error("somebody else holds the write, or nobody does")
	}
	in.Outcome.State = graphwarden.IntentDone
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.EndIntent(ctx, tx, in, nil)
		return err
	})
	ended, found, err := h.Intent(t.Context(), "wrt_1")
	if there("upl_1") || err != nil || !found || len(ended.Before) != 0 || held(in) {
		t.Errorf("after its end: %v, %s, %v", there("upl_1"), ended.Before, err)
	}
}
