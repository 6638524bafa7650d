// Command gen writes the catalogue's embedded facts from Microsoft's published
// permission table and provisioning list. It is run by go generate and takes
// facts only: names, consent titles, ids, schemes, levels, methods, paths and
// marks; no descriptions. The same input gives the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
)

func main() {
	from := flag.String("from", "../shared/graph", "directory that holds permissions.json.gz and provisioning.json.gz")
	to := flag.String("to", "catalog/facts.txt.gz", "file to write")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func run(from, to string) error {
	text, err := generate(
		filepath.Join(from, "permissions.json.gz"),
		filepath.Join(from, "provisioning.json.gz"))
	if err != nil {
		return err
	}
	packed, err := pack(text)
	if err != nil {
		return fmt.Errorf("packing the facts: %w", err)
	}
	return os.WriteFile(to, packed, 0o644)
}

// generate reads both sources and returns the facts as text.
func generate(permissionsFile, provisioningFile string) ([]byte, error) {
	var published published
	if err := read(permissionsFile, &published); err != nil {
		return nil, err
	}
	var deployed deployed
	if err := read(provisioningFile, &deployed); err != nil {
		return nil, err
	}
	t, err := newTable(published.Permissions, deployed.Deployments)
	if err != nil {
		return nil, err
	}
	return t.text(), nil
}

// pack compresses without a time or a name, so that equal text gives equal bytes.
func pack(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpack(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", file, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", file, err)
	}
	return text, nil
}
