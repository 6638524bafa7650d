package deliver_test

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

var lettersFile = flag.String("letters", "", "where to write deliveries for the verifiers of others (interop/verifiers)")

// letter is a delivery as it came in, for a verifier that is not ours.
type letter struct {
	Name    string            `json:"name"`
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"` // base64
	Good    bool              `json:"good"`
}

// arrived sends one change through a Deliver whose clock is off by skew, and gives
// what the receiver got.
func arrived(t *testing.T, skew time.Duration, keys ...seal.Secret) letter {
	t.Helper()
	s := put(t, nil)
	came := make(chan letter, 1)
	s.Net.Serve("post.test:80", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l := letter{Secret: whsec([]byte(strings.Repeat("k", 32))), Headers: map[string]string{}, Body: base64.StdEncoding.EncodeToString(body)}
		for name := range r.Header {
			l.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		came <- l
	}))
	s.deliver = s.with(nil, "http://post.test/", func(c *deliver.Config) {
		c.Targets[0].Keys = deliver.Fixed(keys)
		c.Now = func() time.Time { return time.Now().Add(skew) }
	})
	stop := s.run(t)
	defer stop()
	s.item(t, "é")
	return <-came
}

// TestLettersForOtherVerifiers writes what a receiver really gets, and what
// forgers and broken proxies make of it, for published verifiers to judge (R41).
// Ours judges the same here.
func TestLettersForOtherVerifiers(t *testing.T) {
	own, other := seal.New([]byte(strings.Repeat("k", 32))), seal.New([]byte(strings.Repeat("o", 32)))
	plain := arrived(t, 0, own)
	var letters []letter
	add := func(name string, good bool, l letter, change ...func(*letter)) {
		headers := map[string]string{}
		for k, v := range l.Headers {
			headers[k] = v
		}
		l.Name, l.Good, l.Headers = name, good, headers
		for _, f := range change {
			f(&l)
		}
		letters = append(letters, l)
	}
	with := func(name, value string) func(*letter) { return func(l *letter) { l.Headers[name] = value } }
	body := func(text string) func(*letter) {
		return func(l *letter) { l.Body = base64.StdEncoding.EncodeToString([]byte(text)) }
	}
	right := plain.Headers["webhook-signature"]
	add("as it was sent", true, plain)
	add("while a new secret comes in", true, arrived(t, 0, other, own))
	add("from a clock that is four minutes late", true, arrived(t, -4*time.Minute, own))
	add("from a clock that is ten minutes late", false, arrived(t, -10*time.Minute, own))
	add("from a clock that is ten minutes ahead", false, arrived(t, 10*time.Minute, own))
	add("with another secret", false, arrived(t, 0, other))
	add("with a signature of a version to come before it", true, plain, with("webhook-signature", "v2,abc "+right))
	add("with another body", false, plain, body(`{"a":"b"}`))
	add("with one byte less", false, plain, func(l *letter) { raw, _ := base64.StdEncoding.DecodeString(l.Body); body(string(raw[:len(raw)-1]))(l) })
	add("without a body", false, plain, body(""))
	add("with another id", false, plain, with("webhook-id", "msg_2"))
	add("without an id", false, plain, with("webhook-id", ""))
	add("without a time", false, plain, with("webhook-timestamp", ""))
	add("with a time that is none", false, plain, with("webhook-timestamp", "today"))
	add("without a signature", false, plain, with("webhook-signature", ""))
	add("with the empty signature", false, plain, with("webhook-signature", "v1,"))
	add("with a short signature", false, plain, with("webhook-signature", right[:20]))
	add("with the right signature under version 2", false, plain, with("webhook-signature", "v2"+right[2:]))
	add("with the right signature and no version", false, plain, with("webhook-signature", right[3:]))
	for _, l := range letters {
		h := http.Header{}
		for k, v := range l.Headers {
			h.Set(k, v)
		}
		raw, err := base64.StdEncoding.DecodeString(l.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := deliver.Verify(h, raw, []seal.Secret{own}, time.Now()); l.Good != (err == nil) {
			t.Errorf("%s: %v", l.Name, err)
		}
	}
	if *lettersFile == "" {
		return
	}
	raw, err := json.Marshal(letters)
	if err == nil {
		err = os.WriteFile(*lettersFile, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
