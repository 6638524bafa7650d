package judge

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// everyOperation are those of all topics.
func everyOperation() []string {
	var out []string
	for _, t := range topics() {
		var all []string
		for _, d := range t.does {
			all = append(all, d.operations...)
		}
		for _, o := range all {
			if o = strings.ReplaceAll(o, "{me}", "/users/{id}"); !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
	}
	return out
}

// TestTheLeastSetOpensEveryOperationAndNothingOfItCanGo draws flows from the
// operations that plans are about, and takes their least sets apart.
func TestTheLeastSetOpensEveryOperationAndNothingOfItCanGo(t *testing.T) {
	c := catalog.Load()
	r := rand.New(rand.NewPCG(20, 26))
	all := everyOperation()
	for range 150 {
		var f Flow
		f.ID, f.scheme = "drawn", []plan.Scheme{plan.Delegated, plan.Application}[r.IntN(2)]
		for range 1 + r.IntN(8) {
			f.Operations = append(f.Operations, all[r.IntN(len(all))])
		}
		drawn := tasks(c, []Flow{f})
		set, exact := chosen(c, drawn, f.scheme)
		if !exact {
			t.Errorf("%v: not proven", f.Operations)
		}
		undone := func(set []string) (left []string) {
			held := c.Grants(f.scheme.Catalog(), set...)
			for _, x := range drawn {
				if len(x.answers) > 0 && !(x.known && x.op.Allowed(held)) && !(!x.known && slices.Contains(set, x.answers[0].name)) {
					left = append(left, x.operation)
				}
			}
			return left
		}
		if left := undone(set); len(left) > 0 {
			t.Errorf("%s %v: %v does not open %v", f.scheme, f.Operations, set, left)
		}
		for _, name := range set {
			if rest := slices.DeleteFunc(slices.Clone(set), func(n string) bool { return n == name }); len(undone(rest)) == 0 {
				t.Errorf("%s %v: %v opens all without %s", f.scheme, f.Operations, set, name)
			}
		}
	}
}

// TestOneOperationAloneNeedsNoMoreThanItsLeast compares the least set of one operation
// with what the catalogue takes for its least permission: never of a worse class, and
// where that is the same, never of a higher level.
func TestOneOperationAloneNeedsNoMoreThanItsLeast(t *testing.T) {
	c := catalog.Load()
	differ := 0
	for _, scheme := range []plan.Scheme{plan.Delegated, plan.Application} {
		for _, o := range everyOperation() {
			own := tasks(c, []Flow{{ID: "one", scheme: scheme, Operations: []string{o}}})
			if !own[0].known || len(own[0].answers) == 0 {
				continue
			}
			set, _ := chosen(c, own, scheme)
			least, _ := own[0].op.Least(scheme.Catalog())
			if slices.Contains(set, least.Permission) {
				continue
			}
			differ++
			t.Logf("%s %s: %v, the catalogue's least is %s", scheme, o, set, least.Permission)
			marked := own[0].rank(answer{name: least.Permission, also: least.AlsoRequires})
			for _, name := range set {
				class, _, _ := classify(name, scheme)
				if class.Rank() > marked {
					t.Errorf("%s %s: %s is %s, %s is milder", scheme, o, name, class, least.Permission)
				}
			}
		}
	}
	if differ > 12 {
		t.Errorf("%d operations differ from the catalogue's least", differ)
	}
}
