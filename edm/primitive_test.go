package edm_test

import (
	"encoding/json"
	"testing"

	"github.com/graphwarden/graphwarden/edm"
)

// TestPrimitives tries values on properties of each primitive type.
func TestPrimitives(t *testing.T) {
	situations := []struct {
		typ, property string
		good, bad     []any
	}{
		{"event", "isAllDay", []any{true, false}, []any{"true", 1.0, "x"}},
		{"event", "subject", []any{"", "x"}, []any{1.0, true}},
		{"event", "reminderMinutesBeforeStart", []any{0.0, -5.0, json.Number("2147483647"), -2147483648.0}, []any{2147483648.0, json.Number("-2147483649"), 0.5, json.Number("1.0"), true, "1", 1 << 40}},
		{"driveItem", "size", []any{json.Number("9223372036854775807"), 5}, []any{json.Number("9223372036854775808"), "5"}},
		{"geoCoordinates", "latitude", []any{1.5, 3, json.Number("1e3"), "NaN", "INF", "-INF"}, []any{"1.5", true, "nan"}},
		{"assignedLicense", "skuId", []any{"CBDC14AB-d96c-4c30-b9f4-6ada7cdc1d46"}, []any{"cbdc14abd96c4c30b9f46ada7cdc1d46", "{cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46}", 5.0, "x"}},
		{"subscription", "expirationDateTime", []any{"2026-11-21T08:00:00Z", "2026-11-21T08:00Z", "2026-11-21T08:00:00.1234567-09:30"},
			[]any{"2026-11-21T08:00:00", "2026-11-21", "2026-13-21T08:00:00Z", "2026-11-21 08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:00:00.Z", 5.0}},
		{"recurrenceRange", "startDate", []any{"2026-11-21"}, []any{"2026-11-32", "2026-11-21T00:00:00Z", "21.11.2026", "2026-00-21"}},
		{"bookingWorkTimeSlot", "startTime", []any{"08:00", "23:59:59.1234567"}, []any{"24:00", "8:00", "08:60:00", "08:00:00."}},
		{"bookingService", "defaultDuration", []any{"PT1H", "-P1DT2H3M4.5S", "P3D"}, []any{"P", "PT", "P1DT", "1H", "P1W", "PT1H1D"}},
		{"fileAttachment", "contentBytes", []any{"aGVsbG8=", "aGVsbG8", "-_-_", "+/+/", ""}, []any{"*", "a b", "=aGVs", 5.0}},
	}
	for _, s := range situations {
		t.Run(s.typ+"/"+s.property, func(t *testing.T) {
			for _, v := range s.good {
				if err := edm.Load().Check(s.typ, map[string]any{s.property: v}, edm.Create); err != nil {
					t.Errorf("%T %v: %v", v, v, err)
				}
			}
			for _, v := range s.bad {
				if err := edm.Load().Check(s.typ, map[string]any{s.property: v}, edm.Create); err == nil {
					t.Errorf("%T %v is accepted", v, v)
				}
			}
		})
	}
}

func TestDirectoryExtensions(t *testing.T) {
	const app = "0123456789abcdef0123456789ABCDEF"
	for name, want := range map[string]bool{
		"extension_" + app + "_x": true, "extension_" + app + "_costCentre": true, "extension_" + app + "_": false, "extension_" + app: false,
		"extension_" + app[:31] + "_x": false, "extension_" + app[:31] + "g_x": false, "Extension_" + app + "_x": false, "extension_x": false, app: false,
	} {
		if err := edm.Load().Check("user", map[string]any{name: "y"}, edm.Create); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := edm.Load().Check("calendar", map[string]any{"extension_" + app + "_x": "y"}, edm.Create); err == nil {
		t.Error("a type that is not open takes an extension")
	}
}
