// Package logbook keeps the last lines of a program's log in memory, so that they
// can be looked at and followed while it runs. It promises that who follows gets
// each line once and in order, or is told how many are gone; that values stand in it
// as the log prints them, so that a secret is none the less silent; and that it never
// grows beyond its size. It refuses to keep anything on disk: that is the log's own
// matter.
package logbook

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
	"unicode/utf8"
)

// longest is how many bytes of a value are kept.
const longest = 2000

// Line is one line of the log.
type Line struct {
	N       int64 // its number in the book, from 1 on
	At      time.Time
	Level   slog.Level
	Message string
	About   map[string]string // its attributes, groups joined by dots
}

// Book keeps the last lines. It may be used from many goroutines.
type Book struct {
	id   string
	size int

	mu    sync.Mutex
	lines []Line // a ring once it is full
	last  int64
	news  chan struct{} // closed when a line comes
}

// New makes a book of so many lines. The id tells it from another process's, whose
// lines have the same numbers.
func New(id string, size int) *Book {
	return &Book{id: id, size: max(size, 1), news: make(chan struct{})}
}

// ID tells the book from others.
func (b *Book) ID() string { return b.id }

// Last is the number of the last line; 0 before the first.
func (b *Book) Last() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// News gives a channel that is closed when another line has come.
func (b *Book) News() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.news
}

// After gives at most limit lines that follow line n, and how many between are gone.
func (b *Book) After(n int64, limit int) (lines []Line, gone int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	oldest := b.last - int64(len(b.lines)) + 1
	if n+1 < oldest {
		gone = oldest - n - 1
		n = oldest - 1
	}
	for ; n < b.last && len(lines) < limit; n++ {
		lines = append(lines, b.lines[n%int64(b.size)])
	}
	return lines, gone
}

func (b *Book) write(l Line) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	l.N = b.last
	if len(b.lines) < b.size {
		b.lines = append(b.lines, l)
	} else {
		b.lines[(l.N-1)%int64(b.size)] = l
	}
	close(b.news)
	b.news = make(chan struct{})
}

// Handler gives a handler that writes into the book what it hands on to next.
func (b *Book) Handler(next slog.Handler) slog.Handler { return handler{book: b, next: next} }

type handler struct {
	book  *Book
	next  slog.Handler
	under string // the groups that are open
	given []slog.Attr
}

func (h handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	line := Line{At: r.Time, Level: r.Level, Message: cut(r.Message), About: map[string]string{}}
	for _, a := range h.given {
		note(line.About, "", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		note(line.About, h.under, a)
		return true
	})
	h.book.write(line)
	return h.next.Handle(ctx, r)
}

func (h handler) WithAttrs(list []slog.Attr) slog.Handler {
	given := slices.Clone(h.given)
	for _, a := range list {
		a.Key = h.under + a.Key
		given = append(given, a)
	}
	return handler{h.book, h.next.WithAttrs(list), h.under, given}
}

func (h handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return handler{h.book, h.next.WithGroup(name), h.under + name + ".", h.given}
}

// note writes an attribute as text.
func note(into map[string]string, under string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			under += a.Key + "."
		}
		for _, inner := range v.Group() {
			note(into, under, inner)
		}
		return
	}
	text := v.String()
	if v.Kind() == slog.KindAny {
		text = fmt.Sprint(v.Any()) // as the type prints itself: a secret does not
	}
	if a.Key != "" {
		into[under+a.Key] = cut(text)
	}
}

// cut shortens what is long, between characters.
func cut(text string) string {
	if len(text) <= longest {
		return text
	}
	end := longest
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
