package cli_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/deliver"
)

// TestTriggerTriesAReceiver: what comes is verified by a library that somebody else
// wrote, and the command says what came of it.
func TestTriggerTriesAReceiver(t *testing.T) {
	tn := open(t)
	verifier, err := webhooks.NewWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA==")
	if err != nil {
		t.Fatal(err)
	}
	var status atomic.Int32
	var tests atomic.Int32
	status.Store(http.StatusNoContent)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e graphwarden.Envelope
		if err := verifier.Verify(body, r.Header); err != nil {
			t.Errorf("%v: %s", err, body)
		}
		if json.Unmarshal(body, &e) == nil && e.Test {
			tests.Add(1)
			w.WriteHeader(int(status.Load()))
		}
	}))
	defer shop.Close()
	config := tn.server(t, func(s *settings) {
		s.sink = strings.TrimPrefix(shop.URL, "http://")
		s.more = "    sinks: {ears: {type: none}}\n"
	})
	out := says(t, cli.ExitOK, "Nothing was sent.", "trigger", "office", "--dry-run", "--config", config)
	if !strings.Contains(out, `"test": true`) || tests.Load() != 0 {
		t.Errorf("the rehearsal sent %d and said:\n%s", tests.Load(), out)
	}
	says(t, cli.ExitOK, "took msg_test_", "trigger", "office", "--config", config)
	var tried deliver.Tried
	out = says(t, cli.ExitOK, "{", "trigger", "office", "--kind", "deleted", "--json", "--config", config)
	if err := json.Unmarshal([]byte(out), &tried); err != nil || !tried.Taken || tried.Status != http.StatusNoContent || tests.Load() != 2 {
		t.Errorf("%v, %d came: %s", err, tests.Load(), out)
	}
	validates(t, "trigger", out)
	status.Store(http.StatusInternalServerError)
	says(t, cli.ExitUnreachable, "answered 500", "trigger", "office", "--config", config)
	says(t, cli.ExitUsage, "deliver.trial", "trigger", "office/ears", "--config", config)
	says(t, cli.ExitUsage, "deliver.sink", "trigger", "nobody", "--config", config)
	says(t, cli.ExitUsage, "api.", "trigger", "office", "--kind", "creatd", "--config", config)
}
