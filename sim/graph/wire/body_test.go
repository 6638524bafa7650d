package wire_test

import (
	"bytes"
	"compress/gzip"
	"testing"
)

func TestCompressedBodies(t *testing.T) {
	b := start(t)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"jobTitle":"Clerk"}`))
	_ = w.Close()
	var bomb bytes.Buffer
	w = gzip.NewWriter(&bomb)
	_, _ = w.Write(make([]byte, 5<<20))
	_ = w.Close()
	for name, c := range map[string]struct {
		coding, body string
		want         int
	}{
		"gzip is read":                    {"gzip", packed.String(), 204},
		"what claims to be gzip is not":   {"gzip", `{"jobTitle":"Clerk"}`, 400},
		"small outside and large inside":  {"gzip", bomb.String(), 413},
		"another coding is not supported": {"br", packed.String(), 415},
		"none by name":                    {"identity", `{"jobTitle":"Clerk"}`, 204},
	} {
		if got, doc, _ := b.ask(t, "app", "PATCH", "/users/ada", c.body, "Content-Encoding: "+c.coding); got != c.want {
			t.Errorf("%s: %d, want %d: %v", name, got, c.want, doc)
		}
	}
}
