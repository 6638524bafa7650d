package cli

import (
	"io"
	"strings"
	"unicode"
)

// harmless takes out of a line what a terminal would obey: strangers have a say in the
// names of apps, people, files and paths.
func harmless(line string) string { return obeyed(line, "") }

// harmlessText does the same with several lines.
func harmlessText(text string) string { return obeyed(text, "\n\t") }

func obeyed(text, but string) string {
	return strings.Map(func(c rune) rune {
		if (unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c)) && !strings.ContainsRune(but, c) {
			return '\uFFFD'
		}
		return c
	}, text)
}

// harmlessWriter takes out of what is written to it what a terminal would obey; each
// piece holds whole characters.
type harmlessWriter struct{ io.Writer }

func (w harmlessWriter) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, harmlessText(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}
