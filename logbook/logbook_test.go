package logbook_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden/logbook"
	"github.com/graphwarden/graphwarden/seal"
)

func TestTheLastLinesAreKeptAndWhatIsGoneIsCounted(t *testing.T) {
	b := logbook.New("one", 10)
	var out bytes.Buffer
	log := slog.New(b.Handler(slog.NewTextHandler(&out, nil)))
	if lines, gone := b.After(0, 5); len(lines) != 0 || gone != 0 || b.Last() != 0 {
		t.Errorf("an empty book has %v, %d", lines, gone)
	}
	news := b.News()
	for n := range 25 {
		log.Info("line", "n", n+1)
	}
	log.Debug("not of the log, not of the book")
	select {
	case <-news:
	default:
		t.Error("nobody was told")
	}
	for _, c := range []struct{ after, first, count, gone int64 }{{0, 16, 10, 15}, {14, 16, 10, 1}, {15, 16, 10, 0}, {20, 21, 5, 0}, {25, 0, 0, 0}, {30, 0, 0, 0}} {
		lines, gone := b.After(c.after, 100)
		if int64(len(lines)) != c.count || gone != c.gone {
			t.Errorf("after %d: %d lines, %d gone", c.after, len(lines), gone)
			continue
		}
		for i, l := range lines {
			if l.N != c.first+int64(i) || l.About["n"] != fmt.Sprint(l.N) {
				t.Errorf("after %d: line %d is %+v", c.after, i, l)
			}
		}
	}
	if lines, _ := b.After(0, 3); len(lines) != 3 || lines[0].N != 16 {
		t.Errorf("at most three: %+v", lines)
	}
	if n := strings.Count(out.String(), "\n"); n != 25 {
		t.Errorf("the log itself has %d lines", n)
	}
}

func TestValuesStandAsTheLogPrintsThem(t *testing.T) {
	b := logbook.New("one", 10)
	log := slog.New(b.Handler(slog.DiscardHandler))
	if log.Info("nobody reads"); b.Last() != 0 {
		t.Error("what the log does not take is in the book")
	}
	log = slog.New(b.Handler(slog.NewTextHandler(&bytes.Buffer{}, nil)))
	log = log.With("flow", "office").WithGroup("call").With("id", 7)
	log.Warn("it ended", "reason", errors.New("no answer"), "token", seal.FromString("s3cret-token-value"), slog.Group("at", "host", "graph"), "long", strings.Repeat("é", 2000))
	lines, _ := b.After(0, 1)
	l := lines[0]
	for name, want := range map[string]string{"flow": "office", "call.id": "7", "call.reason": "no answer", "call.token": "[secret]", "call.at.host": "graph"} {
		if l.About[name] != want {
			t.Errorf("%s is %q", name, l.About[name])
		}
	}
	if long := l.About["call.long"]; len(long) > 2010 || !strings.HasSuffix(long, "é…") || l.Message != "it ended" || l.Level != slog.LevelWarn || l.At.IsZero() {
		t.Errorf("%+v", l)
	}
}

func TestManyWriteAndOneFollows(t *testing.T) {
	b := logbook.New("one", 5000)
	log := slog.New(b.Handler(slog.NewTextHandler(&bytes.Buffer{}, nil)))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				log.Info("x")
			}
		})
	}
	after := int64(0)
	for after < 4000 {
		news := b.News()
		lines, gone := b.After(after, 100)
		if gone != 0 {
			t.Fatalf("%d are gone", gone)
		}
		for _, l := range lines {
			if l.N != after+1 {
				t.Fatalf("%d after %d", l.N, after)
			}
			after = l.N
		}
		if len(lines) == 0 {
			<-news
		}
	}
	all.Wait()
}
