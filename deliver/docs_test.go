package deliver_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

// snippets are the blocks of a language in docs/deliveries.md.
func snippets(t *testing.T, language string) []string {
	t.Helper()
	raw, err := os.ReadFile("../docs/deliveries.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(raw), -1) {
		out = append(out, m[1])
	}
	return out
}

// TestTheDocumentedReceiversVerify runs the documents' receivers in their own
// languages, where these are installed, over right and forged deliveries.
func TestTheDocumentedReceiversVerify(t *testing.T) {
	key := seal.New([]byte(strings.Repeat("k", 32)))
	other := seal.New([]byte(strings.Repeat("o", 32)))
	body := []byte(`{"a":"é"}`)
	type letter struct {
		Secret  string            `json:"secret"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		good    bool
	}
	write := func(good bool, at time.Time, signature string, keys ...seal.Secret) letter {
		h := http.Header{}
		deliver.Sign(h, keys, "msg_1", at, body)
		l := letter{Secret: whsec([]byte(strings.Repeat("k", 32))), Headers: map[string]string{}, Body: string(body), good: good}
		for name := range h {
			l.Headers[strings.ToLower(name)] = h.Get(name)
		}
		if signature != "" {
			l.Headers["webhook-signature"] = signature
		}
		return l
	}
	now := time.Now()
	letters := []letter{write(true, now, "", key), write(true, now, "", other, key), write(false, now, "", other), write(false, now, "v1,", key),
		write(false, now, "v2,x", key), write(false, now.Add(-10*time.Minute), "", key), write(false, now.Add(10*time.Minute), "", key)}
	input, err := json.Marshal(letters)
	if err != nil {
		t.Fatal(err)
	}
	for language, rest := range map[string][]string{
		"python":     {"python3", ".py", "\nimport json, sys\nprint(json.dumps([verify(x['secret'], x['headers'], x['body'].encode()) for x in json.load(sys.stdin)]))\n"},
		"javascript": {"node", ".cjs", "\nconsole.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map((x) => verify(x.secret, x.headers, Buffer.from(x.body)))));\n"},
	} {
		t.Run(language, func(t *testing.T) {
			program, err := exec.LookPath(rest[0])
			if err != nil {
				t.Skipf("%s is not installed", rest[0])
			}
			path := filepath.Join(t.TempDir(), "verify"+rest[1])
			if err := os.WriteFile(path, []byte(snippets(t, language)[0]+rest[2]), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.CommandContext(t.Context(), program, path)
			c.Stdin = bytes.NewReader(input)
			out, err := c.CombinedOutput()
			var verdicts []bool
			if err != nil || json.Unmarshal(out, &verdicts) != nil || len(verdicts) != len(letters) {
				t.Fatalf("%v: %s", err, out)
			}
			for i, l := range letters {
				if verdicts[i] != l.good {
					t.Errorf("letter %d: %v", i, verdicts[i])
				}
			}
		})
	}
}

// TestTheDocumentedQueriesRunWhileTheTableIsKept runs them as another program.
func TestTheDocumentedQueriesRunWhileTheTableIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
			c.Targets = []deliver.Target{{Sink: graphwarden.Sink{Name: "table", Flow: "office", Kind: graphwarden.Table}}}
		})
		stop := s.run(t)
		defer stop()
		s.item(t, "a", `{"id":"a","subject":"Lunch","showAs":"busy","isCancelled":false,"start":{"dateTime":"2026-03-02T12:00:00.0000000","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"2026-03-02T13:00:00.0000000","timeZone":"Europe/Berlin"}}`)
		synctest.Wait()
		wants := []string{"alice@contoso.com Lunch 2026-03-02T11:00:00Z 2026-03-02T12:00:00Z", "alice@contoso.com 1", "a Lunch 1"}
		queries := snippets(t, "sql")
		if len(queries) != len(wants) {
			t.Fatalf("%d queries", len(queries))
		}
		for i, q := range queries {
			if rows := query(t, s.Path, q); len(rows) != 1 || strings.Join(rows[0], " ") != wants[i] {
				t.Errorf("%s gives %q, want %q", q, rows, wants[i])
			}
		}
	})
}

// TestTheEnvelopeIsAsItsSchemaSays compares the names of both.
func TestTheEnvelopeIsAsItsSchemaSays(t *testing.T) {
	raw, err := os.ReadFile("../docs/envelope.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]json.RawMessage
		Required   []string
	}
	names := func(v any) []string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(maps.Keys(m))
	}
	var whole, data object
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(whole.Properties["data"], &data); err != nil {
		t.Fatal(err)
	}
	full := graphwarden.Payload{Mailbox: "x", Calendar: "x", ETag: "x", Link: "x", LeftOut: "x", Reference: "x", Write: "x", Item: json.RawMessage(`{}`)}
	if got, want := slices.Sorted(maps.Keys(whole.Properties)), names(graphwarden.Envelope{Test: true}); !slices.Equal(got, want) {
		t.Errorf("the schema has %v, the envelope %v", got, want)
	}
	if got, want := slices.Sorted(maps.Keys(data.Properties)), names(full); !slices.Equal(got, want) {
		t.Errorf("the schema's data has %v, the envelope's %v", got, want)
	}
	slices.Sort(whole.Required)
	if want := names(graphwarden.Envelope{}); !slices.Equal(whole.Required, want) {
		t.Errorf("required are %v", whole.Required)
	}
	var example graphwarden.Envelope
	if err := json.Unmarshal([]byte(snippets(t, "json")[0]), &example); err != nil || example.Sequence != 42 {
		t.Errorf("the example is %+v, %v", example, err)
	}
}
