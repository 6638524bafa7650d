package api

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// with makes an API whose table has a route more.
func with(rt route) *API {
	a := New(Config{Token: seal.FromString("t"), Cursors: seal.FromString("c"), Log: slog.New(slog.DiscardHandler), Random: rand.Reader})
	rt.name = "tried"
	a.operators.mux.Handle(rt.pattern, a.operators.serve(rt))
	return a
}

func TestAStreamSendsEachLineAtOnceAndEndsWithTheServer(t *testing.T) {
	more, over := make(chan int), make(chan error, 1)
	a := with(route{pattern: "GET /stream", stream: func(r *http.Request, lines *Lines) (err error) {
		defer func() { over <- err }()
		if err := lines.Beat(); err != nil {
			return err
		}
		for {
			select {
			case n := <-more:
				if err := lines.Write(n); err != nil {
					return err
				}
			case <-r.Context().Done():
				return r.Context().Err()
			}
		}
	}})
	l, err := Listen(t.Context(), Door{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, Served{l, a.Operators}) }()
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+"/stream", nil)
	r.Header.Set("Authorization", "Bearer t")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := make([]byte, 1)
	for _, want := range []string{"\n", "7", "\n", "8", "\n"} {
		if want != "\n" {
			more <- int(want[0] - '0')
		}
		if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != want {
			t.Fatalf("%q, not %q: %v", got, want, err)
		}
	}
	stop()
	if err := <-over; !errors.Is(err, context.Canceled) {
		t.Errorf("the stream ended with %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(answer.Body); err != nil || len(rest) > 0 {
		t.Errorf("the end is not clean: %q %v", rest, err)
	}
}

func TestAStreamThatCannotBeginIsRefusedLikeAnythingElse(t *testing.T) {
	a := with(route{pattern: "GET /stream", stream: func(*http.Request, *Lines) error {
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "store.sink_unknown", Say: "No."}
	}})
	w := ask(a, "GET", "/stream", "")
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "store.sink_unknown") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func ask(a *API, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	w := httptest.NewRecorder()
	a.Operators.ServeHTTP(w, r)
	return w
}

func TestABodyIsExactlyWhatTheRouteKnows(t *testing.T) {
	a := with(route{pattern: "POST /body", answer: func(r *http.Request) (any, error) {
		var in struct {
			Name string `json:"name" rule:"max=2000000"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		return reply{http.StatusCreated, in}, nil
	}})
	for body, status := range map[string]int{
		`{"name": "x"}`:              http.StatusCreated,
		`{"name": "x", "colour": 1}`: http.StatusBadRequest,
		`{"name": "x"} {}`:           http.StatusBadRequest,
		`{"name":`:                   http.StatusBadRequest,
		``:                           http.StatusBadRequest,
		`{"name": "` + strings.Repeat("x", largest) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		if w := ask(a, "POST", "/body", body); w.Code != status {
			t.Errorf("%.40s: %d %s", body, w.Code, w.Body)
		}
	}
}
