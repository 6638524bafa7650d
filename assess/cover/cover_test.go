package cover

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// cheapest tries every set of candidates.
func cheapest(v Question) []int {
	var best []int
	var least Cost
	found := false
	for w := range uint64(1) << len(v.Costs) {
		var set []int
		for c := range v.Costs {
			if w&(1<<c) != 0 {
				set = append(set, c)
			}
		}
		if slices.ContainsFunc(v.Tasks, func(t [][]int) bool {
			return len(t) > 0 && !slices.ContainsFunc(t, func(o []int) bool { return holds(set, o) })
		}) {
			continue
		}
		spent := v.costOf(set)
		if by := spent.compare(least); !found || by < 0 || by == 0 && slices.Compare(set, best) < 0 {
			best, least, found = set, spent, true
		}
	}
	return best
}

// drawn is a small instance: costs as those of permissions, each counted once in one
// of the first places, options of one candidate mostly, of two or three at times.
func drawn(r *rand.Rand) Question {
	v := Question{}
	n := 1 + r.IntN(9)
	for range n {
		var c Cost
		c[r.IntN(4)] = 1
		c[4], c[5], c[6] = r.IntN(2), r.IntN(3), r.IntN(4)
		v.Costs = append(v.Costs, c)
	}
	for range r.IntN(8) {
		var t [][]int
		for range 1 + r.IntN(5) {
			var o []int
			for range max(1, r.IntN(6)-2) {
				o = append(o, r.IntN(n))
			}
			slices.Sort(o)
			t = append(t, slices.Compact(o))
		}
		v.Tasks = append(v.Tasks, t)
	}
	return v
}

func TestTheLeastSetIsThatOfTryingAll(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 46))
	for i := range 4000 {
		v := drawn(r)
		want := cheapest(v)
		got, exact := v.Solve(Steps)
		if !exact || !slices.Equal(got, want) {
			t.Fatalf("%d: %v (exact %v), trying all gives %v\ncosts %v\ntasks %v", i, got, exact, want, v.Costs, v.Tasks)
		}
	}
}

func TestASearchThatMayNotGoOnSaysSo(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	given := 0
	for range 300 {
		v := drawn(r)
		got, exact := v.Solve(2)
		for _, task := range v.Tasks {
			if !slices.ContainsFunc(task, func(o []int) bool { return holds(got, o) }) {
				t.Fatalf("%v leaves %v undone", got, task)
			}
		}
		if exact && !slices.Equal(got, cheapest(v)) {
			t.Fatalf("%v is called exact, trying all gives %v", got, cheapest(v))
		}
		if !exact {
			given++
		}
	}
	if given == 0 {
		t.Error("two steps were always enough: nothing was tried")
	}
}

func TestHardSearchesEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	v := Question{}
	for range 60 {
		c := Cost{}
		c[1], c[6] = 1, r.IntN(3)
		v.Costs = append(v.Costs, c)
	}
	for range 120 {
		var task [][]int
		for range 4 {
			task = append(task, []int{r.IntN(60)})
		}
		v.Tasks = append(v.Tasks, task)
	}
	first, exact := v.Solve(Steps)
	second, _ := v.Solve(Steps)
	if !slices.Equal(first, second) {
		t.Error("the same question got two answers")
	}
	t.Logf("%d of 60 for 120 tasks, proven least: %v", len(first), exact)
}

func BenchmarkHardSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	v := Question{}
	for range 60 {
		v.Costs = append(v.Costs, Cost{0, 1})
	}
	for range 120 {
		v.Tasks = append(v.Tasks, [][]int{{r.IntN(60)}, {r.IntN(60)}, {r.IntN(60)}})
	}
	for range b.N {
		v.Solve(Steps)
	}
}
