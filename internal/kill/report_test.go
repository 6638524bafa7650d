package kill

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// saidAgain is how many bytes of each failure are said again.
const saidAgain = 400

// report keeps what failed in a trial, to say it again after everything else: the
// gateways' logs are long, and who sees only the end of a log must learn it too.
type report struct {
	mu    sync.Mutex
	wrong []string
}

// add keeps one failure.
func (p *report) add(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, what)
}

// short says each failure in a few lines, and the seed; "" if there was none.
func (p *report) short(seed uint64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wrong) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "what failed, seed %d:", seed)
	for _, w := range p.wrong {
		fmt.Fprintf(&out, "\n- %s", strings.ToValidUTF8(w[:min(saidAgain, len(w))], ""))
	}
	return out.String()
}

// Errorf and the two below do what testing.T's do, and keep what was said.
func (r *trial) Errorf(format string, args ...any) {
	r.Helper()
	r.report.add(fmt.Sprintf(format, args...))
	r.T.Errorf(format, args...)
}

func (r *trial) Fatalf(format string, args ...any) {
	r.Helper()
	r.report.add(fmt.Sprintf(format, args...))
	r.T.Fatalf(format, args...)
}

func (r *trial) Fatal(args ...any) {
	r.Helper()
	r.report.add(fmt.Sprint(args...))
	r.T.Fatal(args...)
}

// sayAgain is the first cleanup of a trial, and so the last to run.
func (r *trial) sayAgain() {
	if short := r.report.short(r.seed); short != "" {
		r.Log(short)
	}
}

func TestWhatFailedIsSaidAgainInShort(t *testing.T) {
	var p report
	if got := p.short(7); got != "" {
		t.Errorf("nothing failed, and it says %q", got)
	}
	p.add("the app's copy differs in 1 item")
	p.add(strings.Repeat("é", 5000))
	got := strings.Split(p.short(7), "\n")
	if len(got) != 3 || got[0] != "what failed, seed 7:" || got[1] != "- the app's copy differs in 1 item" {
		t.Errorf("it says %q", got)
	}
	if last := got[len(got)-1]; last != "- "+strings.Repeat("é", saidAgain/2) {
		t.Errorf("a long failure is said again in %d bytes", len(last))
	}
}
