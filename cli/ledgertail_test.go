package cli_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/ledger"
)

// TestTheLedgerIsFollowed beside a running server, and after it has ended.
func TestTheLedgerIsFollowed(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	tail := func(args ...string) []string {
		return append([]string{"ledger", "tail", "--config", config}, args...)
	}
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	all := start(t, tail("--after", "0", "--json")...)
	acts := start(t, tail("--text", "appkey", "--outcome", "done")...)
	all.out.await(t, `"outcome":"answered"`)
	says(t, cli.ExitOK, "", "apps", "key", "create", "portal", "--config", config)
	all.out.await(t, `"path":"appkey.create`)
	acts.out.await(t, `portal  appkey.create .*done`)
	server.stop()
	server.ends(t, cli.ExitOK)
	for _, c := range []*running{all, acts} {
		c.stop()
		c.ends(t, cli.ExitOK)
	}
	if strings.Contains(acts.out.String(), "GET ") {
		t.Errorf("besides acts it shows\n%s", acts.out)
	}
	var answered *ledger.Record
	told := map[int64]bool{}
	for line := range strings.Lines(all.out.String()) {
		var r ledger.Record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if told[r.Seq] {
			t.Errorf("entry %d is told twice", r.Seq)
		}
		told[r.Seq] = true
		if r.Outcome == ledger.Answered {
			answered = &r
			validates(t, "ledger tail", line)
		}
		if r.Kind == graphwarden.Closed {
			t.Errorf("an end is told by itself: %s", line)
		}
	}
	if answered == nil || answered.Closed == nil || answered.Closed.Request == "" || answered.Call == "" {
		t.Fatalf("the last that was answered is %+v", answered)
	}
	if text := says(t, cli.ExitOK, strconv.FormatInt(answered.Seq, 10)+" ", tail("--request", answered.Closed.Request, "--last", "1", "--end")...); strings.Count(text, "\n") != 1 {
		t.Errorf("by its request-id are found\n%s", text)
	}
	says(t, cli.ExitOK, answered.Call, "ledger", "search", "--config", config, "--request", answered.Closed.Request, "--json")
	says(t, cli.ExitUsage, "--last is -1", tail("--last", "-1")...)
	says(t, cli.ExitUsage, "leave one out", tail("--after", "1", "--since", "2026-03-02T08:00:00Z")...)
	says(t, cli.ExitUsage, "--since", tail("--since", "yesterday")...)
}
