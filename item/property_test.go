package item_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/item"
)

// FuzzSelectReadsAsEncodingJSONDoes chooses a property of whatever comes: what is not
// one object shows nothing, and of an object the property is what encoding/json says.
func FuzzSelectReadsAsEncodingJSONDoes(f *testing.F) {
	for _, raw := range []string{
		`{"a":1}`, ` { "a" : [ { "b" : "}" } , "]" ] , "c":"\"" } `, `{"a":"\\","b":{}}`, `{"\u0061":true}`, `{"a":-1e5,"b":null}`,
		`{}`, `{"":""}`, `{"a":"ä\ud83d\ude00"}`, "{\"a\xff\":1}", `{"a":{"a":{}}}`, `[{}]`, `{"a":1}{}`, "\u00a0{}", "{\"a\":\t[\n]\r}",
	} {
		f.Add(raw, "a")
	}
	f.Fuzz(func(t *testing.T, raw, name string) {
		if strings.Count(raw, "[")+strings.Count(raw, "{") > 250 {
			t.Skip() // deeper than anything is read
		}
		got := item.Select(json.RawMessage(raw), []string{name})
		var all, left map[string]json.RawMessage
		if err := json.Unmarshal([]byte(raw), &all); err != nil || all == nil {
			if string(got) != "{}" {
				t.Fatalf("of %q it shows %q", raw, got)
			}
			return
		}
		if err := json.Unmarshal(got, &left); err != nil {
			t.Fatalf("of %q it shows %q: %v", raw, got, err)
		}
		if _, there := all[name]; there != (left[name] != nil) {
			t.Errorf("of %q it shows %q", raw, got)
		}
		for n, v := range left { // of two with one name encoding/json gives the last
			if string(all[n]) != string(v) && !json.Valid(v) {
				t.Errorf("of %q it shows %s as %q", raw, n, v)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	raw := write(b, whole(b))
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		item.Mask(raw)
	}
}

func BenchmarkTimes(b *testing.B) {
	raw := write(b, whole(b))
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		item.Times(raw)
	}
}
