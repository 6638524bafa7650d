package find_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/find"
)

// TestPatternsAnswerAsAlone compares with the expression that is tried everywhere.
func TestPatternsAnswerAsAlone(t *testing.T) {
	patterns := []string{`\bROPC\b|resource owner`, `secret.{0,9}never|never expir`, `a`, `(?:ab|cd)+x?`, `x*`, `optional|\bif you (?:use|want)`, `délégu|ÉTÉ`, `[abc]d`, `lo(?:ng|st)er`, `alpha|beta|gamma|never expires|délégué|longer x|ad`, `(?:secretly|serenely|secret\w|hush|silent|tacit)`}
	texts := []string{"", "ROPC", "ropc is", "Resource Owner", "the secret is NEVER changed", "abcd", "A", "cdx", "If you WANT", "DÉLÉGUÉE été", "Longer", "loster", "ad BD", "never expires", "it is secretly said", "Serenely, hush", "a longer xylophone", "ALPHA and beta", "tacit"}
	for _, p := range patterns {
		alone := regexp.MustCompile(`(?i)` + p)
		for _, s := range texts {
			if got, want := find.New(p).MatchString(s), alone.MatchString(s); got != want {
				t.Errorf("%q in %q: %v", p, s, got)
			}
			lower := strings.ToLower(s)
			if got := find.New(p).Sifted(s, lower, find.Sift(lower)); got != alone.MatchString(s) {
				t.Errorf("%q in %q, sifted: %v", p, s, got)
			}
		}
	}
	if got := find.Lower(`cd|ab+`).All("abbcdab"); len(got) != 3 || got[0][1] != 3 || got[1][0] != 3 || got[2][0] != 5 {
		t.Errorf("found at %v", got)
	}
}
