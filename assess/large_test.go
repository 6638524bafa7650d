package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/catalog"
)

// BenchmarkTenThousandLines reads and judges a plan that names every permission.
func BenchmarkTenThousandLines(b *testing.B) {
	text := large(10_000)
	c := catalog.Load()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := assess.Document(c, "large.md", strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWorkGrowsWithTheLinesOnly counts what is allocated, which no busy machine changes: a
// line of a plan takes its share, however many there are.
func TestWorkGrowsWithTheLinesOnly(t *testing.T) {
	c := catalog.Load()
	allocated := func(lines int) float64 {
		text := large(lines)
		return testing.AllocsPerRun(1, func() {
			if _, err := assess.Document(c, "large.md", strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
		})
	}
	some, many := allocated(1_000), allocated(4_000)
	if many > 4_000*250 || many > 5*some {
		t.Errorf("%.0f allocations for 1,000 lines, %.0f for 4,000", some, many)
	}
}

// large is a plan of so many lines, of every kind, with every permission that there is.
func large(lines int) string {
	perms := slices.Collect(catalog.Load().Permissions())
	var b strings.Builder
	for i := range lines {
		p := perms[i%len(perms)].Name
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "| %s | Application | reads what it needs for flow %d |\n", p, i)
		case 1:
			fmt.Fprintf(&b, "- `%s` (delegated): used by the synchronisation of mail and calendars\n", p)
		case 2:
			b.WriteString("The product sends reminders and stores documents in SharePoint when nobody is signed in, see the manual.\n")
		case 3:
			fmt.Fprintf(&b, "We do not ask for %s any more; misspelt %sx is somebody's.\n", p, p)
		default:
			b.WriteString("\n")
		}
	}
	return b.String()
}
