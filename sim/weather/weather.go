// Package weather is what goes wrong between a client and Microsoft 365: requests
// throttled, refused for a moment or cut off, before or after they took effect,
// and notifications lost, doubled or late. It promises that the same seed and the
// same requests meet the same weather, whatever else is under way at the time. It
// never changes the tenant: a cut after the effect leaves the effect.
package weather

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Settings are the weather: the rules first, then the profile's.
type Settings struct {
	Seed    uint64 `json:"seed"`
	Profile string `json:"profile,omitempty"` // "", "off", "gentle" or "hard"
	Rules   []Rule `json:"rules"`
}

// Weather is the simulator's weather. It may be used by many goroutines at once.
type Weather struct {
	now func() time.Time

	mu       sync.Mutex
	settings Settings
	rules    []armed
	seen     map[string]uint64 // how often a request was met, by method and path
	refused  uint64            // how many requests were refused so far
}

// armed is a rule with what is left of its times.
type armed struct {
	Rule
	left int
}

// New gives fair weather over a clock, which dates its answers.
func New(now func() time.Time) *Weather {
	return &Weather{now: now, seen: map[string]uint64{}}
}

// Set changes the weather. It fails with what is wrong in the settings and then
// changes nothing.
func (w *Weather) Set(s Settings) error {
	profile, ok := Profile(s.Profile)
	if !ok {
		return fmt.Errorf("no profile is called %q: off, gentle and hard are", s.Profile)
	}
	var rules []armed
	for i, r := range s.Rules {
		if err := r.check(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
		rules = append(rules, armed{r, r.Times})
	}
	for _, r := range profile {
		rules = append(rules, armed{Rule: r})
	}
	if s.Rules == nil {
		s.Rules = []Rule{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings, w.rules, w.seen = s, rules, map[string]uint64{}
	return nil
}

// Settings gives the settings as they were set.
func (w *Weather) Settings() Settings {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.settings
}

// remembered bounds how many requests are told apart; when so many were met,
// counting starts anew.
const remembered = 100_000

// meet gives the rule that a request or a notification meets, if any.
func (w *Weather) meet(method, target string) (Rule, bool) {
	return w.meetOne(method, target, func(Rule) bool { return true })
}

// meetOne is meet among the rules that apply.
func (w *Weather) meetOne(method, target string, applies func(Rule) bool) (Rule, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rules) == 0 {
		return Rule{}, false
	}
	path, _, _ := strings.Cut(target, "?")
	if len(w.seen) > remembered {
		w.seen = map[string]uint64{}
	}
	w.seen[method+" "+path]++
	nth := w.seen[method+" "+path]
	for i := range w.rules {
		r := &w.rules[i]
		if r.Times > 0 && r.left == 0 || !applies(r.Rule) || !r.matches(method, target) || !w.happens(i, r.Rate, method+" "+path, nth) {
			continue
		}
		r.left--
		return r.Rule, true
	}
	return Rule{}, false
}

// happens decides by the seed whether a rule strikes the nth request of its kind.
func (w *Weather) happens(rule int, rate float64, what string, nth uint64) bool {
	if rate == 0 {
		return true
	}
	in := binary.BigEndian.AppendUint64(nil, w.settings.Seed)
	in = binary.BigEndian.AppendUint64(in, uint64(rule))
	in = binary.BigEndian.AppendUint64(in, nth)
	sum := sha256.Sum256(append(in, what...))
	return float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<53) < rate
}

// Wrap puts next out in the weather.
func (w *Weather) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		rule, struck := w.meet(r.Method, target(r))
		switch {
		case !struck:
			next.ServeHTTP(out, r)
		case rule.Cut == CutAfter:
			next.ServeHTTP(&void{header: http.Header{}}, r)
			panic(http.ErrAbortHandler) // the server's way to close a connection without an answer
		case rule.Cut == CutBefore:
			panic(http.ErrAbortHandler)
		case rule.Drop:
			<-r.Context().Done()
			panic(http.ErrAbortHandler)
		default:
			w.refuse(out, r, rule)
		}
	})
}

// Entry puts next, which answers a single request of a $batch, out in the weather:
// Graph throttles each by itself (graph-facts §2.4). It has no connection of its
// own that could be cut, so only rules with a status strike it.
func (w *Weather) Entry(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		rule, struck := w.meetOne(r.Method, target(r), func(r Rule) bool { return r.Status != 0 && r.Cut == "" })
		if !struck {
			next.ServeHTTP(out, r)
			return
		}
		w.refuse(out, r, rule)
	})
}

// target is what rules are matched with: the path below the API's version and the
// query, both decoded. /me is one of the users.
func target(r *http.Request) string {
	path := r.URL.Path
	for _, version := range []string{"/v1.0", "/beta"} {
		if rest, ok := strings.CutPrefix(path, version+"/"); ok {
			path = "/" + rest
		}
	}
	if path == "/me" || strings.HasPrefix(path, "/me/") {
		path = "/users" + path
	}
	if r.URL.RawQuery != "" {
		path += "?" + unescape(r.URL.RawQuery)
	}
	return path
}

// Notification says how many copies of the next notification arrive and how late
// they are sent. A late one is overtaken by those behind it.
func (w *Weather) Notification() (copies int, late time.Duration) {
	rule, struck := w.meet(Notify, "/")
	switch {
	case !struck:
		return 1, 0
	case rule.Drop:
		return 0, 0
	}
	return max(1, rule.Repeat), time.Duration(rule.Delay * float64(time.Second))
}

// void takes an answer that nobody will get.
type void struct{ header http.Header }

func (v *void) Header() http.Header         { return v.header }
func (v *void) Write(b []byte) (int, error) { return len(b), nil }
func (v *void) WriteHeader(int)             {}
