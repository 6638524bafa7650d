// Package cover finds the cheapest set of candidates that does every task, where each
// task can be done by any of several small sets. It promises the same answer to the
// same question, that an answer called exact is the cheapest there is, and to end after
// a given number of steps. What candidates and tasks are, it does not know.
package cover

import (
	"cmp"
	"math/bits"
	"slices"
)

// Cost is what choosing a candidate costs, the worst first; costs add up, and are
// compared from the left.
type Cost [8]int

func (c Cost) plus(d Cost) Cost {
	for i := range c {
		c[i] += d[i]
	}
	return c
}

func (c Cost) compare(d Cost) int { return slices.Compare(c[:], d[:]) }

// Question asks for the cheapest set of candidates that does every task. A task is done
// by any one of its options, each a set of candidates, sorted. The candidates stand in
// the order that decides between sets of one cost: that whose first difference comes
// earlier is taken.
type Question struct {
	Costs []Cost
	Tasks [][][]int
}

// Steps bounds a search: a hundred times what any plan took, and some tenths of a second.
const Steps = 20_000

// Solve gives the cheapest set, sorted, and whether it is proven to be that. Where the
// search takes more steps than it may, the set is the best that it came upon, never
// worse than taking again and again what does most of what is left.
func (v Question) Solve(steps int) (set []int, exact bool) {
	exact = true
	for _, part := range parts(reduced(v.Costs, tidy(v.Tasks))) {
		members, proven := v.part(part, steps)
		set = append(set, members...)
		exact = exact && proven
	}
	slices.Sort(set)
	return set, exact
}

// tidy sorts options, drops those that hold another one, and tasks without any.
func tidy(tasks [][][]int) [][][]int {
	var out [][][]int
	for _, t := range tasks {
		options := smallest(t)
		if len(options) > 0 && !slices.ContainsFunc(out, func(o [][]int) bool { return slices.EqualFunc(o, options, slices.Equal) }) {
			out = append(out, options)
		}
	}
	return out
}

// smallest are the options that hold no other, in order.
func smallest(options [][]int) [][]int {
	all := slices.Clone(options)
	slices.SortFunc(all, func(a, b []int) int { return cmp.Or(len(a)-len(b), slices.Compare(a, b)) })
	var out [][]int
	for _, o := range all {
		if !slices.ContainsFunc(out, func(smaller []int) bool { return holds(o, smaller) }) {
			out = append(out, o)
		}
	}
	return out
}

// holds says whether a sorted set has all of another.
func holds(set, part []int) bool {
	return !slices.ContainsFunc(part, func(x int) bool { _, in := slices.BinarySearch(set, x); return !in })
}

// reduced drops what decides nothing: candidates that another one replaces everywhere
// for no more, and tasks that are done whenever another is.
func reduced(costs []Cost, tasks [][][]int) [][][]int {
	for again := true; again; {
		again = false
		for _, c := range candidates(tasks) {
			if slices.ContainsFunc(candidates(tasks), func(d int) bool { return d != c && replaces(costs, tasks, d, c) }) {
				tasks, again = tidy(missing(tasks, c)), true
			}
		}
		for i := 0; i < len(tasks); i++ {
			if slices.ContainsFunc(tasks, func(u [][]int) bool { return !same(u, tasks[i]) && implies(u, tasks[i]) }) {
				tasks, again = slices.Delete(slices.Clone(tasks), i, i+1), true
				i--
			}
		}
	}
	return tasks
}

func same(a, b [][]int) bool { return slices.EqualFunc(a, b, slices.Equal) }

// implies says whether doing one task always does the other.
func implies(task, other [][]int) bool {
	return !slices.ContainsFunc(task, func(o []int) bool {
		return !slices.ContainsFunc(other, func(p []int) bool { return holds(o, p) })
	})
}

// replaces says whether d can stand wherever c does, and is never the worse choice.
func replaces(costs []Cost, tasks [][][]int, d, c int) bool {
	if by := costs[d].compare(costs[c]); by > 0 || by == 0 && d > c {
		return false
	}
	for _, t := range tasks {
		for _, o := range t {
			at, in := slices.BinarySearch(o, c)
			if !in {
				continue
			}
			with := slices.Delete(slices.Clone(o), at, at+1)
			if i, has := slices.BinarySearch(with, d); !has {
				with = slices.Insert(with, i, d)
			}
			if !slices.ContainsFunc(t, func(p []int) bool { return holds(with, p) }) {
				return false
			}
		}
	}
	return true
}

// missing are the tasks without the options that need a candidate.
func missing(tasks [][][]int, c int) [][][]int {
	out := make([][][]int, len(tasks))
	for i, t := range tasks {
		out[i] = slices.DeleteFunc(slices.Clone(t), func(o []int) bool { return slices.Contains(o, c) })
	}
	return out
}

