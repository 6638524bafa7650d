// Command gen writes the embedded facts of package edm from Microsoft's schema
// of Graph v1.0. It is run by go generate.
package main

import (
	"compress/gzip"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/graphwarden/graphwarden/edm/internal/csdl"
)

func main() {
	from := flag.String("from", "../../shared/graph/v1.0.csdl.gz", "the schema, gzipped CSDL")
	to := flag.String("to", "facts.txt.gz", "file to write")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func run(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("reading %s: %w", from, err)
	}
	facts, err := csdl.Compact(z)
	if err != nil {
		return err
	}
	return os.WriteFile(to, facts, 0o644)
}
