package restrict_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/restrict"
)

// TestAnAppThatOnlySendsIsRestrictedWithoutSending: Exchange's own test says what may
// be done in a mailbox inside and in one outside; no mail is ever sent for it.
func TestAnAppThatOnlySendsIsRestrictedWithoutSending(t *testing.T) {
	h := openBy(t, "mail", flow.MailSend(flow.Least), nil)
	v, err := h.Restrict.Show(t.Context(), "contoso", "main")
	if err != nil || len(v.Scopes) != 1 || !slices.Equal(v.Scopes[0].Roles, []string{"Application Mail.Send"}) {
		t.Fatalf("%+v, %v", v, err)
	}
	const begin = "add service principal, add management scope, add role, later consent"
	out := h.apply(restrict.Asked{Outside: h.out.UPN})
	if does(out.Changes) != begin || out.State.Reads || out.State.State != "waiting" || out.State.Inside != h.in.UPN {
		t.Fatalf("%s, %+v", does(out.Changes), out.State)
	}
	if s := h.later("2h10m"); s.State != "consent left" {
		t.Errorf("after two hours: %+v", s)
	}
	if out := h.apply(restrict.Asked{Outside: h.out.UPN}); does(out.Changes) != "remove consent" || slices.Contains(h.consents(), "Mail.Send") {
		t.Errorf("the second time: %s, %v", does(out.Changes), h.consents())
	}
	if s := h.later("1m"); s.State != "waiting" {
		t.Errorf("just now: %+v", s)
	}
	if s := h.later("20m"); s.State != "proven" || s.ProvenAt.IsZero() {
		t.Errorf("in the end: %+v", s)
	}
	verdicts := 0
	err = h.Store.EntriesAfter(t.Context(), 0, 10000, func(e graphwarden.Entry, _ [32]byte) error {
		if strings.HasSuffix(e.Path, "Test-ServicePrincipalAuthorization") {
			verdicts++
		}
		if strings.HasSuffix(e.Path, "/sendMail") {
			t.Errorf("the ledger has %+v", e)
		}
		return nil
	})
	if err != nil || verdicts < 2 {
		t.Errorf("Exchange's own test was asked %d times, %v", verdicts, err)
	}
	for _, row := range h.truth() {
		if row.Effect == "send" {
			t.Errorf("mail was sent: %+v", row)
		}
	}
}

type effect struct{ Effect, Method, Path string }

// truth are the effects that the tenant has seen.
func (h *house) truth() (rows []effect) {
	h.Helper()
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, httptest.NewRequestWithContext(h.Context(), http.MethodGet, "/sim/truth?after=0", nil))
	lines := bufio.NewScanner(w.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row effect
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			h.Fatal(err)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		h.Fatal("the tenant has seen nothing")
	}
	return rows
}
