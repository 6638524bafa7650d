package faulty_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/faulty"
)

// recorder is the part of a test that a plan talks to.
type recorder struct {
	testing.TB
	cleanups []func()
	errors   int
}

func (r *recorder) Helper()               {}
func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(string, ...any) { r.errors++ }

// end ends the recorded test and says how often it failed.
func (r *recorder) end() int {
	for _, f := range r.cleanups {
		f()
	}
	return r.errors
}

func TestACutFallsWhereThePlanSays(t *testing.T) {
	situations := map[string]struct {
		cuts []faulty.Cut
		want []string // for four runs of "send": done, done+cut, cut
	}{
		"no cut":                       {nil, []string{"done", "done", "done", "done"}},
		"before the first":             {[]faulty.Cut{{Step: "send", At: faulty.Before}}, []string{"cut", "done", "done", "done"}},
		"after the first":              {[]faulty.Cut{{Step: "send", At: faulty.After}}, []string{"done+cut", "done", "done", "done"}},
		"before the third":             {[]faulty.Cut{{Step: "send", At: faulty.Before, Nth: 3}}, []string{"done", "done", "cut", "done"}},
		"after the second and third":   {[]faulty.Cut{{Step: "send", At: faulty.After, Nth: 2, Times: 2}}, []string{"done", "done+cut", "done+cut", "done"}},
		"one after another, different": {[]faulty.Cut{{Step: "send", At: faulty.Before}, {Step: "send", At: faulty.After, Nth: 2}}, []string{"cut", "done+cut", "done", "done"}},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			plan := faulty.NewPlan(t, s.cuts...)
			var got []string
			for range s.want {
				var said []string
				err := plan.Step("send", func() error { said = append(said, "done"); return nil })
				if errors.Is(err, faulty.ErrCut) {
					said = append(said, "cut")
				}
				got = append(got, strings.Join(said, "+"))
			}
			if !slices.Equal(got, s.want) {
				t.Errorf("got %v, want %v", got, s.want)
			}
		})
	}
}

func TestAStepsOwnErrorComesBack(t *testing.T) {
	own := errors.New("its own")
	plan := faulty.NewPlan(t, faulty.Cut{Step: "send", At: faulty.After})
	if err := plan.Step("send", func() error { return own }); !errors.Is(err, own) || errors.Is(err, faulty.ErrCut) {
		t.Errorf("got %v", err)
	}
}

func TestACutThatNeverFellFailsItsTest(t *testing.T) {
	r := &recorder{}
	plan := faulty.NewPlan(r, faulty.Cut{Step: "sned", At: faulty.Before}, faulty.Cut{Step: "send", At: faulty.Before})
	_ = plan.Step("send", func() error { return nil })
	if n := r.end(); n != 1 {
		t.Errorf("the test failed %d times, want once, for the misspelt step", n)
	}
}

func TestARequestIsCutBeforeOrAfterItsEffect(t *testing.T) {
	served := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served++
		_, _ = io.WriteString(w, "answer")
	}))
	defer s.Close()
	plan := faulty.NewPlan(t, faulty.Cut{Step: "GET /a", At: faulty.Before}, faulty.Cut{Step: "GET /b", At: faulty.After})
	c := http.Client{Transport: faulty.RoundTripper{Plan: plan, Next: http.DefaultTransport}}
	for path, want := range map[string]int{"/a": 0, "/b": 1, "/c": 1} {
		served = 0
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Do(r)
		if err == nil {
			_ = answer.Body.Close()
		}
		if served != want || errors.Is(err, faulty.ErrCut) != (path != "/c") {
			t.Errorf("%s: served %d times, got %v", path, served, err)
		}
	}
}
