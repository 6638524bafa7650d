package outlook_test

import (
	"errors"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

type doc = map[string]any

// code is the code of a refusal.
func code(err error) string {
	var p *outlook.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestMomentsAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  string // in UTC
		code  string
	}{
		"on a wall clock":         {doc{"dateTime": "2026-07-01T09:00:00", "timeZone": "W. Europe Standard Time"}, "2026-07-01T07:00:00Z", ""},
		"with seven digits":       {doc{"dateTime": "2026-07-01T09:00:00.1234567", "timeZone": "UTC"}, "2026-07-01T09:00:00.1234567Z", ""},
		"to the minute":           {doc{"dateTime": "2026-07-01T09:00", "timeZone": "UTC"}, "2026-07-01T09:00:00Z", ""},
		"to the day":              {doc{"dateTime": "2026-07-01", "timeZone": "Europe/Berlin"}, "2026-06-30T22:00:00Z", ""},
		"with an offset":          {doc{"dateTime": "2026-07-01T09:00:00+09:00", "timeZone": "UTC"}, "2026-07-01T00:00:00Z", ""},
		"in a zone by small name": {doc{"dateTime": "2026-01-01T09:00:00", "timeZone": "pacific standard time"}, "2026-01-01T17:00:00Z", ""},
		"not as text":             {"2026-07-01T09:00:00Z", "", "ErrorPropertyValidationFailure"},
		"not null":                {nil, "", "ErrorPropertyValidationFailure"},
		"not of a month 13":       {doc{"dateTime": "2026-13-01T09:00:00", "timeZone": "UTC"}, "", "ErrorPropertyValidationFailure"},
		"not without a zone":      {doc{"dateTime": "2026-07-01T09:00:00"}, "", "TimeZoneNotSupportedException"},
		"not in the zone Local":   {doc{"dateTime": "2026-07-01T09:00:00", "timeZone": "Local"}, "", "TimeZoneNotSupportedException"},
	} {
		m, err := outlook.ReadMoment("start", c.value)
		if code(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		if got := m.At.Format(time.RFC3339Nano); c.code == "" && got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestMomentsAreWritten(t *testing.T) {
	m, err := outlook.ReadMoment("start", doc{"dateTime": "2026-07-01T00:00:00", "timeZone": "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	z, err := outlook.FindZone("Pacific Standard Time")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ got, want doc }{
		"by default":             {m.Doc(outlook.Zone{}), doc{"dateTime": "2026-06-30T22:00:00.0000000", "timeZone": "UTC"}},
		"in a zone of choice":    {m.Doc(z), doc{"dateTime": "2026-06-30T15:00:00.0000000", "timeZone": "Pacific Standard Time"}},
		"as the date of all day": {m.DateDoc(z), doc{"dateTime": "2026-07-01T00:00:00.0000000", "timeZone": "Pacific Standard Time"}},
		"never set":              {outlook.Moment{}.Doc(z), doc{"dateTime": "0000-12-31T16:07:02.0000000", "timeZone": "Pacific Standard Time"}},
		"all day in no zone":     {m.DateDoc(outlook.Zone{}), doc{"dateTime": "2026-07-01T00:00:00.0000000", "timeZone": "UTC"}},
	} {
		if c.got["dateTime"] != c.want["dateTime"] || c.got["timeZone"] != c.want["timeZone"] {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if outlook.WindowsName("Europe/Berlin") != "W. Europe Standard Time" || outlook.WindowsName("Nowhere") != "Nowhere" {
		t.Error("zones are not named as Windows does")
	}
}

func TestInstantsOfAWindow(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01T19:00:00-08:00": "2026-03-02T03:00:00Z",
		"2026-03-01T19:00:00 01:00": "2026-03-01T18:00:00Z", // a plus that was not escaped
		"2026-03-01T19:00:00":       "2026-03-01T19:00:00Z",
		"2026-03-01T19:00:00.00Z":   "2026-03-01T19:00:00Z",
		"2026-03-01":                "2026-03-01T00:00:00Z",
		"":                          "ErrorInvalidParameter",
		"yesterday":                 "ErrorInvalidParameter",
	} {
		at, err := outlook.ReadInstant("StartDateTime", text)
		got := at.Format(time.RFC3339)
		if err != nil {
			got = code(err)
		}
		if got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func FuzzReadMoment(f *testing.F) {
	f.Add("2026-03-29T02:30:00", "W. Europe Standard Time")
	f.Add("0001-01-01T00:00:00.0000001", "UTC")
	f.Add("9999-12-31T23:59:59+14:00", "Asia/Tokyo")
	f.Fuzz(func(t *testing.T, text, zone string) {
		m, err := outlook.ReadMoment("start", doc{"dateTime": text, "timeZone": zone})
		if err != nil {
			return
		}
		again, err := outlook.ReadMoment("start", m.Doc(outlook.UTC()))
		if err == nil && m.At.Sub(again.At).Abs() >= 100*time.Nanosecond {
			t.Errorf("%q in %q is %v, written and read again %v", text, zone, m.At, again.At)
		}
	})
}
