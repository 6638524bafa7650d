//go:build unix

package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAHangupReadsTheConfigurationAgain while a receiver takes its time with a
// delivery: it is finished, not repeated. The server's standard input is what a
// service manager gives it.
func TestAHangupReadsTheConfigurationAgain(t *testing.T) {
	tn := open(t)
	heeded := make(chan os.Signal, 8)
	signal.Notify(heeded, syscall.SIGHUP) // also where the tests themselves are run with nohup
	defer signal.Stop(heeded)
	var mu sync.Mutex
	ids := map[string]int{}
	held, released := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(released) })
	var first sync.Once
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		ids[r.Header.Get("webhook-id")]++
		mu.Unlock()
		first.Do(func() {
			close(held)
			<-released
		})
		w.WriteHeader(http.StatusNoContent)
	}))
	defer shop.Close()
	defer release()
	path := tn.configure(t, func(s *settings) { s.operate, s.sink = freePort(t), strings.TrimPrefix(shop.URL, "http://") })
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	server := startReading(t, nothing, nil, "serve", "--config", path)
	server.err.await(t, "running")
	<-held

	edit(t, path, "sweep: {woken: 1s", "sweep: {woken: 2s")
	hangup(t)
	server.err.await(t, "another configuration is in force")
	release()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		_, out, _ := run(t, "deliveries", "--json", "--config", path)
		if strings.Contains(out, `"pending": 0`) && strings.Contains(out, `"up to date"`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the deliveries are %s", out)
		}
		<-time.After(20 * time.Millisecond)
	}
	mu.Lock()
	for id, n := range ids {
		if n != 1 {
			t.Errorf("%s was delivered %d times", id, n)
		}
	}
	mu.Unlock()

	edit(t, path, "sweep: {woken: 2s", "sweep: {wokne: 2s")
	hangup(t)
	server.err.await(t, "did you mean woken")
	edit(t, path, "sweep: {wokne: 2s", "sweep: {woken: 2s", "  office:\n", "  bureau:\n")
	hangup(t)
	server.err.await(t, "config.takes|takes away office")
	if _, out, _ := run(t, "flows", "--config", path); !strings.Contains(out, "office") || strings.Contains(out, "bureau") {
		t.Errorf("the flows are\n%s", out)
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}

func hangup(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}
