package speech

import (
	"strings"
	"testing"
)

// TestAWordIsOfOneKind keeps a word from being read as what it is in another language alone.
func TestAWordIsOfOneKind(t *testing.T) {
	seen := map[string]byte{}
	for _, k := range kinds {
		for w := range strings.FieldsSeq(k.words) {
			if is, twice := seen[w]; twice {
				t.Errorf("%s is %c and %c", w, is, k.is)
			}
			seen[w] = k.is
		}
	}
}

// TestADoubtIsNoDenial has what governs another verb, a condition or a restriction leave doubt.
func TestADoubtIsNoDenial(t *testing.T) {
	for _, s := range []struct {
		before, after string
		want          Denial
	}{
		{"we do not request ", ".", DeniesAsking},
		{"we do not request ", " unless mail is filed", Doubtful},
		{"we request ", ".", NoDenial},
		{"", " is not requested", DeniesAsking},
		{"", " does not store mail", Doubtful},
		{"if it is read, ", " is not requested", Doubtful},
		{"we do not request more than ", "", Doubtful},
		{"", " は要求しません", DeniesAsking},
		{"株式会社: it will not work unless ", " is granted", Doubtful},
	} {
		if got := Asking(s.before, s.after); got != s.want {
			t.Errorf("%q … %q: %d, not %d", s.before, s.after, got, s.want)
		}
	}
}
