package zone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/zone"
)

func TestOffsetsInSummerAndWinter(t *testing.T) {
	for _, tc := range []struct {
		name           string
		winter, summer string
	}{
		{"W. Europe Standard Time", "+01:00", "+02:00"},
		{"Romance Standard Time", "+01:00", "+02:00"},
		{"GMT Standard Time", "Z", "+01:00"},
		{"Pacific Standard Time", "-08:00", "-07:00"},
		{"Eastern Standard Time", "-05:00", "-04:00"},
		{"US Mountain Standard Time", "-07:00", "-07:00"},
		{"India Standard Time", "+05:30", "+05:30"},
		{"Nepal Standard Time", "+05:45", "+05:45"},
		{"AUS Eastern Standard Time", "+11:00", "+10:00"}, // January is summer there
		{"Tokyo Standard Time", "+09:00", "+09:00"},
		{"UTC", "Z", "Z"},
		{"tzone://Microsoft/Utc", "Z", "Z"},
		{"UTC-11", "-11:00", "-11:00"},
		{"Europe/Berlin", "+01:00", "+02:00"},
		{"europe/berlin", "+01:00", "+02:00"},
		{"w. europe STANDARD time", "+01:00", "+02:00"},
		{"Asia/Calcutta", "+05:30", "+05:30"},
		{"Asia/Kolkata", "+05:30", "+05:30"},
		{"US/Pacific", "-08:00", "-07:00"},
		{"Etc/GMT", "Z", "Z"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := zone.Load(tc.name)
			if err != nil {
				t.Fatal(err)
			}
			winter := time.Date(2026, 1, 15, 12, 0, 0, 0, l).Format("Z07:00")
			summer := time.Date(2026, 7, 15, 12, 0, 0, 0, l).Format("Z07:00")
			if winter != tc.winter || summer != tc.summer {
				t.Errorf("offsets are %s and %s, want %s and %s", winter, summer, tc.winter, tc.summer)
			}
		})
	}
}

func TestEveryNameResolves(t *testing.T) {
	windows, iana := slices.Collect(zone.WindowsNames()), slices.Collect(zone.IANANames())
	if len(windows) < 139 || len(iana) < 440 {
		t.Fatalf("only %d Windows and %d IANA names", len(windows), len(iana))
	}
	if !slices.IsSorted(windows) || !slices.IsSorted(iana) {
		t.Error("the names are not in order")
	}
	for _, name := range slices.Concat(windows, iana) {
		l, err := zone.Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if again, _ := zone.Load(strings.ToUpper(name)); again != l {
			t.Errorf("%s in capitals is another zone", name)
		}
	}
	for _, name := range windows {
		iana, ok := zone.IANA(name)
		back, ok2 := zone.Windows(iana)
		if !ok || !ok2 || back != name {
			t.Errorf("%s is %s is %s", name, iana, back)
		}
	}
}

func TestTranslation(t *testing.T) {
	for _, tc := range []struct{ name, windows, iana string }{
		{"Europe/Berlin", "W. Europe Standard Time", "Europe/Berlin"},
		{"Europe/Vienna", "W. Europe Standard Time", "Europe/Vienna"},
		{"W. Europe Standard Time", "W. Europe Standard Time", "Europe/Berlin"},
		{"pacific standard time", "Pacific Standard Time", "America/Los_Angeles"},
		{"Asia/Calcutta", "India Standard Time", "Asia/Kolkata"},
		{"Asia/Kolkata", "India Standard Time", "Asia/Kolkata"},
		{"Europe/Kiev", "FLE Standard Time", "Europe/Kyiv"},
		{"UTC", "UTC", "Etc/UTC"},
		{"Zulu", "UTC", "Etc/UTC"},
		{"tzone://Microsoft/Utc", "UTC", "Etc/UTC"},
		{"Antarctica/Troll", "", "Antarctica/Troll"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			windows, ok := zone.Windows(tc.name)
			if windows != tc.windows || ok != (tc.windows != "") {
				t.Errorf("Windows calls it %q", windows)
			}
			if iana, ok := zone.IANA(tc.name); !ok || iana != tc.iana {
				t.Errorf("IANA calls it %q", iana)
			}
		})
	}
}

func TestWhatIsNoZoneIsRefused(t *testing.T) {
	for _, name := range []string{
		"", "Local", "local", "Nowhere/Middle", "Customized Time Zone", "tzone://Microsoft/Custom",
		"../../etc/passwd", "/etc/localtime", "right/Europe/Berlin", "posixrules", "Europe/Berlin ", "-", "Etc/Unknown", "unk",
	} {
		l, err := zone.Load(name)
		var unknown zone.UnknownError
		if l != nil || !errors.As(err, &unknown) || unknown.Name != name || !strings.Contains(err.Error(), "Europe/Berlin") {
			t.Errorf("Load(%q) = %v, %v", name, l, err)
		}
		if windows, ok := zone.Windows(name); ok {
			t.Errorf("Windows(%q) = %s", name, windows)
		}
		if iana, ok := zone.IANA(name); ok {
			t.Errorf("IANA(%q) = %s", name, iana)
		}
	}
}

func TestUTCIsTimesOwn(t *testing.T) {
	for _, name := range []string{"UTC", "Etc/UTC", "utc", "tzone://Microsoft/Utc"} {
		if l, err := zone.Load(name); err != nil || l != time.UTC {
			t.Errorf("Load(%q) = %v, %v", name, l, err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := zone.Load("W. Europe Standard Time"); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"", "Local", "UTC", "Europe/Berlin", "W. Europe Standard Time", "../Europe/Berlin", "tzone://Microsoft/Utc"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		l, err := zone.Load(name)
		iana, known := zone.IANA(name)
		if known != (err == nil) || known != (l != nil) {
			t.Errorf("Load(%q) = %v, %v, and IANA calls it %q", name, l, err, iana)
		}
		if windows, ok := zone.Windows(name); ok {
			if back, ok := zone.Windows(windows); !ok || back != windows {
				t.Errorf("%q is %q in Windows, and that is %q", name, windows, back)
			}
		}
	})
}
