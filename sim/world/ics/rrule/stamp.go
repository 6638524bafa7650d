package rrule

import (
	"errors"
	"strings"
	"time"
)

// ParseStamp reads DATE, DATE-TIME and DATE-TIME in UTC (RFC 5545 §3.3.4 and
// §3.3.5) as a wall time, and whether it is a DATE or in UTC. A DATE with a Z, which
// some write, is a DATE.
func ParseStamp(value string) (wall time.Time, date, utc bool, err error) {
	value = strings.ToUpper(strings.TrimSpace(value))
	stamp, utc := strings.CutSuffix(value, "Z")
	layout := "20060102T150405"
	switch len(stamp) {
	case len("20060102"):
		layout, date, utc = "20060102", true, false
	case len("20060102T1504"):
		layout = "20060102T1504"
	}
	// A leap second is read as the second before it (RFC 5545 §3.3.5).
	if len(stamp) == len("20060102T150405") && strings.HasSuffix(stamp, "60") {
		stamp = stamp[:13] + "59"
	}
	wall, err = time.Parse(layout, stamp)
	if err != nil || wall.Year() < 1 {
		return time.Time{}, false, false, errors.New("not a date or time")
	}
	return wall, date, utc, nil
}
