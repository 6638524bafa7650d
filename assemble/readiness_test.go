package assemble

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/store"
)

// TestALoadBalancerIsToldWhatOperatorsAreTold fills the disk: both addresses say so,
// and both say when there is room again.
func TestALoadBalancerIsToldWhatOperatorsAreTold(t *testing.T) {
	var no error
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"), Room: func(string) error { return no }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	g := &Graphwarden{Store: s, now: func() time.Time { return now }}
	both := func(public int, operators bool) {
		t.Helper()
		w := httptest.NewRecorder()
		g.ready(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		if told := api.Ready(t.Context(), g.conditions()).Ready; w.Code != public || told != operators || w.Body.Len() != 0 {
			t.Errorf("a load balancer is told %d %s, operators %t", w.Code, w.Body, told)
		}
	}
	both(http.StatusNoContent, true)
	no = syscall.ENOSPC
	both(http.StatusNoContent, false) // as it was a moment ago
	now = now.Add(time.Second)
	both(http.StatusServiceUnavailable, false)
	no, now = nil, now.Add(time.Second)
	both(http.StatusNoContent, true)
}
