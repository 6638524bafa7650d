package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

// freePort is an address at which nothing listens a moment later.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		// Below the ports that systems give to whoever connects or asks for any.
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		l, err := net.Listen("tcp", address)
		if err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// server runs the gateway of a configuration and waits until it has feeds.
func (tn *tenant) server(t *testing.T, change func(*settings)) (config string) {
	t.Helper()
	config = tn.configure(t, func(s *settings) {
		s.operate = freePort(t)
		if change != nil {
			change(s)
		}
	})
	tn.serve(t, config)
	return config
}

// serve runs the gateway of a configuration until stop, or the test's end, and
// waits until it has feeds.
func (tn *tenant) serve(t *testing.T, config string) (g *assemble.Graphwarden, stop func()) {
	t.Helper()
	loaded, err := assemble.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	g, err = assemble.Build(ctx, loaded, assemble.Outside{Log: quiet(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
		_ = g.Close()
	})
	t.Cleanup(stop)
	for deadline := time.Now().Add(2 * time.Minute); ; {
		feeds, err := g.Store.Feeds(ctx, "")
		if err == nil && len(feeds) > 0 && !feeds[0].ReadAt.IsZero() {
			return g, stop
		}
		if time.Now().After(deadline) {
			t.Fatalf("no feed was read: %v %v", feeds, err)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestWhatAServerDoesIsShown(t *testing.T) {
	tn := open(t)
	config := tn.server(t, nil)
	person := tn.Users[0].UserPrincipalName
	for _, s := range []struct {
		args []string
		says []string
	}{
		{[]string{"feeds"}, []string{"FLOW", "office", person, "Calendar", "in step"}},
		{[]string{"writes"}, []string{"No app has written"}},
		{[]string{"writes", "--state", "open"}, []string{"No write is open."}},
		{[]string{"writes", "--state", "uncertain", "--app", "portal"}, []string{"No write of the app portal is uncertain."}},
		{[]string{"flows"}, []string{"office", "portal", "calendar", person}},
		{[]string{"tenants"}, []string{"contoso", tn.Tenant.ID, "reader (secret)", "signed (certificate)"}},
	} {
		code, out, stderr := run(t, append(s.args, "--config", config)...)
		for _, want := range s.says {
			if code != cli.ExitOK || !strings.Contains(out, want) {
				t.Errorf("%v: exit code %d, without %q:\n%s%s", s.args, code, want, out, stderr)
			}
		}
	}
	for _, noun := range []string{"feeds", "flows", "tenants"} {
		code, out, stderr := run(t, noun, "--json", "--config", config)
		var list []map[string]any
		if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) == 0 || code != cli.ExitOK || stderr != "" {
			t.Errorf("%s --json: exit code %d, %v:\n%s%s", noun, code, err, out, stderr)
		}
	}
}

func TestACommandSaysPlainlyThatNoServerAnswers(t *testing.T) {
	tn := open(t)
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	token := func(mode os.FileMode) func(folder string) {
		return func(folder string) {
			if err := os.WriteFile(filepath.Join(folder, "operator.token"), []byte(strings.Repeat("t", 48)), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, s := range []struct {
		name, operate string
		prepare       func(folder string)
		code          int
		says          string
	}{
		{"it never ran", freePort(t), func(string) {}, cli.ExitUnreachable, "cli.no_server"},
		{"it does not run", freePort(t), token(0o600), cli.ExitUnreachable, "cli.no_server"},
		{"something else answers", strings.TrimPrefix(stranger.URL, "http://"), token(0o600), cli.ExitUnreachable, "cli.answer_strange"},
		{"others can read the token", freePort(t), token(0o644), cli.ExitCredential, "seal.token_exposed"},
		{"operators are not answered", "off", token(0o600), cli.ExitUsage, "cli.operate_off"},
	} {
		config := tn.configure(t, func(set *settings) { set.operate = s.operate })
		s.prepare(filepath.Dir(config))
		code, out, stderr := run(t, "feeds", "--config", config)
		if code != s.code || !strings.Contains(stderr, s.says) || out != "" {
			t.Errorf("%s: exit code %d, want %d with %s:\n%s%s", s.name, code, s.code, s.says, out, stderr)
		}
	}
	config := tn.server(t, nil)
	token(0o600)(filepath.Dir(config))
	if code, _, stderr := run(t, "flows", "--config", config); code != cli.ExitCredential || !strings.Contains(stderr, "api.token") {
		t.Errorf("with another token: exit code %d:\n%s", code, stderr)
	}
}
