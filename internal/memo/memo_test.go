package memo_test

import (
	"errors"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/memo"
)

func TestAValueIsRememberedForAMomentAndForgottenAtOnce(t *testing.T) {
	m := memo.Memo[string, int]{For: time.Second}
	now, value, reads := time.Now(), 1, 0
	look := func() int {
		t.Helper()
		v, there, err := m.Look("a", now, func() (int, bool, error) { reads++; return value, true, nil })
		if err != nil || !there {
			t.Fatal(there, err)
		}
		return v
	}
	look()
	value = 2
	if v := look(); v != 1 || reads != 1 {
		t.Errorf("%d after %d readings", v, reads)
	}
	m.Forget()
	if v := look(); v != 2 {
		t.Errorf("after it was forgotten it is %d", v)
	}
	value = 3
	for _, later := range []time.Duration{time.Second, -time.Second} { // a clock may be put back
		now = now.Add(later)
		if v := look(); v != value {
			t.Errorf("%s later it is %d", later, v)
		}
		value++
	}
}

// TestWhatIsReadWhileItIsForgottenIsNotRemembered: a reader that began before a key was
// revoked has the old one.
func TestWhatIsReadWhileItIsForgottenIsNotRemembered(t *testing.T) {
	m := memo.Memo[string, string]{For: time.Minute}
	now := time.Now()
	_, _, _ = m.Look("a", now, func() (string, bool, error) { m.Forget(); return "good", true, nil })
	if v, _, _ := m.Look("a", now, func() (string, bool, error) { return "revoked", true, nil }); v != "revoked" {
		t.Errorf("it is %s", v)
	}
}

func TestWhatIsNotThereIsReadAgain(t *testing.T) {
	m := memo.Memo[string, int]{For: time.Minute}
	now, broken := time.Now(), errors.New("broken")
	if _, there, err := m.Look("a", now, func() (int, bool, error) { return 0, false, broken }); there || !errors.Is(err, broken) {
		t.Error(there, err)
	}
	if _, there, err := m.Look("a", now, func() (int, bool, error) { return 0, false, nil }); there || err != nil {
		t.Error(there, err)
	}
	if v, there, err := m.Look("a", now, func() (int, bool, error) { return 7, true, nil }); v != 7 || !there || err != nil {
		t.Error(v, there, err)
	}
}
