package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// windowsZones is windowsZones.json. A mapping with the territory 001 gives a
// Windows zone's main IANA zone.
type windowsZones struct {
	Supplemental struct {
		WindowsZones struct {
			MapTimezones []struct {
				MapZone struct {
					Windows   string `json:"_other"`
					IANA      string `json:"_type"`
					Territory string `json:"_territory"`
				} `json:"mapZone"`
			} `json:"mapTimezones"`
		} `json:"windowsZones"`
	} `json:"supplemental"`
}

// identifiers is timezone.json: by short code all names of a zone.
type identifiers struct {
	Keyword struct {
		U struct {
			TZ map[string]json.RawMessage `json:"tz"`
		} `json:"u"`
	} `json:"keyword"`
}

type identifier struct {
	Alias     string `json:"_alias"`
	IANA      string `json:"_iana"`      // today's name, if it is not the first alias
	Preferred string `json:"_preferred"` // the code that replaced this one
}

// noZone is CLDR's code for a place without a known zone.
const noZone = "unk"

// zone is one IANA zone with all its names, today's first.
type zone struct {
	names   []string
	windows string
}

// table writes two kinds of lines, their parts separated by tabs:
//
//	W windows iana            a Windows zone and its main IANA zone
//	I iana windows alias...   an IANA zone, its Windows zone or -, its other names
func table(windows windowsZones, ids identifiers) ([]byte, error) {
	zones, err := zonesOf(ids)
	if err != nil {
		return nil, err
	}
	byName := map[string]*zone{}
	for _, z := range zones {
		for _, name := range z.names {
			byName[name] = z
		}
	}
	mains := map[string]string{}
	for _, m := range windows.Supplemental.WindowsZones.MapTimezones {
		for name := range strings.FieldsSeq(m.MapZone.IANA) {
			z, ok := byName[name]
			switch {
			case !ok:
				return nil, fmt.Errorf("%s is mapped to %q, which is no zone", m.MapZone.Windows, name)
			case z.windows != "" && z.windows != m.MapZone.Windows:
				return nil, fmt.Errorf("%q belongs to %s and to %s", name, z.windows, m.MapZone.Windows)
			}
			z.windows = m.MapZone.Windows
			if m.MapZone.Territory == "001" {
				mains[m.MapZone.Windows] = z.names[0]
			}
		}
	}
	return text(mains, zones), nil
}

// zonesOf collects the names of each zone, those of replaced codes included.
func zonesOf(ids identifiers) ([]*zone, error) {
	read := map[string]identifier{}
	for code, raw := range ids.Keyword.U.TZ {
		if strings.HasPrefix(code, "_") || code == noZone {
			continue
		}
		var id identifier
		if err := json.Unmarshal(raw, &id); err != nil {
			return nil, fmt.Errorf("zone %s: %w", code, err)
		}
		read[code] = id
	}
	byCode := map[string]*zone{}
	for code, id := range read {
		if id.Preferred == "" {
			byCode[code] = &zone{names: named(id)}
		}
	}
	for _, code := range slices.Sorted(maps.Keys(read)) {
		id := read[code]
		if id.Preferred == "" {
			continue
		}
		z, ok := byCode[id.Preferred]
		if !ok {
			return nil, fmt.Errorf("zone %s was replaced by %s, which is no zone", code, id.Preferred)
		}
		z.names = append(z.names, named(id)...)
	}
	zones := slices.Collect(maps.Values(byCode))
	slices.SortFunc(zones, func(a, b *zone) int { return strings.Compare(a.names[0], b.names[0]) })
	return zones, nil
}

// named lists the names of a code, today's first.
func named(id identifier) []string {
	names := strings.Fields(id.Alias)
	if i := slices.Index(names, id.IANA); i > 0 {
		names = append([]string{id.IANA}, slices.Delete(names, i, i+1)...)
	}
	return names
}

func text(mains map[string]string, zones []*zone) []byte {
	var b bytes.Buffer
	for _, windows := range slices.Sorted(maps.Keys(mains)) {
		fmt.Fprintf(&b, "W\t%s\t%s\n", windows, mains[windows])
	}
	for _, z := range zones {
		windows := z.windows
		if windows == "" {
			windows = "-"
		}
		fmt.Fprintf(&b, "I\t%s\t%s", z.names[0], windows)
		for _, alias := range z.names[1:] {
			fmt.Fprintf(&b, "\t%s", alias)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
