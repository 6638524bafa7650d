package cli

import (
	"bytes"
	"log/slog"
	"strings"
)

// eventLines hands on what is written to it line by line, each with its level, to
// where a system keeps events. It is written to by one log at a time.
type eventLines struct {
	tell func(level slog.Level, text string) error
	rest []byte // of a line that has not ended
}

// longestEvent is how many bytes of a line are told: Windows takes no more than 31,839
// characters (ReportEvent).
const longestEvent = 30000

// Write takes lines. That one cannot be told is no reason to stop.
func (e *eventLines) Write(text []byte) (int, error) {
	e.rest = append(e.rest, text...)
	for {
		line, rest, ended := bytes.Cut(e.rest, []byte("\n"))
		if !ended {
			return len(text), nil
		}
		if said := string(line[:min(len(line), longestEvent)]); strings.TrimSpace(said) != "" {
			_ = e.tell(levelOfLine(said), strings.ToValidUTF8(strings.ReplaceAll(said, "\x00", ""), "?"))
		}
		e.rest = bytes.Clone(rest)
	}
}

// levelOfLine is the level that a line of the log says that it has; what the program
// says at its end is an error.
func levelOfLine(line string) slog.Level {
	for _, word := range strings.Fields(line) {
		if name, is := strings.CutPrefix(word, "level="); is {
			var l slog.Level
			if l.UnmarshalText([]byte(name)) == nil {
				return l
			}
		}
	}
	if strings.HasPrefix(line, "graphwarden: ") {
		return slog.LevelError
	}
	return slog.LevelInfo
}
