//go:build !race

package read_test

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// TestMemoryIsBounded reads what is as large as a plan may be, in two shapes that take
// much memory, and measures how far the heap grew at its highest.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	const most = read.MaxPieces - 10
	for situation, s := range map[string][2]string{
		"cells":    {"p.csv", "Permission;Type\n" + strings.Repeat(strings.Repeat("abc;", 199)+"\n", most/200)},
		"elements": {"p.html", "<html>" + strings.Repeat("<tr><td>abc<td>d", most/3)},
	} {
		t.Run(situation, func(t *testing.T) {
			debug.FreeOSMemory()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if _, err := read.Bytes(catalog.Load(), s[0], []byte(s[1])); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			grown := int64(after.HeapSys-after.HeapReleased) - int64(before.HeapSys-before.HeapReleased)
			t.Logf("%d MB of plan, %d MB of memory at the highest", len(s[1])>>20, grown>>20)
			if grown > 1<<30 {
				t.Errorf("%d MB", grown>>20)
			}
		})
	}
}
