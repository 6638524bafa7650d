package rig

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Microsoft answers requests as a test says, and remembers them.
type Microsoft struct {
	mu     sync.Mutex
	came   []*http.Request
	answer http.Handler
}

// Answer has every request from now on answered by h.
func (m *Microsoft) Answer(h http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = h
}

// ServeHTTP remembers the request, with its body, and answers it.
func (m *Microsoft) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kept := r.Clone(context.WithoutCancel(r.Context()))
	kept.Body = io.NopCloser(strings.NewReader(string(body)))
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	m.mu.Lock()
	m.came = append(m.came, kept)
	answer := m.answer
	m.mu.Unlock()
	if answer != nil {
		answer.ServeHTTP(w, r)
	}
}

// Requests are those that came so far.
func (m *Microsoft) Requests() []*http.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*http.Request(nil), m.came...)
}

// Says gives a handler that always answers the same JSON.
func Says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
