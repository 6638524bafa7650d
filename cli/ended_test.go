package cli_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

// deaf listens, takes connections and never answers. Came tells of each.
func deaf(t *testing.T) (address string, came <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	told, done := make(chan struct{}, 100), make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			told <- struct{}{}
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String(), told
}

// TestServeEndsInGoodOrderBeforeItRuns: told to end while it waits for the database
// server or for Microsoft, it ends at once with 0, leaves nothing half done, and the
// next one starts. A check that was cut short has found nothing out.
func TestServeEndsInGoodOrderBeforeItRuns(t *testing.T) {
	tn := open(t)
	address, came := deaf(t)
	for name, s := range map[string]struct {
		args   []string
		change func(*settings)
		code   int
	}{
		"while it builds": {nil, func(s *settings) { s.database = "postgres://u@" + address + "/db" }, cli.ExitOK},
		"while it checks": {nil, func(s *settings) { s.login = "https://" + address }, cli.ExitOK},
		"a check":         {[]string{"--check"}, func(s *settings) { s.login = "https://" + address }, cli.ExitCutShort},
	} {
		t.Run(name, func(t *testing.T) {
			config := tn.configure(t, s.change)
			rewrite(t, config, "admit: [", "admit: [\""+address+"\", ")
			server := start(t, append([]string{"serve", "--config", config}, s.args...)...)
			<-came
			told := time.Now()
			server.stop()
			server.ends(t, s.code)
			if took := time.Since(told); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if s.code == cli.ExitOK && !strings.Contains(server.err.String(), "told to end before it ran") {
				t.Errorf("it says\n%s", server.err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(config), "*.partial")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if name == "while it checks" {
				rewrite(t, config, "https://"+address, tn.Authority)
				starts(t, config)
			}
		})
	}
}
