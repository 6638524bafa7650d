// Command gen writes the catalogue's embedded facts from Microsoft's published
// permission table and provisioning list. It is run by go generate. The same input
// gives the same bytes.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/graphwarden/graphwarden/catalog/published"
)

func main() {
	from := flag.String("from", "../shared/graph", "directory that holds permissions.json.gz and provisioning.json.gz")
	to := flag.String("to", "catalog/facts.txt", "file to write")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func run(from, to string) error {
	text, err := generate(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// generate reads both sources and returns the facts as text.
func generate(from string) ([]byte, error) {
	table, err := os.Open(filepath.Join(from, "permissions.json.gz"))
	if err != nil {
		return nil, err
	}
	defer table.Close()
	ids, err := os.Open(filepath.Join(from, "provisioning.json.gz"))
	if err != nil {
		return nil, err
	}
	defer ids.Close()
	permissions, err := published.ReadPermissions(table)
	if err != nil {
		return nil, fmt.Errorf("reading the table: %w", err)
	}
	deployments, err := published.ReadDeployments(ids)
	if err != nil {
		return nil, fmt.Errorf("reading the ids: %w", err)
	}
	return published.Facts(permissions, deployments)
}
