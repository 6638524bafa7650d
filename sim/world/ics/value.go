package ics

import (
	"errors"
	"regexp"
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

// century bounds a DURATION: more than any meeting takes, and little enough
// for the arithmetic.
const century = 36500 * 24 * time.Hour

// parseLength reads a DURATION (RFC 5545 §3.3.6). Its sign is kept in both
// parts. Days may stand beside weeks, as some write them.
func parseLength(value string) (length, error) {
	form := regexp.MustCompile(`^([+-]?)P(?:(\d{1,7})W)?(?:(\d{1,7})D)?(T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$`)
	parts := form.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(value)))
	if parts == nil || parts[4] == "T" || strings.Join(parts[2:], "") == "" {
		return length{}, errors.New("not a duration")
	}
	n := func(i int) int64 {
		number, _ := strconv.ParseInt(parts[i], 10, 64) // digits, or empty
		return number
	}
	seconds := 3600*n(5) + 60*n(6) + n(7)
	days := 7*n(2) + n(3)
	if days*24*3600+seconds > int64(century/time.Second) {
		return length{}, errors.New("longer than a century")
	}
	l := length{days: int(days), exact: time.Duration(seconds) * time.Second}
	if parts[1] == "-" {
		l.days, l.exact = -l.days, -l.exact
	}
	return l, nil
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
