package weather_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/weather"
)

// sky is a server in some weather; effects counts the requests that reached it.
type sky struct {
	*weather.Weather
	server  *httptest.Server
	effects atomic.Int32
}

func open(t *testing.T, s weather.Settings) *sky {
	t.Helper()
	k := &sky{Weather: weather.New(time.Now)}
	if err := k.Set(s); err != nil {
		t.Fatal(err)
	}
	k.server = httptest.NewServer(k.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.effects.Add(1)
		fmt.Fprint(w, "done")
	})))
	t.Cleanup(k.server.Close)
	return k
}

// ask makes one request, which may not wait longer than a moment.
func (k *sky) ask(t *testing.T, method, path string) (*http.Response, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, k.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

func TestWhatARuleDoes(t *testing.T) {
	cases := []struct {
		situation string
		rule      weather.Rule
		status    int // 0: no answer
		effects   int32
		retry     string
	}{
		{"throttled, with the time to wait", weather.Rule{Status: 429, RetryAfter: 7}, 429, 0, "7"},
		{"throttled without it", weather.Rule{Status: 429}, 429, 0, ""},
		{"unavailable", weather.Rule{Status: 503, RetryAfter: 1}, 503, 0, "1"},
		{"cut before the effect", weather.Rule{Cut: "before"}, 0, 0, ""},
		{"cut after the effect", weather.Rule{Cut: "after"}, 0, 1, ""},
		{"swallowed", weather.Rule{Drop: true}, 0, 0, ""},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			c.rule.Match, c.rule.Times = "POST /users/*/events", 1
			k := open(t, weather.Settings{Rules: []weather.Rule{c.rule}})
			answer, body, err := k.ask(t, "POST", "/v1.0/users/ann/events")
			if c.status == 0 && err == nil {
				t.Errorf("answered with %d", answer.StatusCode)
			}
			if c.status != 0 {
				if err != nil || answer.StatusCode != c.status || answer.Header.Get("Retry-After") != c.retry {
					t.Fatalf("answered %v, %v", answer, err)
				}
				var e struct{ Error struct{ Code string } }
				if json.Unmarshal([]byte(body), &e) != nil || e.Error.Code == "" {
					t.Errorf("body %s", body)
				}
			}
			if n := k.effects.Load(); n != c.effects {
				t.Errorf("%d effects, want %d", n, c.effects)
			}
			if _, body, err := k.ask(t, "POST", "/v1.0/users/ann/events"); err != nil || body != "done" {
				t.Errorf("the next request: %q, %v", body, err)
			}
		})
	}
}

