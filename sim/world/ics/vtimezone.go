package ics

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// observance is a STANDARD or DAYLIGHT part of a VTIMEZONE (RFC 5545 §3.6.5).
type observance struct {
	from, to int // seconds east of UTC before and after it begins
	daylight bool
	onsets   []time.Time // instants at which it begins
}

// maxOnsets bounds how many changes of a clock one file may define.
const maxOnsets = 4000

// location makes a zone from its definition in the file, right until a time.
func location(c *component, until time.Time) (*time.Location, error) {
	var parts []observance
	for _, child := range c.children {
		if child.name != "STANDARD" && child.name != "DAYLIGHT" {
			continue
		}
		o, err := readObservance(child, until)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", child.line, err)
		}
		parts = append(parts, o)
	}
	if len(parts) == 0 || len(parts) > 100 {
		return nil, fmt.Errorf("%d definitions of its clock, of which one to a hundred make sense", len(parts))
	}
	return time.LoadLocationFromTZData(c.text("TZID"), tzif(parts))
}

func readObservance(c *component, until time.Time) (observance, error) {
	o := observance{daylight: c.name == "DAYLIGHT"}
	var err error
	if o.from, err = parseOffset(c.text("TZOFFSETFROM")); err != nil {
		return o, fmt.Errorf("TZOFFSETFROM: %w", err)
	}
	if o.to, err = parseOffset(c.text("TZOFFSETTO")); err != nil {
		return o, fmt.Errorf("TZOFFSETTO: %w", err)
	}
	start, _, _, err := rrule.ParseStamp(c.text("DTSTART"))
	if err != nil {
		return o, fmt.Errorf("DTSTART: %w", err)
	}
	before := &place{loc: time.FixedZone("", o.from)}
	o.onsets = append(o.onsets, before.instant(start))
	for _, p := range c.all("RDATE") {
		if wall, _, _, err := rrule.ParseStamp(p.value); err == nil {
			o.onsets = append(o.onsets, before.instant(wall))
		}
	}
	for _, p := range c.all("RRULE") {
		r, err := rrule.Parse(p.value, before)
		if err != nil {
			return o, fmt.Errorf("RRULE: %w", err)
		}
		for wall := range r.Expand(start, until, before) {
			if len(o.onsets) > maxOnsets {
				break
			}
			o.onsets = append(o.onsets, before.instant(wall))
		}
	}
	return o, nil
}

// tzif writes the zone in the format that time reads (RFC 8536). Type 0 is the
// clock before the first change; type i+1 is that of observance i.
func tzif(parts []observance) []byte {
	type change struct {
		at   int64
		kind uint8
	}
	var changes []change
	for i, o := range parts {
		for _, onset := range o.onsets {
			changes = append(changes, change{onset.Unix(), uint8(i + 1)})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(min(max(a.at-b.at, -1), 1)) })
	changes = slices.CompactFunc(changes, func(a, b change) bool { return a.at == b.at })

	var out bytes.Buffer
	header := func(counts ...uint32) {
		out.WriteString("TZif2")
		out.Write(make([]byte, 15))
		for _, n := range counts {
			binary.Write(&out, binary.BigEndian, n)
		}
	}
	header(0, 0, 0, 0, 0, 0)
	header(0, 0, 0, uint32(len(changes)), uint32(len(parts)+1), 2)
	for _, c := range changes {
		binary.Write(&out, binary.BigEndian, c.at)
	}
	for _, c := range changes {
		out.WriteByte(c.kind)
	}
	kind := func(offset int, daylight bool) {
		binary.Write(&out, binary.BigEndian, int32(offset))
		dst := byte(0)
		if daylight {
			dst = 1
		}
		out.Write([]byte{dst, 0})
	}
	kind(parts[changes[0].kind-1].from, false)
	for _, o := range parts {
		kind(o.to, o.daylight)
	}
	out.WriteString("-\x00\n\n")
	return out.Bytes()
}
