package weather

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Notify is the method of rules that strike notifications on their way out.
const Notify = "NOTIFY"

// When a connection is cut.
const (
	CutBefore = "before" // the request never takes effect
	CutAfter  = "after"  // the request took effect, its answer is lost
)

// Rule says what happens to some requests.
type Rule struct {
	// Match is a method and a path below the API's version, each possibly "*":
	// "GET /users/*/calendarView*". A star stands for anything within a segment,
	// at the end and doubled for anything at all. With a "?" it is matched with
	// the query too. "NOTIFY *" matches notifications.
	Match string `json:"match"`
	// Status is answered in place of the real answer, without effect.
	Status int `json:"status,omitempty"`
	// RetryAfter is the header's seconds; zero: no header.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Cut closes the connection without an answer, "before" or "after" the effect.
	Cut string `json:"cut,omitempty"`
	// Drop swallows a request until its client gives up, or a notification.
	Drop bool `json:"drop,omitempty"`
	// Repeat is how many copies of a notification arrive, Delay how many seconds
	// late it is sent.
	Repeat int     `json:"repeat,omitempty"`
	Delay  float64 `json:"delay,omitempty"`
	// Times is how often the rule strikes; zero: always. Rate is the chance that
	// it does when it matches, drawn from the seed; zero: certainly.
	Times int     `json:"times,omitempty"`
	Rate  float64 `json:"rate,omitempty"`
}

// check says what is wrong with a rule.
func (r Rule) check() error {
	parts := strings.Fields(r.Match)
	switch {
	case len(parts) != 2:
		return fmt.Errorf("match %q is not a method and a path, such as %q", r.Match, "GET /users/*/calendarView*")
	case r.Cut != "" && r.Cut != CutBefore && r.Cut != CutAfter:
		return fmt.Errorf("cut is %q, it can be %q or %q", r.Cut, CutBefore, CutAfter)
	case r.Status != 0 && (r.Status < 400 || r.Status > 599):
		return fmt.Errorf("status %d is not that of an error", r.Status)
	case r.Rate < 0 || r.Rate > 1:
		return fmt.Errorf("rate %v is not between 0 and 1", r.Rate)
	case min(float64(r.Times), float64(r.RetryAfter), float64(r.Repeat), r.Delay) < 0:
		return errors.New("a number is below zero")
	}
	return r.checkEffect(parts[0])
}

// checkEffect asks for an effect that the kind of rule can have.
func (r Rule) checkEffect(method string) error {
	onRequest, onNotification := r.Status != 0 || r.Cut != "", r.Repeat != 0 || r.Delay != 0
	switch {
	case method == Notify && onRequest:
		return fmt.Errorf("a rule for notifications can drop, repeat and delay")
	case method != Notify && onNotification:
		return fmt.Errorf("repeat and delay are for notifications: match %q", Notify+" *")
	case !onRequest && !onNotification && !r.Drop:
		return fmt.Errorf("it does nothing: give a status, cut, drop, repeat or delay")
	}
	return nil
}

// matches says whether the rule is about a request.
func (r Rule) matches(method, target string) bool {
	m, pattern, _ := strings.Cut(r.Match, " ")
	if m != method && (m != "*" || method == Notify) {
		return false
	}
	if !strings.Contains(pattern, "?") {
		target, _, _ = strings.Cut(target, "?")
	}
	return glob(pattern, target)
}

// glob matches a pattern with stars, without regard to case.
func glob(pattern, s string) bool {
	before, after, star := strings.Cut(pattern, "*")
	if len(s) < len(before) || !strings.EqualFold(s[:len(before)], before) {
		return false
	}
	if s = s[len(before):]; !star {
		return s == ""
	}
	if after == "" {
		return true
	}
	rest, double := strings.CutPrefix(after, "*")
	for i := 0; ; i++ {
		if glob(rest, s[i:]) {
			return true
		}
		if i == len(s) || s[i] == '/' && !double {
			return false
		}
	}
}

func unescape(query string) string {
	if plain, err := url.QueryUnescape(query); err == nil {
		return plain
	}
	return query
}

// Profile gives the rules of a ready-made weather. Gentle is what every client
// of Microsoft 365 lives with and a careful one does not notice; hard is what it
// must survive.
func Profile(name string) ([]Rule, bool) {
	switch name {
	case "", "off":
		return nil, true
	case "gentle":
		return []Rule{
			{Match: "GET /*", Status: http.StatusTooManyRequests, RetryAfter: 1, Rate: 0.001},
			{Match: "GET /*", Status: http.StatusServiceUnavailable, RetryAfter: 1, Rate: 0.0005},
			{Match: Notify + " *", Drop: true, Rate: 0.005},
			{Match: Notify + " *", Repeat: 2, Rate: 0.01},
			{Match: Notify + " *", Delay: 3, Rate: 0.02},
		}, true
	case "hard":
		return []Rule{
			{Match: "* /*", Status: http.StatusTooManyRequests, RetryAfter: 2, Rate: 0.03},
			{Match: "* /*", Status: http.StatusTooManyRequests, Rate: 0.02},
			{Match: "* /*", Status: http.StatusServiceUnavailable, Rate: 0.02},
			{Match: "* /*", Status: http.StatusGatewayTimeout, Rate: 0.02},
			{Match: "* /*", Cut: CutBefore, Rate: 0.02},
			{Match: "* /*", Cut: CutAfter, Rate: 0.02},
			{Match: "GET /**delta*?**token=*", Status: http.StatusGone, Rate: 0.01},
			{Match: "* /*", Status: http.StatusUnauthorized, Rate: 0.005},
			{Match: Notify + " *", Drop: true, Rate: 0.1},
			{Match: Notify + " *", Repeat: 2, Delay: 1, Rate: 0.1},
			{Match: Notify + " *", Delay: 20, Rate: 0.2},
		}, true
	}
	return nil, false
}
