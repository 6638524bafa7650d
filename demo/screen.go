package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"charm.land/lipgloss/v2"
)

// screen prints the story: with colour and a moving line on a terminal, line by
// line elsewhere.
type screen struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	moving   bool   // the last line is to be written over
	gone     func() // called when nobody can see the screen any more
}

// The colours, by what they mean.
const (
	quiet  = "245"
	good   = "42"
	accent = "39"
	alarm  = "208"
)

func (s *screen) paint(colour, text string) string {
	if !s.terminal {
		return text
	}
	return lipgloss.NewStyle().Foreground(lipgloss.Color(colour)).Render(text)
}

func (s *screen) bold(text string) string {
	if !s.terminal {
		return text
	}
	return lipgloss.NewStyle().Bold(true).Render(text)
}

// chapter begins a part of the story.
func (s *screen) chapter(title string) {
	s.line("")
	s.line(s.paint(accent, "━━ ") + s.bold(title))
}

// say tells one thing.
func (s *screen) say(format string, args ...any) { s.line("   " + fmt.Sprintf(format, args...)) }

// did tells one thing that has been done and measured.
func (s *screen) did(format string, args ...any) {
	s.line(s.paint(good, " ✓ ") + fmt.Sprintf(format, args...))
}

// trouble tells one thing that goes wrong on purpose.
func (s *screen) trouble(format string, args ...any) {
	s.line(s.paint(alarm, " ! ") + fmt.Sprintf(format, args...))
}

// arrived tells what the app received.
func (s *screen) arrived(a arrival, after time.Duration) {
	s.line(fmt.Sprintf("     %s %-8s %-34s %s", s.paint(accent, "→"), a.kind, clip(a.subject, 34),
		s.paint(quiet, fmt.Sprintf("%s, %s after the change", a.app, round(after)))))
}

// progress shows how far something is, on one line.
func (s *screen) progress(done, of int, what string) {
	if !s.terminal {
		return
	}
	const width = 28
	full := width
	if of > 0 {
		full = min(width, width*done/of)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.out, "\r\x1b[K   %s%s %s", s.paint(good, strings.Repeat("█", full)), s.paint(quiet, strings.Repeat("░", width-full)), what)
	s.moving = true
}

func (s *screen) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.moving {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.moving = false
	}
	if _, err := fmt.Fprintln(s.out, text); err != nil {
		s.gone()
	}
}

func clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// round gives a duration with the digits that mean something.
func round(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
