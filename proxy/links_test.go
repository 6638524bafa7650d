package proxy_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/proxy"
)

// pair writes a random answer twice: as Microsoft gives it, and as it is to be handed on.
type pair struct {
	chance       *rand.Rand
	theirs, ours strings.Builder
}

func (p *pair) both(s string) { p.theirs.WriteString(s); p.ours.WriteString(s) }

// text is a string that looks like what it is not.
func (p *pair) text() string {
	var s strings.Builder
	for range p.chance.IntN(6) {
		s.WriteString([]string{"a", `\"`, `\\`, `\n`, `@odata.nextLink`, `\":\"`, "{", "}", "[", "]", ":", ",", "ü", `\u0022`, strings.Repeat("long ", 20)}[p.chance.IntN(15)])
	}
	return `"` + s.String() + `"`
}

func (p *pair) value(depth int) {
	switch n := p.chance.IntN(8); {
	case n == 0 && depth < 5:
		p.both("[")
		for i := range p.chance.IntN(4) {
			if i > 0 {
				p.both(" , ")
			}
			p.value(depth + 1)
		}
		p.both("]")
	case n == 1 && depth < 5:
		p.object(depth + 1)
	case n == 2:
		p.both([]string{"null", "true", "-1.5e3"}[p.chance.IntN(3)])
	default:
		p.both(p.text())
	}
}

func (p *pair) object(depth int) {
	p.both("{")
	for i := range p.chance.IntN(6) {
		if i > 0 {
			p.both(",\n")
		}
		if p.chance.IntN(4) > 0 {
			p.both(strings.TrimSuffix(p.text(), `"`) + `x": `) // not a link's name
			p.value(depth)
			continue
		}
		p.both(`"` + []string{"", "events", `\u0041`}[p.chance.IntN(3)] + []string{"@odata.nextLink", "@odata.deltaLink", `\u0040odata.nextLink`}[p.chance.IntN(3)] + `" :`)
		p.theirs.WriteString(p.text())
		p.ours.WriteString(`"ours"`)
	}
	p.both("}")
}

// TestLinksAreFoundInWhateverPieces: ten thousand random answers, cut anywhere, come
// out with every link replaced and every other byte as it was.
func TestLinksAreFoundInWhateverPieces(t *testing.T) {
	seed := rand.Uint64()
	p := &pair{chance: rand.New(rand.NewPCG(seed, 0))}
	for i := range 10_000 {
		p.theirs.Reset()
		p.ours.Reset()
		p.object(0)
		longest := []int{1, 7, 64, 1 << 20}[i%4]
		var out strings.Builder
		err := proxy.Rewrite(&out, []byte(p.theirs.String()), "ours", func(left int) int { return min(left, 1+p.chance.IntN(longest)) })
		if err != nil || out.String() != p.ours.String() {
			t.Fatalf("seed %d, answer %d, pieces of %d: %v\n%s\nbecame\n%s\nwant\n%s", seed, i, longest, err, p.theirs.String(), out.String(), p.ours.String())
		}
	}
}

// BenchmarkLinks: a message of 100 kB, with the escapes of a HTML body.
func BenchmarkLinks(b *testing.B) {
	raw := []byte(`{"id":"1","body":{"content":` + strconv.Quote(strings.Repeat("<p class=\"x\">All hands on deck.</p>\r\n", 2700)) + `},"@odata.nextLink":"x"}`)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if err := proxy.Rewrite(&strings.Builder{}, raw, "ours", func(left int) int { return min(left, 32<<10) }); err != nil {
			b.Fatal(err)
		}
	}
}
