package ics

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// zones finds the zones that a calendar's times name.
type zones struct {
	found    *findings
	utc      *place
	floating *place
	defined  map[string]*component // VTIMEZONE by TZID
	known    map[string]*place
	from, to time.Time // when the calendar's events take place
}

func newZones(c *component, opt Options, found *findings) *zones {
	z := &zones{found: found, utc: utc(), defined: map[string]*component{}, known: map[string]*place{}}
	z.from, z.to = span(c, opt)
	for _, child := range c.children {
		if child.name != "VTIMEZONE" {
			continue
		}
		id := child.text("TZID")
		if id == "" {
			found.add(Lost, child.line, "VTIMEZONE", "it has no TZID, so no time can name it")
			continue
		}
		z.defined[id] = child
	}
	z.floating = z.utc
	for _, name := range []string{c.text("X-WR-TIMEZONE"), opt.Zone} {
		if p, ok := z.named(name); ok {
			z.floating = p
			break
		}
	}
	return z
}

// span returns from when to when the zones of a calendar must be right.
func span(c *component, opt Options) (from, to time.Time) {
	for _, child := range c.children {
		p, _ := child.first("DTSTART")
		if start, _, _, err := rrule.ParseStamp(p.value); err == nil && child.name == "VEVENT" && (from.IsZero() || start.Before(from)) {
			from = start
		}
	}
	to = opt.Horizon
	if fiveYears := from.AddDate(5, 0, 0); fiveYears.After(to) {
		to = fiveYears
	}
	return from.AddDate(0, 0, -2), to.AddDate(1, 0, 0)
}

// of returns the zone of a time that is not in UTC. A name that the world
// knows wins over the file's definition, as files carry stale ones.
func (z *zones) of(p property) *place {
	id := p.param("TZID")
	if id == "" {
		z.found.adapted(p, "a time without a zone; it was taken as %s", z.floating.name)
		return z.floating
	}
	if place, ok := z.known[id]; ok {
		return place
	}
	place := z.find(id, p)
	z.known[id] = place
	return place
}

func (z *zones) find(id string, p property) *place {
	definition := z.defined[id]
	if place, ok := z.named(id); ok {
		z.compare(place, definition)
		return place
	}
	if definition == nil {
		z.found.lost(p, "the zone %q is neither known nor defined in the file; its times were taken as %s", shorten(id), z.floating.name)
		return z.floating
	}
	if place, ok := z.named(definition.text("X-LIC-LOCATION")); ok {
		z.compare(place, definition)
		return place
	}
	loc, err := location(definition, z.to)
	if err != nil {
		z.found.add(Lost, definition.line, "VTIMEZONE", "%q cannot be read (%v); its times were taken as %s", shorten(id), err, z.floating.name)
		return z.floating
	}
	if place, ok := z.equal(loc); ok {
		z.found.add(Adapted, definition.line, "VTIMEZONE", "%q is not a zone of Microsoft's; its clock is that of %s", shorten(id), place.name)
		return place
	}
	z.found.add(Adapted, definition.line, "VTIMEZONE", "%q is not a zone of Microsoft's and has no equal among them; its times are told in UTC", shorten(id))
	return &place{loc: loc}
}

// compare names a definition in the file that shows another clock than the
// zone of that name does.
func (z *zones) compare(place *place, definition *component) {
	if definition == nil {
		return
	}
	loc, err := location(definition, z.to)
	if err != nil {
		return
	}
	if same, at := sameClock(place.loc, loc, z.from, z.to); !same {
		z.found.add(Adapted, definition.line, "VTIMEZONE", "from %s on the file's clock is not that of %s, which was taken",
			at.UTC().Format(time.DateOnly), place.name)
	}
}
