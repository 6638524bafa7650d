//go:build linux

package bench_test

import (
	"context"
	"database/sql"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	syncItems = 100_000
	pageSize  = 200 // what Graphwarden asks for
	sdkBar    = 3.0 // times the SDK's items per CPU-second
	memoryBar = 100_000_000
)

// firstSync reads a large calendar with each program, from its start to its end:
// CPU-seconds of its process, the closing of the database included.
func (l *lab) firstSync() {
	o := openOffice(l, 1, syncItems, pageSize)
	raw := build(l, "../../bench", "./raw", "raw")
	rounds := 1
	if *full {
		rounds = 3
	}
	perSecond := map[string]float64{}
	note := func(name string, u usage) {
		perSecond[name] = max(perSecond[name], syncItems/u.cpu.Seconds())
		l.Logf("%s: %.2f CPU-s, %.1f s, at most %s resident", name, u.cpu.Seconds(), u.wall.Seconds(), megabytes(u.peak))
	}
	for n := range rounds {
		u, first, last := readAll(l, l.binary, o, syncItems)
		note("graphwarden", u)
		if n == 0 {
			l.memory(u, first, last)
		}
		note("raw", l.compare(o, raw))
	}
	l.sdk(o, note)
	l.add("first sync, Graphwarden", "", noBar, "%.0f items/CPU-s", perSecond["graphwarden"])
	l.add("first sync, a bare program", "", noBar, "%.0f items/CPU-s", perSecond["raw"])
	l.add("first sync beside the bare program", "", noBar, "%.2f times", perSecond["graphwarden"]/perSecond["raw"])
	if perSecond["sdk"] == 0 {
		l.add("first sync beside Microsoft's SDK", ">= 3 times", unproven, "the SDK is not built yet: make bench SDK=1")
		return
	}
	l.add("first sync, Microsoft's SDK", "", noBar, "%.0f items/CPU-s", perSecond["sdk"])
	ratio := perSecond["graphwarden"] / perSecond["sdk"]
	l.add("first sync beside Microsoft's SDK", ">= 3 times", judged(ratio >= sdkBar), "%.1f times", ratio)
}

// memory is flat when the last quarter needs hardly more than the first.
func (l *lab) memory(u usage, first, last int64) {
	flat := float64(last) < 1.25*float64(first)
	l.add("memory meanwhile", "< 100 MB, flat", judged(u.peak < memoryBar && flat),
		"%s at most; first quarter %s, last %s", megabytes(u.peak), megabytes(first), megabytes(last))
}

// readAll runs a gateway until it has stored every event, and ends it.
func readAll(tb testing.TB, binary string, o *office, items int) (u usage, first, last int64) {
	tb.Helper()
	folder, _ := setUp(tb, o, http.StatusGone, "")
	g := run(tb, binary, folder)
	g.mark()
	g.await("everything is stored", 5*time.Minute, func() bool {
		time.Sleep(100 * time.Millisecond) // looking costs the machine something, too
		return g.ask(`SELECT coalesce(max(seq), 0) FROM changes`) >= items && g.ask(`SELECT count(*) FROM feeds WHERE whole = 1`) == 0
	})
	first, last = g.peaks.parts(0)
	u = g.stop(g.began)
	if n := g.ask(`SELECT count(*) FROM items`); n != items {
		tb.Errorf("%d events are stored, want %d", n, items)
	}
	if n := o.strange.Load(); n > 0 {
		tb.Errorf("the office was asked %d things it does not know", n)
	}
	return u, first, last
}

// compare runs a program of the module bench.
func (l *lab) compare(o *office, program string) usage {
	path := filepath.Join(l.TempDir(), "copy.db")
	began := time.Now()
	u := launch(l, program, nil, "-graph", o.URL, "-ca", o.ca, "-user", mailboxID(reader), "-calendar", calendarID, "-db", path).wait(began)
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		l.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(context.Background(), `SELECT count(*) FROM events`).Scan(&n); err != nil || n != syncItems {
		l.Errorf("%s stored %d events (%v), want %d", filepath.Base(program), n, err, syncItems)
	}
	return u
}

// sdk runs the program with Microsoft's SDK, if it is asked for or built already.
func (l *lab) sdk(o *office, note func(string, usage)) {
	const models = "github.com/microsoftgraph/msgraph-sdk-go/models"
	stale, err := exec.CommandContext(context.Background(), "go", "list", "-C", "../../bench", "-f", "{{.Stale}}", models).Output()
	if built := err == nil && strings.TrimSpace(string(stale)) == "false"; !built && !*withSDK {
		return
	}
	note("sdk", l.compare(o, build(l, "../../bench", "./sdk", "sdk")))
}

// TestAGatewayReadsTheOffice keeps the bench in working order.
func TestAGatewayReadsTheOffice(t *testing.T) {
	const events = 130
	o := openOffice(t, 1, events, 20)
	u, _, _ := readAll(t, "", o, events)
	if u.cpu == 0 || u.peak == 0 || u.wall == 0 {
		t.Errorf("measured %+v", u)
	}
}
