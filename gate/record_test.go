package gate_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestTheLedgerIsWrittenBeforeMicrosoftIsAnswered cuts the commit of the decision
// before and after its effect, and the call itself before and after its own.
func TestTheLedgerIsWrittenBeforeMicrosoftIsAnswered(t *testing.T) {
	write, read := subscribe("users/"+rig.Alice+"/events"), list(rig.Alice)
	// The rig's first commit of its own is the decision: the store is made with none.
	for _, test := range []struct {
		situation string
		call      gate.Call
		cut       faulty.Cut
		sent      bool // may the request have been sent
		entries   int
	}{
		{"a write, the decision not stored", write, faulty.Cut{Step: "commit", At: faulty.Before}, false, 0},
		{"a write, the decision stored, the word of it lost", write, faulty.Cut{Step: "commit", At: faulty.After}, false, 1},
		{"a read, the decision not stored", read, faulty.Cut{Step: "commit", At: faulty.Before}, true, 0},
		{"a read, the decision stored, the word of it lost", read, faulty.Cut{Step: "commit", At: faulty.After}, true, 1},
		{"a write, not sent", write, faulty.Cut{Step: "POST /v1.0/subscriptions", At: faulty.Before}, false, 2},
		{"a write, its answer lost", write, faulty.Cut{Step: "POST /v1.0/subscriptions", At: faulty.After}, true, 2},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, m := put(t, faulty.NewPlan(t, test.cut))
			if _, err := r.Gate.Do(t.Context(), test.call); err == nil {
				t.Fatal("an answer was handed on")
			}
			if n := len(m.Requests()); n > 0 && !test.sent {
				t.Errorf("%d requests were sent", n)
			}
			entries := r.Entries(t)
			if len(entries) != test.entries {
				t.Fatalf("recorded %+v, want %d entries", entries, test.entries)
			}
			if test.entries == 2 && (entries[1].Status != 0 || entries[1].Note == "") {
				t.Errorf("closed %+v, want a reason for no answer", entries[1])
			}
		})
	}
}

func TestNothingIsSentWhileTheLedgerIsKnownToBeIll(t *testing.T) {
	r, m := put(t, faulty.NewPlan(t, faulty.Cut{Step: "commit", At: faulty.Before, Times: 3}))
	var refusal *graphwarden.Refusal
	_, err := r.Gate.Do(t.Context(), list(rig.Alice))
	if !errors.As(err, &refusal) || refusal.Kind != graphwarden.Storage || refusal.Code != gate.CodeUnrecorded {
		t.Fatalf("Do = %v, want a refusal %s", err, gate.CodeUnrecorded)
	}
	before := len(m.Requests())
	for range 2 {
		if _, err := r.Gate.Do(t.Context(), list(rig.Alice)); err == nil {
			t.Fatal("an answer was handed on")
		}
	}
	if n := len(m.Requests()); n != before {
		t.Fatalf("%d requests were sent past an ill ledger", n-before)
	}
	answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
}

func TestTheEndOfACallIsRecordedHoweverItEnds(t *testing.T) {
	breakOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "ten bytes.")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	for situation, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		end    func(*gate.Answer, context.CancelFunc)
		status int
		bytes  int64
		note   bool
	}{
		"read to the end":     {nil, func(a *gate.Answer, _ context.CancelFunc) { _, _ = io.ReadAll(a.Body) }, 200, 12, false},
		"not read":            {nil, func(*gate.Answer, context.CancelFunc) {}, 200, 0, false},
		"the caller gives up": {nil, func(_ *gate.Answer, cancel context.CancelFunc) { cancel() }, 200, 0, false},
		"the body breaks off": {breakOff, func(a *gate.Answer, _ context.CancelFunc) { _, _ = io.ReadAll(a.Body) }, 200, 10, true},
		"closed twice":        {nil, func(a *gate.Answer, _ context.CancelFunc) { a.Body.Close() }, 200, 0, false},
		"an error as answer":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, func(*gate.Answer, context.CancelFunc) {}, 404, 0, false},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			if test.answer != nil {
				m.Answer(test.answer)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			answer, err := r.Gate.Do(ctx, list(rig.Alice))
			if err != nil {
				t.Fatal(err)
			}
			test.end(answer, cancel)
			answer.Body.Close()
			entries := r.Entries(t)
			if len(entries) != 2 {
				t.Fatalf("recorded %+v", entries)
			}
			if e := entries[1]; e.Status != test.status || e.Bytes != test.bytes || (e.Note != "") != test.note {
				t.Errorf("closed %+v", e)
			}
		})
	}
}

func TestABrokenAnswerSaysSo(t *testing.T) {
	r, m := put(t, nil)
	m.Answer(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		panic(http.ErrAbortHandler)
	})
	answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	var refusal *graphwarden.Refusal
	if !errors.As(err, &refusal) || refusal.Code != "outbound.broken" {
		t.Errorf("reading gave %v", err)
	}
}

// TestTheIDThatMicrosoftGaveARequestIsRecorded with its end; nothing else that an answer
// says gets into the ledger by it.
func TestTheIDThatMicrosoftGaveARequestIsRecorded(t *testing.T) {
	for situation, test := range map[string]struct {
		header, value string
		status        int
		want          string
	}{
		"Graph's and Exchange's":     {"request-id", "7d1c5a80-95cd-4c12-9bcd-38ee6a5e2d6f", 200, "7d1c5a80-95cd-4c12-9bcd-38ee6a5e2d6f"},
		"of a refusal":               {"request-id", "7d1c5a80-95cd-4c12-9bcd-38ee6a5e2d6f", 403, "7d1c5a80-95cd-4c12-9bcd-38ee6a5e2d6f"},
		"Entra's":                    {"x-ms-request-id", "0b6c9b6e-1f3a-4d2e-8a50-1c2d3e4f5a6b", 200, "0b6c9b6e-1f3a-4d2e-8a50-1c2d3e4f5a6b"},
		"none":                       {"x-other", "1", 200, ""},
		"one that says other things": {"request-id", "7d1c; The answer broke off.", 200, ""},
		"one without end":            {"request-id", strings.Repeat("7", 65), 200, ""},
	} {
		t.Run(situation, func(t *testing.T) {
			r, m := put(t, nil)
			m.Answer(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(test.header, test.value)
				w.WriteHeader(test.status)
			})
			answer, err := r.Gate.Do(t.Context(), list(rig.Alice))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			entries := r.Entries(t)
			if len(entries) != 2 || entries[1].Kind != graphwarden.Closed {
				t.Fatalf("recorded %+v", entries)
			}
			if request, reason := entries[1].Ended(); request != test.want || reason != "" {
				t.Errorf("recorded %q and %q, want %q", request, reason, test.want)
			}
		})
	}
}
