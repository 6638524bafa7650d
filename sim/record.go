package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
)

// record writes every answer of Graph down, one JSON line each, so that it can be
// held against Microsoft's schema.
type record struct {
	mu  sync.Mutex
	out *os.File
}

// answerLine is the form that graphcheck -validate reads.
type answerLine struct {
	Method string          `json:"method"`
	URL    string          `json:"url"` // below the version
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body,omitempty"` // only JSON
}

// openRecord starts the file at path, or goes on with one that is kept; without a
// path nothing is recorded. A last line without its end, which a killed process
// leaves, is cut off.
func openRecord(path string, kept bool) (*record, error) {
	if path == "" {
		return nil, nil
	}
	whole := 0
	if kept {
		raw, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("reading the record of answers: %w", err)
		}
		whole = bytes.LastIndexByte(raw, '\n') + 1
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the record of answers: %w", err)
	}
	if err := f.Truncate(int64(whole)); err != nil {
		return nil, errors.Join(fmt.Errorf("beginning the record of answers: %w", err), f.Close())
	}
	return &record{out: f}, nil
}

// Recorded has every answer of next written down in the file at path, as Options'
// Record does for a whole tenant, until end is called. Without a path it is next
// itself.
func Recorded(path string, next http.Handler) (recorded http.Handler, end func() error, err error) {
	k, err := openRecord(path, false)
	return k.wrap(next), k.close, err
}

func (k *record) close() error {
	if k == nil {
		return nil
	}
	return k.out.Close()
}

// wrap records what next answers.
func (k *record) wrap(next http.Handler) http.Handler {
	if k == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &tee{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(t, r)
		line := answerLine{Method: r.Method, URL: recordedURL(r), Status: t.status}
		if strings.Contains(w.Header().Get("Content-Type"), "json") && json.Valid(t.body.Bytes()) {
			line.Body = t.body.Bytes()
		}
		k.write(line)
	})
}

// recordedURL is a request's URL below the version. The schema's alias in the
// path, graph, is spelled out as its namespace: Microsoft's clients write casts
// with either (OData CSDL XML 4.01 §5.1), graphcheck reads the latter.
func recordedURL(r *http.Request) string {
	path, query, found := strings.Cut(r.URL.RequestURI(), "?")
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/v1.0"), "/beta")
	path = strings.ReplaceAll(path, "/graph.", "/microsoft.graph.")
	if found {
		path += "?" + query
	}
	return path
}

func (k *record) write(line answerLine) {
	b, err := json.Marshal(line)
	if err != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	_, _ = k.out.Write(append(b, '\n')) // a record that ends early validates less; the answer was given
}

// tee passes an answer on and keeps a copy.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(b []byte) (int, error) {
	t.body.Write(b)
	return t.ResponseWriter.Write(b)
}