func TestWhatARuleMatches(t *testing.T) {
	cases := []struct {
		match, method, path string
		want                bool
	}{
		{"GET /users/*/calendarView*", "GET", "/v1.0/users/ann/calendarView?startDateTime=x", true},
		{"GET /users/*/calendarView*", "GET", "/v1.0/users/ann/calendarView/delta", true},
		{"GET /users/*/calendarView*", "GET", "/beta/me/calendarview", true},
		{"GET /users/*/calendarView*", "GET", "/v1.0/users/ann/calendars/c/calendarView", false},
		{"GET /users/*/calendarView*", "POST", "/v1.0/users/ann/calendarView", false},
		{"GET /users/**/calendarView*", "GET", "/v1.0/users/ann/calendars/c/calendarView", true},
		{"* /users/*", "DELETE", "/v1.0/users/ann", true},
		{"GET /users/*/events", "GET", "/v1.0/users/ann/events/1", false},
		{"GET /users/*/events", "GET", "/v1.0/users/a%2Fb/events", false},
		{"GET /users", "GET", "/v1.0/users?$top=5", true},
		{"GET /users?*top=5", "GET", "/v1.0/users?$top=5", true},
		{"GET /users?*top=5", "GET", "/v1.0/users?%24top=6", false},
		{"GET /**delta*?**token=*", "GET", "/v1.0/users/delta?$deltatoken=abc", true},
		{"GET /**delta*?**token=*", "GET", "/v1.0/users/delta", false},
		{"POST /*/oauth2/v2.0/token", "POST", "/common/oauth2/v2.0/token", true},
		{"NOTIFY *", "GET", "/v1.0/users", false},
	}
	for _, c := range cases {
		rule := weather.Rule{Match: c.match, Status: 503}
		if strings.HasPrefix(c.match, "NOTIFY") {
			rule = weather.Rule{Match: c.match, Drop: true}
		}
		k := open(t, weather.Settings{Rules: []weather.Rule{rule}})
		answer, _, err := k.ask(t, c.method, c.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.StatusCode == 503; got != c.want {
			t.Errorf("%q strikes %s %s: %v", c.match, c.method, c.path, got)
		}
	}
}

func TestTheSameSeedIsTheSameWeather(t *testing.T) {
	log := func(seed uint64, order []string) map[string][]int {
		w := weather.New(time.Now)
		if err := w.Set(weather.Settings{Seed: seed, Profile: "hard"}); err != nil {
			t.Fatal(err)
		}
		h := w.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
		out := map[string][]int{}
		for _, path := range order {
			r := httptest.NewRecorder()
			r.Code = 0
			func() {
				defer func() { _ = recover() }()
				h.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
			}()
			out[path] = append(out[path], r.Code)
		}
		return out
	}
	var one, other []string
	for range 200 {
		one = append(one, "/v1.0/users", "/v1.0/groups")
	}
	other = slices.Clone(one)
	slices.Sort(other)
	a, b := log(1, one), log(1, other)
	for path := range a {
		if !slices.Equal(a[path], b[path]) {
			t.Errorf("%s met other weather when requests came in another order", path)
		}
	}
	if slices.Equal(a["/v1.0/users"], log(2, one)["/v1.0/users"]) {
		t.Error("another seed gave the same weather")
	}
}

func TestHardWeatherHasEverything(t *testing.T) {
	w := weather.New(time.Now)
	if err := w.Set(weather.Settings{Seed: 1, Profile: "hard"}); err != nil {
		t.Fatal(err)
	}
	effects := 0
	h := w.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { effects++ }))
	met := map[string]int{}
	for range 4000 {
		r := httptest.NewRecorder()
		before := effects
		func() {
			defer func() {
				if recover() != nil {
					met[fmt.Sprint("cut, effects ", effects-before)]++
				}
			}()
			h.ServeHTTP(r, httptest.NewRequest("GET", "/v1.0/users/delta?$deltatoken=x", nil))
			met[fmt.Sprintf("%d%v", r.Code, r.Header().Get("Retry-After") != "")]++
		}()
	}
	for _, kind := range []string{"429true", "429false", "503false", "504false", "410false", "401false", "cut, effects 0", "cut, effects 1", "200false"} {
		if met[kind] == 0 {
			t.Errorf("never met %s: %v", kind, met)
		}
	}
	letters := map[string]int{}
	for range 1000 {
		copies, late := w.Notification()
		letters[fmt.Sprint(copies, " ", late > 0)]++
	}
	for _, kind := range []string{"0 false", "1 false", "1 true", "2 true"} {
		if letters[kind] == 0 {
			t.Errorf("no notification fared %q: %v", kind, letters)
		}
	}
}

func TestFairWeatherTouchesNothing(t *testing.T) {
	k := open(t, weather.Settings{Profile: "gentle"})
	if err := k.Set(weather.Settings{}); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, body, err := k.ask(t, "GET", "/v1.0/users"); err != nil || body != "done" {
			t.Fatalf("%q, %v", body, err)
		}
		if copies, late := k.Notification(); copies != 1 || late != 0 {
			t.Fatalf("%d copies, %v late", copies, late)
		}
	}
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	for want, rule := range map[string]weather.Rule{
		"a method and a path": {Match: "/users", Status: 503},
		"cut is":              {Match: "GET /users", Cut: "during"},
		"not that of":         {Match: "GET /users", Status: 200},
		"rate":                {Match: "GET /users", Status: 503, Rate: 2},
		"below zero":          {Match: "GET /users", Status: 503, Times: -1},
		"does nothing":        {Match: "GET /users"},
		"can drop":            {Match: "NOTIFY *", Status: 503},
		"are for":             {Match: "GET /users", Repeat: 2},
	} {
		w := weather.New(time.Now)
		if err := w.Set(weather.Settings{Rules: []weather.Rule{rule}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", rule, err, want)
		}
	}
	if err := weather.New(time.Now).Set(weather.Settings{Profile: "mild"}); err == nil {
		t.Error("an unknown profile was taken")
	}
}