func candidates(tasks [][][]int) []int {
	var out []int
	for _, t := range tasks {
		for _, o := range t {
			out = append(out, o...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// parts are the groups of tasks that share no candidate with those of another group:
// costs add up, so each can be solved for itself.
func parts(tasks [][][]int) [][][][]int {
	var out [][][][]int
	for _, t := range tasks {
		group := [][][]int{t}
		for i := 0; i < len(out); i++ {
			if mine := candidates(group); slices.ContainsFunc(candidates(out[i]), func(c int) bool { _, in := slices.BinarySearch(mine, c); return in }) {
				group = append(group, out[i]...)
				out = slices.Delete(out, i, i+1)
				i = -1
			}
		}
		out = append(out, group)
	}
	return out
}

// part solves one group. A set of candidates is a word here: of more than it has bits
// only the first answer is given.
func (v Question) part(tasks [][][]int, steps int) ([]int, bool) {
	all := candidates(tasks)
	first := v.greedy(tasks)
	if len(all) > 64 {
		return first, false
	}
	s := search{left: steps}
	for _, c := range all {
		s.costs = append(s.costs, v.Costs[c])
	}
	word := func(set []int) (w uint64) {
		for _, c := range set {
			at, _ := slices.BinarySearch(all, c)
			w |= 1 << at
		}
		return w
	}
	for _, t := range tasks {
		var options []uint64
		for _, o := range t {
			options = append(options, word(o))
		}
		s.tasks = append(s.tasks, options)
	}
	s.best = word(first)
	s.least = s.costOf(s.best)
	s.from(0, Cost{})
	var set []int
	for w := s.best; w != 0; w &= w - 1 {
		set = append(set, all[bits.TrailingZeros64(w)])
	}
	return set, s.left >= 0
}

// greedy takes again and again the option that does most tasks for each candidate that
// it adds, then drops what turned out to be superfluous, the dearest first.
func (v Question) greedy(tasks [][][]int) []int {
	var set []int
	done := func(set []int) (n int) {
		for _, t := range tasks {
			if slices.ContainsFunc(t, func(o []int) bool { return holds(set, o) }) {
				n++
			}
		}
		return n
	}
	for have := done(nil); have < len(tasks); have = done(set) {
		var best []int
		most, dear := 0.0, Cost{}
		for _, t := range tasks {
			for _, o := range t {
				with := slices.Compact(slices.Sorted(slices.Values(slices.Concat(set, o))))
				if len(with) == len(set) {
					continue
				}
				spent := v.costOf(with)
				if gain := float64(done(with)-have) / float64(len(with)-len(set)); gain > most || gain == most && spent.compare(dear) < 0 {
					best, most, dear = with, gain, spent
				}
			}
		}
		set = best
	}
	for _, c := range slices.SortedFunc(slices.Values(set), func(a, b int) int { return cmp.Or(v.Costs[b].compare(v.Costs[a]), b-a) }) {
		if without := slices.DeleteFunc(slices.Clone(set), func(x int) bool { return x == c }); done(without) == len(tasks) {
			set = without
		}
	}
	return set
}

func (v Question) costOf(set []int) (sum Cost) {
	for _, c := range set {
		sum = sum.plus(v.Costs[c])
	}
	return sum
}

// search is branch and bound over one part.
type search struct {
	costs []Cost
	tasks [][]uint64
	best  uint64
	least Cost
	left  int // steps; below zero: given up
}

func (s *search) costOf(set uint64) (sum Cost) {
	for ; set != 0; set &= set - 1 {
		sum = sum.plus(s.costs[bits.TrailingZeros64(set)])
	}
	return sum
}

// from tries every way to do what a set leaves undone, at the task with the fewest
// ways first, unless no way can be better than the best that is known.
func (s *search) from(set uint64, spent Cost) {
	if s.left--; s.left < 0 {
		return
	}
	next, bound := s.next(set, spent)
	if next == nil {
		if by := spent.compare(s.least); by < 0 || by == 0 && earlier(set, s.best) {
			s.best, s.least = set, spent
		}
		return
	}
	if bound.compare(s.least) > 0 {
		return
	}
	options := slices.Clone(next)
	slices.SortStableFunc(options, func(a, b uint64) int { return s.costOf(a &^ set).compare(s.costOf(b &^ set)) })
	for _, o := range options {
		s.from(set|o, spent.plus(s.costOf(o&^set)))
	}
}

// next is the undone task with the fewest options, and what everything costs at
// least: tasks that share no candidate are each paid for.
func (s *search) next(set uint64, spent Cost) ([]uint64, Cost) {
	var next []uint64
	var seen uint64
	for _, t := range s.tasks {
		if slices.ContainsFunc(t, func(o uint64) bool { return o&^set == 0 }) {
			continue
		}
		if next == nil || len(t) < len(next) {
			next = t
		}
		var all uint64
		cheapest := s.costOf(t[0] &^ set)
		for _, o := range t {
			all |= o &^ set
			if c := s.costOf(o &^ set); c.compare(cheapest) < 0 {
				cheapest = c
			}
		}
		if all&seen == 0 {
			seen |= all
			spent = spent.plus(cheapest)
		}
	}
	return next, spent
}

// earlier says whether the first candidate in which two sets differ is the first's.
func earlier(a, b uint64) bool {
	d := a ^ b
	return d != 0 && a&(d&-d) != 0
}
