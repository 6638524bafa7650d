package ics

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// unescape reads a TEXT value (RFC 5545 §3.3.11).
func unescape(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(text)
}

// splitText cuts a list of TEXT values at the commas that are not escaped.
func splitText(text string) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ',':
			parts = append(parts, unescape(text[start:i]))
			start = i + 1
		}
	}
	return append(parts, unescape(text[start:]))
}

// moment is a DATE or DATE-TIME: what a wall clock shows, and where it hangs.
type moment struct {
	wall time.Time // in UTC, whatever the zone
	date bool      // a DATE
	at   *place    // nil for a floating time
}

// instant returns the point in time.
func (m moment) instant() time.Time {
	if m.at == nil || m.date {
		return m.wall
	}
	return m.at.instant(m.wall)
}

// in returns what a wall clock at p shows at that moment. A DATE and a
// floating time are the same everywhere.
func (m moment) in(p *place) time.Time {
	if m.at == nil || m.date || m.at == p {
		return m.wall
	}
	return p.Wall(m.instant())
}

// length is how long something takes: whole days by the calendar, and a time
// by the stopwatch (RFC 5545 §3.3.6).
type length struct {
	days  int
	exact time.Duration
}

// end returns the end of what starts at a wall time in p.
func (l length) end(wall time.Time, p *place) time.Time {
	return p.instant(wall.AddDate(0, 0, l.days)).Add(l.exact)
}

// parseLength reads a DURATION. Its sign is kept in both parts.
func parseLength(value string) (length, error) {
	value = strings.ToUpper(strings.TrimSpace(value))
	rest, negative := strings.CutPrefix(value, "-")
	rest, ok := strings.CutPrefix(strings.TrimPrefix(rest, "+"), "P")
	if !ok || rest == "" {
		return length{}, errors.New("not a duration")
	}
	var l length
	inTime := false
	for rest != "" {
		if rest[0] == 'T' && !inTime {
			inTime, rest = true, rest[1:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 || end > 9 {
			return length{}, errors.New("not a duration")
		}
		n, _ := strconv.Atoi(rest[:end])
		if !l.add(n, rest[end], inTime) {
			return length{}, errors.New("not a duration")
		}
		rest = rest[end+1:]
	}
	if negative {
		l.days, l.exact = -l.days, -l.exact
	}
	// A century is more than any meeting, and keeps the arithmetic in range.
	if l.days > 36500 || l.days < -36500 || l.exact.Abs() > 36500*24*time.Hour {
		return length{}, errors.New("longer than a century")
	}
	return l, nil
}

func (l *length) add(n int, unit byte, inTime bool) bool {
	switch {
	case unit == 'W' && !inTime:
		l.days += 7 * n
	case unit == 'D' && !inTime:
		l.days += n
	case unit == 'H' && inTime && n < 1e6:
		l.exact += time.Duration(n) * time.Hour
	case unit == 'M' && inTime && n < 1e8:
		l.exact += time.Duration(n) * time.Minute
	case unit == 'S' && inTime:
		l.exact += time.Duration(n) * time.Second
	default:
		return false
	}
	return true
}

// parseOffset reads a UTC-OFFSET (RFC 5545 §3.3.14) into seconds.
func parseOffset(value string) (int, error) {
	value = strings.TrimSpace(value)
	if len(value) != 5 && len(value) != 7 || value[0] != '+' && value[0] != '-' {
		return 0, errors.New("not an offset such as +0100")
	}
	total := 0
	for i, unit := range []int{3600, 60, 1}[:len(value)/2] {
		n, err := strconv.ParseUint(value[1+2*i:3+2*i], 10, 8)
		if err != nil || i == 0 && n > 23 || n > 59 {
			return 0, errors.New("not an offset such as +0100")
		}
		total += int(n) * unit
	}
	if value[0] == '-' {
		total = -total
	}
	return total, nil
}
