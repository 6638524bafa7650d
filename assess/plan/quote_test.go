package plan_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// TestAQuoteIsSafeToShow quotes what a terminal would obey, what is long, and what ends
// inside of a letter.
func TestAQuoteIsSafeToShow(t *testing.T) {
	for text, want := range map[string]string{
		"plain  words\n here":        "plain words here",
		"red \x1b[31mtext\x07":       `red \u{1b}[31mtext\u{7}`,
		"left \u202e to right":       `left \u{202e} to right`,
		"ein Schlüssel läuft nie ab": "ein Schlüssel läuft nie ab",
	} {
		if got := plan.Quote(text, 0); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	long := strings.Repeat("ä before it ", 50) + "HERE" + strings.Repeat(" behind it ö", 50)
	got := plan.Quote(long, strings.Index(long, "HERE"))
	if len(got) > 140 || !strings.Contains(got, "HERE") || !strings.HasPrefix(got, "... ") || !strings.HasSuffix(got, " ...") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}
