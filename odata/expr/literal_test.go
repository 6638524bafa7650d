package expr_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/odata/expr"
)

func TestLiterals(t *testing.T) {
	for text, kind := range map[string]expr.LiteralKind{
		"null": expr.Null, "true": expr.Bool, "false": expr.Bool,
		"0": expr.Number, "-1": expr.Number, "1.5": expr.Number, "1e5": expr.Number, "1.5E-10": expr.Number, "-0.0e+0": expr.Number,
		"'x'": expr.String, "''": expr.String, "''''": expr.String,
		"cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46": expr.GUID, "0bdc14AB-D96C-4c30-b9f4-6ada7cdc1d46": expr.GUID,
		"2026-11-21": expr.Date, "2028-02-29": expr.Date,
		"2026-11-21T08:00Z": expr.DateTime, "2026-11-21T08:00:00Z": expr.DateTime, "2026-11-21T08:00:00.123456789012-09:30": expr.DateTime,
		"08:00": expr.TimeOfDay, "23:59:59": expr.TimeOfDay, "08:00:00.5": expr.TimeOfDay,
		"duration'PT1M'": expr.Duration, "duration'-P1DT2H3M4.5S'": expr.Duration,
		"microsoft.graph.a'b'": expr.Enum,
	} {
		e, err := expr.Parse("a eq " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		lit, ok := e.(expr.Binary).Right.(expr.Literal)
		if !ok || lit.Kind != kind || lit.String() != text {
			t.Errorf("%s is %#v", text, e)
		}
	}
}

func TestWhatLooksLikeALiteralAndIsNone(t *testing.T) {
	for _, text := range []string{
		"-", "1.", ".5", "1e", "1e+", "1.5.5", "--1", "1x", "0x10", "1e5e5", "5L", "1.x",
		"cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d4", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46a", "gbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "0bdc14ab_d96c-4c30-b9f4-6ada7cdc1d46",
		"2026-1-1", "2026-02-30", "2026-11-21T", "2026-11-21Z", "2026-11-21t08:00:00z", "2026-11-21T08:00:00", "2026-11-21T8:00Z",
		"2026-11-21T08:00:00.Z", "2026-11-21T08:00:00+1:00", "2026-11-21T08:00:00+0100", "2026-11-21T08:00:00,5Z", "2026-11-21T08:00:00x01:00", "+01:00", "2026-11-21T24:00:00Z",
		"8:00", "08:0", "08:00:", "08:00:0", "08:00:00.", "08:00:00.x", "08:00:00.1234567890123", "24:00",
		"duration'P'", "duration'PT'", "duration'P1DT'", "duration'1D'", "duration'P1H'", "duration'PT1.5M'", "duration'P-1D'", "duration'PT1S1M'",
		"duration'P1W'", "duration'PT1M '", "duration'PTS'", "duration'P999999999D'", "duration'PT1e3S5'", "'", "'a", "'a'b'", "x'y'", "microsoft.graph.a'b",
	} {
		if e, err := expr.Parse("a eq " + text); err == nil {
			t.Errorf("%s is accepted as %#v", text, e)
		}
	}
}

func TestNames(t *testing.T) {
	for s, n := range map[string]int{
		"a": 1, "a1_B c": 4, "a.b.c": 5, "a.": 1, "a.1": 1, "a..b": 1, "_x": 2, "1a": 0, "": 0, ".a": 0, "$a": 0, "ä": 0, "a-b": 1,
	} {
		if got := expr.NameLen(s); got != n {
			t.Errorf("NameLen(%q) = %d, want %d", s, got, n)
		}
	}
	for name, want := range map[string]string{
		"microsoft.graph.user": "user", "Graph.User": "User", "user": "user", "microsoft.graph.security.alert": "security.alert",
		"graph.": "graph.", "microsoft.graph.": "", "graphs.user": "graphs.user",
	} {
		if want == "" {
			want = name
		}
		if got := expr.Unqualified(name); got != want {
			t.Errorf("Unqualified(%q) = %q, want %q", name, got, want)
		}
	}
}
