package deliver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// shop is an app's receiver. It verifies what it gets as Standard Webhooks says,
// with code of its own, and remembers it.
type shop struct {
	mu     sync.Mutex
	key    []byte
	got    []graphwarden.Envelope // acknowledged
	bodies []string
	wrong  []string // what did not verify
	hits   int
	now    int // under way
	most   int
	answer func(w http.ResponseWriter, e graphwarden.Envelope) bool // false: not acknowledged
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var e graphwarden.Envelope
	err := json.Unmarshal(body, &e)
	s.mu.Lock()
	s.hits++
	s.now++
	s.most = max(s.most, s.now)
	if fault := s.verify(r, body, e); fault != "" || err != nil {
		s.wrong = append(s.wrong, fault)
	}
	answer := s.answer
	s.mu.Unlock()
	taken := answer == nil || answer(w, e)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if taken {
		s.got = append(s.got, e)
		s.bodies = append(s.bodies, string(body))
	}
}

func (s *shop) verify(r *http.Request, body []byte, e graphwarden.Envelope) string {
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(id + "." + stamp + "." + string(body)))
	seconds, _ := strconv.ParseInt(stamp, 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	switch {
	case r.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)):
		return "signature"
	case age > time.Minute || age < -time.Minute:
		return "timestamp"
	case id != e.ID || id == "" || strings.Contains(id, "."):
		return "id"
	case r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/cloudevents+json":
		return "method or type"
	}
	return ""
}

// set has answer answer from now on.
func (s *shop) set(answer func(http.ResponseWriter, graphwarden.Envelope) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// says gives an answer that is no acknowledgement.
func says(status int) func(http.ResponseWriter, graphwarden.Envelope) bool {
	return func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
		w.WriteHeader(status)
		return false
	}
}

// story tells what was taken of each item, in order, with repetitions left out:
// "a123 b2".
func (s *shop) story() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	by := map[string]string{}
	var items []string
	for _, e := range s.got {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		if by[e.Subject] == "" {
			items = append(items, e.Subject)
		}
		var item struct {
			N string `json:"n"`
		}
		_ = json.Unmarshal(e.Data.Item, &item)
		if e.Data.Item == nil {
			item.N = "x"
		}
		by[e.Subject] += item.N
	}
	var told []string
	for _, item := range items {
		told = append(told, item+by[item])
	}
	return strings.Join(told, " ")
}

func (s *shop) counts() (hits, taken int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits, len(s.got)
}
