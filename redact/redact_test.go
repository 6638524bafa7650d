package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/canary"
	"github.com/graphwarden/graphwarden/redact"
)

const secret = `s3cr~t/"of+the <house>`

func TestASecretThatIsKnownNeverShows(t *testing.T) {
	r := redact.New()
	r.Secret([]byte(secret + "\n"))
	r.Secret([]byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	r.Secret([]byte("short")) // too short to be looked for
	quoted, _ := json.Marshal(secret)
	flock := canary.Flock{"secret": []byte(secret), "key": []byte("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}
	for way, text := range map[string]string{"clear": "x " + secret + " y", "JSON": `{"a":` + string(quoted) + `}`, "hexadecimal": hex.EncodeToString([]byte(secret)),
		"URL": "a=" + url.QueryEscape(secret), "base64": base64.StdEncoding.EncodeToString([]byte("user:" + secret + "!")), "base64url": base64.RawURLEncoding.EncodeToString([]byte("ab" + secret)),
		"another's prefix": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the words": "a short one"} {
		got := r.Text(text)
		if found := flock.Find(way, []byte(got)); len(found) > 0 || (way == "the words") != (got == text) {
			t.Errorf("%s: %q, %v", way, got, found)
		}
	}
	tree, err := r.JSON(map[string]any{"list": []any{secret, map[string]string{secret: "x", "client_secret": "anything at all", "secret_file": "a.secret"}}, "n": 1234567890123456789})
	if err != nil || len(flock.Find("a tree", tree)) > 0 || strings.Contains(string(tree), "anything") || !strings.Contains(string(tree), "a.secret") || !strings.Contains(string(tree), "1234567890123456789") {
		t.Errorf("%v: %s", err, tree)
	}
	if n := r.Counted()["secret"]; n < 8 {
		t.Errorf("%d were counted", n)
	}
}

// TestWhatLooksLikeASecretOrAPersonGoes, and what helps stays.
func TestWhatLooksLikeASecretOrAPersonGoes(t *testing.T) {
	r := redact.New()
	r.Open("https://docs.example/")
	for _, c := range []struct{ text, want string }{
		{"anna@contoso.com wrote to bea.o'hara@contoso.com and Anna@Contoso.com, anna%40contoso.com", "[person 1] wrote to [person 2] and [person 1], [person 1]"},
		{"müller@bücher.example", "[person 3]"},
		{"of 0f7d3b1e-1c34-4a4f-9c1e-1f8d3f0c9a11, not 6e7b768e-07e2-4810-8459-485f84f8f204", "of [id 1], not [id 2]"},
		{"postgres://gw:pw@db.internal:5432/gw?sslmode=x", "postgres://db.internal:5432/…"},
		{"posting to https://hooks.example/T000/B000/XXXX failed", "posting to https://hooks.example/… failed"},
		{"see https://docs.example/errors.md#a", "see https://docs.example/errors.md#a"},
		{"Authorization: Bearer abcdefgh12345678", "Authorization: [secret]"},
		{`password=hunter2 token: "abc" secret='x y'`, `password=[secret] token: "[secret]" secret=[secret]`},
		{"gwk_live12345678 whsec_MfKQ9r8GKYqrTwjU eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln", "[secret] [secret] [secret]"},
		{"-----BEGIN PRIVATE KEY-----\nMIIE\nabc\n-----END PRIVATE KEY-----\nafter", "[secret]\nafter"},
		{"AAMkAGI1TQABAAAAAAENAAAiIsqMbYjsT5e_T7KzowPTAAAYbvZEAAA= is one", "[id 3] is one"},
		{"graphwarden_notifications_received_and_marked_total 5", "graphwarden_notifications_received_and_marked_total 5"},
		{"/home/anna/gw.yaml and C:\\Users\\anna\\x, taken by graphwarden, run by anna.", "/home/[user 1]/gw.yaml and C:\\Users\\[user 1]\\x, taken by graphwarden, run by [user 1]."},
		{"from 203.0.113.9 to 127.0.0.1:8080 at 15:04:05 and ::1, 2001:db8::1", "from [ip 1] to 127.0.0.1:8080 at 15:04:05 and ::1, [ip 2]"},
		{"The tenant contoso's flow office is 5 minutes old (notice.feed_stale).", "The tenant contoso's flow office is 5 minutes old (notice.feed_stale)."},
	} {
		if got := r.Text(c.text); got != c.want {
			t.Errorf("%q\n gives %q\n want  %q", c.text, got, c.want)
		}
	}
}

// FuzzText: what was taken out stays out, whatever stands around it.
func FuzzText(f *testing.F) {
	f.Add("x", "y")
	f.Add("https://h/", "@")
	f.Fuzz(func(t *testing.T, before, after string) {
		r := redact.New()
		r.Secret([]byte("correct-horse-battery-staple"))
		if got := r.Text(before + "correct-horse-battery-staple" + after); strings.Contains(got, "correct-horse-battery-staple") {
			t.Errorf("%q", got)
		}
	})
}
