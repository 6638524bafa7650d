package assemble_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
)

// operator keeps the notices that come with a right signature.
type operator struct {
	*httptest.Server
	mu  sync.Mutex
	got []told
}

type told struct {
	Type string
	Data graphwarden.Notice
}

func newOperator(t *testing.T, secret string) *operator {
	t.Helper()
	verifier, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m told
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil || json.Unmarshal(body, &m) != nil {
			t.Errorf("a notice cannot be believed: %v %s", err, body)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.got = append(o.got, m)
	}))
	t.Cleanup(o.Close)
	return o
}

// about gives what was told of a code.
func (o *operator) about(code string) (all []told) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range o.got {
		if m.Data.Code == code {
			all = append(all, m)
		}
	}
	return all
}

// TestRevokedConsentIsToldAndItsReturnToo takes the permissions away from an app.
// The gateway's clock is put forward to where its token, which still opens all, has
// run out (a day and more): Entra takes the sign-in, and Graph refuses what the new token asks for.
func TestRevokedConsentIsToldAndItsReturnToo(t *testing.T) {
	t.Parallel() // with the others, for it waits more than it works
	const other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrscChlQIMV+bw=="
	j := begin(t, 4)
	var ahead atomic.Int64 // of the gateway's clock
	j.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	o := newOperator(t, other)
	j.changed = func() {
		if err := os.WriteFile(filepath.Join(j.folder, "notices.secret"), []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		j.replace("admit: [", fmt.Sprintf("notices: {url: %q, secret_file: notices.secret}\nadmit: [%q, ", o.URL, strings.TrimPrefix(o.URL, "http://")))
	}
	j.run("1s")
	j.told(j.meeting("While it may"), graphwarden.Created)
	j.outlook(http.MethodPost, "/sim/apps", map[string]any{"app": "calendar", "do": "revoke"})
	ahead.Add(int64(30 * time.Hour)) // the next token opens nothing
	j.eventually("the notice", func() bool { return len(o.about("notice.feed_refused")) > 0 })
	n := o.about("notice.feed_refused")[0]
	if n.Type != "notice.opened" || n.Data.Severity != graphwarden.Critical || !strings.Contains(n.Data.Subject, "office graph.not_consented") ||
		!strings.Contains(n.Data.Do, "administrator consent") || !strings.HasSuffix(n.Data.DocURL, "operations.md#feed-refused") {
		t.Errorf("told: %+v", n)
	}
	troubles, err := j.gateway.Store.Troubles(t.Context())
	if err != nil || len(troubles) == 0 || troubles[0].Code != "graph.not_consented" {
		t.Errorf("the reason: %+v %v", troubles, err)
	}
	j.outlook(http.MethodPost, "/sim/apps", map[string]any{"app": "calendar", "do": "consent"})
	ahead.Add(int64(30 * time.Hour))
	j.eventually("the calendars to be read again", func() bool {
		troubles, err := j.gateway.Store.Troubles(t.Context())
		return err == nil && len(troubles) == 0
	})
	j.eventually("word that it is over", func() bool {
		ahead.Add(int64(time.Second)) // the minute that it must last
		all := o.about("notice.feed_refused")
		return all[len(all)-1].Type == "notice.closed"
	})
}
