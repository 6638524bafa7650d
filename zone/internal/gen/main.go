// Command gen writes the table of time zone names from Unicode's CLDR: the
// mapping of Windows zones (cldr-core, supplemental/windowsZones.json) and the
// names that one IANA zone has had (cldr-bcp47, bcp47/timezone.json). Both come
// from npm, are not part of this repository, and are named by flags:
//
//	npm pack cldr-core cldr-bcp47    # and unpack them
//	go run ./zone/internal/gen -windows .../windowsZones.json -names .../timezone.json -to zone/zones.txt
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	windows := flag.String("windows", "windowsZones.json", "CLDR's mapping of Windows zones")
	names := flag.String("names", "timezone.json", "CLDR's time zone identifiers")
	to := flag.String("to", "zone/zones.txt", "file to write")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*windows, *names, *to); err != nil {
		log.Fatal(err)
	}
}

func run(windowsFile, namesFile, to string) error {
	var windows windowsZones
	if err := read(windowsFile, &windows); err != nil {
		return err
	}
	var identifiers identifiers
	if err := read(namesFile, &identifiers); err != nil {
		return err
	}
	text, err := table(windows, identifiers)
	if err != nil {
		return fmt.Errorf("making the table: %w", err)
	}
	return os.WriteFile(to, text, 0o644)
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	return nil
}
