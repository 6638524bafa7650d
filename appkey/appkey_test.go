package appkey_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// desk is a desk over a real store, whose clock a test moves.
func desk(t *testing.T, r *rig.Rig, now *time.Time) *appkey.Desk {
	t.Helper()
	return appkey.New(appkey.Config{Store: r.Store, Ledger: r.Ledger, Now: func() time.Time { return *now }, Random: rand.Reader,
		Apps: map[string][]string{"crm": {"office", "sales"}, "portal": {"house"}}})
}

func code(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

func TestAKeyLetsItsAppInUntilItIsOver(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	d := desk(t, r, &now)
	made, err := d.Create(t.Context(), appkey.Wanted{App: "crm", Flows: []string{"office"}, Write: true, For: 90 * 24 * time.Hour, By: "anna"})
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^gwk_[a-km-np-z2-9]{59}$`).MatchString(string(made.Plain)) {
		t.Errorf("the key has %d characters", len(made.Plain))
	}
	got, err := d.Admit(t.Context(), string(made.Plain))
	if err != nil || got.ID != made.Key.ID || got.App != "crm" || !got.Write || len(got.Flows) != 1 {
		t.Errorf("let in: %+v, %v", got, err)
	}
	other, err := d.Create(t.Context(), appkey.Wanted{App: "portal"})
	if err != nil {
		t.Fatal(err)
	}
	next, err := d.Rotate(t.Context(), made.Key.ID, "anna", 2*time.Hour)
	if err != nil || next.Key.Replaces != made.Key.ID || !next.Key.Write || next.Plain == made.Plain {
		t.Fatalf("followed by %+v, %v", next, err)
	}
	if _, err := d.Revoke(t.Context(), other.Key.ID, "anna"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		name string
		in   time.Duration
		key  seal.Plain
		code string
	}{
		{"a key that is followed works on", time.Hour, made.Plain, "<nil>"},
		{"and so does the one that follows", time.Hour, next.Plain, "<nil>"},
		{"a revoked one does not", 0, other.Plain, "api.key_revoked"},
		{"a followed one ends", 2 * time.Hour, made.Plain, "api.key_expired"},
		{"the other goes on", 2 * time.Hour, next.Plain, "<nil>"},
		{"until it expires", 91 * 24 * time.Hour, next.Plain, "api.key_expired"},
		{"a letter is wrong", 0, made.Plain[:20] + "z" + made.Plain[21:], "api.key_unknown"},
		{"a part of it", 0, made.Plain[:40], "api.key_unknown"},
		{"nothing", 0, "", "api.key_unknown"},
	} {
		then := now
		now = now.Add(s.in)
		if _, err := d.Admit(t.Context(), string(s.key)); code(err) != s.code {
			t.Errorf("%s: %v", s.name, err)
		}
		now = then
	}
	now = now.Add(3 * time.Hour)
	if _, err := d.Rotate(t.Context(), made.Key.ID, "", time.Hour); code(err) != "appkey.over" {
		t.Errorf("an expired key is followed: %v", err)
	}
	if _, err := d.Revoke(t.Context(), "key_none", ""); code(err) != "appkey.unknown" {
		t.Error(err)
	}
	for app, flows := range map[string][]string{"appkey.app nobody": nil, "appkey.flow portal": {"office"}} {
		want, name, _ := strings.Cut(app, " ")
		if _, err := d.Create(t.Context(), appkey.Wanted{App: name, Flows: flows}); code(err) != want {
			t.Errorf("%s: %v", app, err)
		}
	}
	for meant, w := range map[string]appkey.Wanted{"portal": {App: "portl"}, "house": {App: "portal", Flows: []string{"hosue"}}} {
		_, err := d.Create(t.Context(), w)
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Do != "Did you mean "+meant+"?" {
			t.Errorf("%+v: %v", w, err)
		}
	}
	var acts []string
	for _, e := range r.Entries(t) {
		act, _, _ := strings.Cut(e.Path, " ")
		acts = append(acts, act+" "+e.App)
	}
	if got := strings.Join(acts, ", "); got != "appkey.create crm, appkey.create portal, appkey.rotate crm, appkey.revoke portal" {
		t.Errorf("the ledger says %s", got)
	}
}

// TestARevokedKeyIsGoodForASecondInAnotherProcess is R19: two desks over one
// database are two processes.
func TestARevokedKeyIsGoodForASecondInAnotherProcess(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	here, there := desk(t, r, &now), desk(t, r, &now)
	made, err := here.Create(t.Context(), appkey.Wanted{App: "crm"})
	if err != nil {
		t.Fatal(err)
	}
	k, err := there.Admit(t.Context(), string(made.Plain))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := there.Admit(t.Context(), string(made.Plain)); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Revoke(t.Context(), made.Key.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Admit(t.Context(), string(made.Plain)); code(err) != "api.key_revoked" {
		t.Errorf("where it was revoked, at once: %v", err)
	}
	if err := there.Still(t.Context(), k); code(err) != "api.key_revoked" {
		t.Errorf("a stream elsewhere: %v", err)
	}
	now = now.Add(time.Second)
	if _, err := there.Admit(t.Context(), string(made.Plain)); code(err) != "api.key_revoked" {
		t.Errorf("elsewhere, a second later: %v", err)
	}
}

func TestAKeyIsShownOnceAndKeptNowhere(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	d := desk(t, r, &now)
	made, err := d.Create(t.Context(), appkey.Wanted{App: "crm"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", made.Plain)
	for _, said := range []string{fmt.Sprintf("%v %s %q %d %x", made.Plain, made.Plain, made.Plain, made.Plain, made.Plain), fmt.Sprintf("%+v", made), log.String()} {
		if strings.Contains(said, string(made.Plain[4:20])) {
			t.Errorf("it says %s", said)
		}
	}
	if shown, err := json.Marshal(made.Plain); err != nil || string(shown) != `"`+string(made.Plain)+`"` {
		t.Errorf("its answer is %s, %v", shown, err)
	}
	if _, err := d.Admit(t.Context(), string(made.Plain)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(r.Path + "*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), string(made.Plain[4:40])) {
			t.Errorf("%s has it", f)
		}
	}
}

func TestTheLastUseIsKeptToTheHourAndWrittenOnceInIt(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Date(2026, 3, 2, 8, 20, 0, 0, time.UTC)
	d := desk(t, r, &now)
	made, err := d.Create(t.Context(), appkey.Wanted{App: "crm"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		after time.Duration
		used  string // never before it was made
	}{{0, "08:20"}, {30 * time.Minute, "08:20"}, {20 * time.Minute, "09:00"}} {
		now = now.Add(s.after)
		if _, err := d.Admit(t.Context(), string(made.Plain)); err != nil {
			t.Fatal(err)
		}
		list, err := d.List(context.WithoutCancel(t.Context()), "crm")
		if err != nil || len(list) != 1 || list[0].UsedAt.UTC().Format("15:04") != s.used {
			t.Errorf("at %s: %+v %v", now, list, err)
		}
	}
}
