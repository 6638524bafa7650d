package people

import (
	"fmt"
	"math/rand/v2"
)

// office is a place of work.
type office struct {
	city, country, usage string // usage is the two-letter usageLocation
	zone, iana           string // the zone's Windows and IANA names
	street, postalCode   string
	language             string
	line, mobile         string // a template of digits: # is any
}

// offices lists the places of work. The telephone numbers are of the ranges
// that each country's regulator keeps for fiction (NANPA 555-01xx; Ofcom;
// Bundesnetzagentur; Arcep; PTS; ACMA).
func offices() []office {
	return []office{
		{"London", "United Kingdom", "GB", "GMT Standard Time", "Europe/London",
			"12 Lamplighter Row", "EC1A 9ZZ", "en-GB", "+44 20 7946 0###", "+44 7700 900###"},
		{"Berlin", "Germany", "DE", "W. Europe Standard Time", "Europe/Berlin",
			"Kastanienufer 7", "10179", "de-DE", "+49 30 23125 ###", "+49 171 39200##"},
		{"New York", "United States", "US", "Eastern Standard Time", "America/New_York",
			"480 Foundry Street", "10013", "en-US", "+1 212 555 01##", "+1 646 555 01##"},
		{"Paris", "France", "FR", "Romance Standard Time", "Europe/Paris",
			"3 quai des Tilleuls", "75011", "fr-FR", "+33 1 99 00 ## ##", "+33 6 39 98 ## ##"},
		{"Stockholm", "Sweden", "SE", "W. Europe Standard Time", "Europe/Stockholm",
			"Norra Bryggan 21", "111 30", "sv-SE", "+46 8 465 004 ##", "+46 70 174 06 ##"},
		{"Los Angeles", "United States", "US", "Pacific Standard Time", "America/Los_Angeles",
			"2210 Harbor Walk", "90012", "en-US", "+1 213 555 01##", "+1 323 555 01##"},
		{"Sydney", "Australia", "AU", "AUS Eastern Standard Time", "Australia/Sydney",
			"8 Wharf Lane", "2000", "en-AU", "+61 2 5550 ####", "+61 491 570 1##"},
	}
}

// dial fills in a telephone number.
func dial(r *rand.Rand, template string) string {
	number := []byte(template)
	for i, c := range number {
		if c == '#' {
			number[i] = byte('0' + r.IntN(10))
		}
	}
	return string(number)
}

// address is the office's Graph physicalAddress.
func (o office) address() Doc {
	return Doc{
		"street": o.street, "city": o.city, "state": nil, "countryOrRegion": o.country, "postalCode": o.postalCode,
	}
}

// floor names a floor of the office's building.
func (o office) floor(n int) string { return fmt.Sprintf("%s, floor %d", o.city, n) }
