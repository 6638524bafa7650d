package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/canary"
)

// secretsOf are what must never show: what the configuration's files hold, and what
// a person wrote into a private event.
func secretsOf(t *testing.T, config string, more map[string]string) canary.Flock {
	t.Helper()
	flock := canary.Flock{}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(config), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if ext := filepath.Ext(f); ext != ".secret" && ext != ".token" && ext != ".key" {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		flock[filepath.Base(f)] = []byte(strings.TrimPrefix(strings.TrimSpace(string(raw)), "whsec_"))
	}
	for name, text := range more {
		flock[name] = []byte(text)
	}
	if len(flock) < 5 {
		t.Fatalf("only %d secrets to look for", len(flock))
	}
	return flock
}

// TestLogsAreFollowedOverARestart: each entry of the ledger once and in order, with
// the log of either process, and nothing that is secret.
func TestLogsAreFollowedOverARestart(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	const subject = "Psychotherapy with Dr Sommer"
	event := map[string]any{"subject": subject, "sensitivity": "private", "start": map[string]any{"dateTime": "2026-12-03T10:00:00", "timeZone": "UTC"}, "end": map[string]any{"dateTime": "2026-12-03T11:00:00", "timeZone": "UTC"}}
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	tail := start(t, "logs", "tail", "--last", "10000", "--json", "--config", config)
	tail.out.await(t, `"kind":"close"`)
	tail.out.await(t, `"message":"running"`)
	tn.graph(t, http.MethodPost, "/users/"+tn.Users[0].ID+"/events", event, nil)
	server.stop()
	server.ends(t, cli.ExitOK)
	tail.err.await(t, "trying again")
	server = start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	tail.out.await(t, `(?s)"message":"running".*"message":"running"`)
	says(t, cli.ExitUsage, "deliver.sink", "deliveries", "enable", "nobody", "--config", config)
	tail.out.await(t, `(?s)"message":"running".*"message":"running".*"kind":"act"`)
	tail.stop()
	tail.ends(t, cli.ExitOK)
	last := int64(0)
	for line := range strings.Lines(tail.out.String()) {
		var x api.Activity
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if last == 0 {
			validates(t, "logs tail", line)
		}
		if x.Kind == "log" {
			continue
		}
		if x.Seq != last+1 {
			t.Fatalf("entry %d follows %d", x.Seq, last)
		}
		last = x.Seq
		if x.Kind == "close" && x.Method == "" {
			t.Errorf("nobody knows of which call it is the end: %s", line)
		}
	}
	if last < 10 {
		t.Errorf("only %d entries", last)
	}
	people := start(t, "logs", "tail", "--last", "10000", "--end", "--config", config)
	people.ends(t, cli.ExitOK)
	for _, want := range []string{" allowed  ", " 200      ", tn.Users[0].UserPrincipalName, "portal/office GET /v1.0/users/{mailbox}/calendars ", " info     running ", " act      "} {
		if !strings.Contains(people.out.String(), want) {
			t.Errorf("people do not read %q in:\n%s", want, people.out)
		}
	}
	flock := secretsOf(t, config, map[string]string{"subject": subject})
	for what, text := range map[string]string{"JSON": tail.out.String(), "text": people.out.String(), "the standard error": tail.err.String()} {
		if found := flock.Find(what, []byte(text)); len(found) > 0 {
			t.Errorf("%v", found)
		}
	}
	t.Logf("%d entries, looked through for %d secrets", last, len(flock))
	server.stop()
	server.ends(t, cli.ExitOK)
}

func TestAWrongFilterIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	for args, says := range map[string]string{"--filter flw=x": `did you mean \"flow\"`, "--filter flow": "NAME=VALUE", "--filter flow=a --filter flow=b": "more than once",
		"--filter zzzzzz=1": "only kind", "--since yesterday": "not a time"} {
		code, _, stderr := run(t, append([]string{"logs", "tail"}, strings.Fields(args)...)...)
		if code != cli.ExitUsage || !strings.Contains(fmt.Sprintf("%q", stderr), says) && !strings.Contains(stderr, says) {
			t.Errorf("%s: exit code %d: %s", args, code, stderr)
		}
	}
}
