package edm_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"testing"

	"github.com/graphwarden/graphwarden/edm/internal/csdl"
)

const schemaFile = "../../shared/graph/v1.0.csdl.gz"

// openSchema opens Microsoft's schema, which lies beside the repository where
// the project is developed.
func openSchema(t *testing.T) *gzip.Reader {
	t.Helper()
	f, err := os.Open(schemaFile)
	if os.IsNotExist(err) {
		t.Skip("Microsoft's schema is not there: expected in ../shared/graph beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestEmbeddedFactsAreThoseOfTheSchema(t *testing.T) {
	fresh, err := csdl.Compact(openSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	embedded, err := os.ReadFile("facts.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fresh, embedded) {
		t.Error("facts.txt.gz is not what the schema gives: run go generate ./edm")
	}
	if len(embedded) > 250_000 {
		t.Errorf("the facts take %d bytes", len(embedded))
	}
}
