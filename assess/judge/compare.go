package judge

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// Difference is what a review of two plans must show.
type Difference struct {
	Before        string      `json:"before"`
	After         string      `json:"after"`
	Added         []Entry     `json:"added"`
	Removed       []Entry     `json:"removed"`
	Changed       []EntryPair `json:"changed"`
	Unchanged     []Unchanged `json:"unchanged"`
	FindingsNew   []Finding   `json:"findings_new"`
	FindingsGone  []Finding   `json:"findings_gone"`
	BeforeClass   Class       `json:"before_class"`
	AfterClass    Class       `json:"after_class"`
	BeforeVerdict Verdict     `json:"before_verdict"`
	AfterVerdict  Verdict     `json:"after_verdict"`
}

// Entry is a permission that a plan asks for.
type Entry struct {
	Name         string      `json:"name"`
	Scheme       plan.Scheme `json:"scheme"`
	Resource     string      `json:"resource"`
	ID           string      `json:"id,omitempty"`
	Level        int         `json:"level,omitempty"`
	AdminConsent *bool       `json:"admin_consent"`
	Class        Class       `json:"class"`
	Rule         string      `json:"rule"`
	Line         int         `json:"line"`
}

// EntryPair is a permission that both plans ask for, on behalf of others.
type EntryPair struct {
	Name string `json:"name"`
	What string `json:"what"`
	From Entry  `json:"from"`
	To   Entry  `json:"to"`
}

// Unchanged is a permission that both plans ask for.
type Unchanged struct {
	Name       string      `json:"name"`
	Scheme     plan.Scheme `json:"scheme"`
	Class      Class       `json:"class"`
	BeforeLine int         `json:"before_line"`
	AfterLine  int         `json:"after_line"`
}

// Compare says what changed between two plans. Order, spelling and wording are no
// change; a permission that one asks for twice counts once.
func Compare(before, after *Assessment) *Difference {
	d := &Difference{Before: before.Document, After: after.Document, Added: []Entry{}, Removed: []Entry{}, Changed: []EntryPair{}, Unchanged: []Unchanged{},
		BeforeClass: before.Verdict.Class, AfterClass: after.Verdict.Class, BeforeVerdict: before.Verdict.Verdict, AfterVerdict: after.Verdict.Verdict}
	old, now := entries(before), entries(after)
	for _, e := range now {
		i := slices.IndexFunc(old, e.same)
		if i < 0 {
			d.Added = append(d.Added, e)
			continue
		}
		d.Unchanged = append(d.Unchanged, Unchanged{e.Name, e.Scheme, e.Class, old[i].Line, e.Line})
	}
	for _, e := range old {
		if !slices.ContainsFunc(now, e.same) {
			d.Removed = append(d.Removed, e)
		}
	}
	d.pair()
	d.FindingsNew = without(after.Findings, before.Findings)
	d.FindingsGone = without(before.Findings, after.Findings)
	return d
}

func (e Entry) same(o Entry) bool {
	return e.Name == o.Name && e.Scheme == o.Scheme && e.Resource == o.Resource
}

// entries are the permissions that a plan asks for.
func entries(a *Assessment) []Entry {
	var out []Entry
	for _, q := range a.Permissions {
		if !q.asked() || q.again() != "" {
			continue
		}
		out = append(out, Entry{q.Name, q.Scheme, q.Resource, q.ID, q.Level, q.AdminConsent, q.Class, q.Rule, q.first()})
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// pair takes one removed and one added entry of the same name for a change of scheme.
func (d *Difference) pair() {
	for i := 0; i < len(d.Added); {
		e := d.Added[i]
		j := slices.IndexFunc(d.Removed, func(o Entry) bool { return o.Name == e.Name && o.Resource == e.Resource })
		if j < 0 {
			i++
			continue
		}
		d.Changed = append(d.Changed, EntryPair{e.Name, "scheme", d.Removed[j], e})
		d.Added, d.Removed = slices.Delete(d.Added, i, i+1), slices.Delete(d.Removed, j, j+1)
	}
}

// without are the findings whose kind and subject the other plan has not; notes and
// praise are no news.
func without(all, other []Finding) []Finding {
	out := []Finding{}
	for _, f := range all {
		if f.Severity.Rank() > 0 && !slices.ContainsFunc(other, func(o Finding) bool { return o.Kind == f.Kind && o.About == f.About }) {
			out = append(out, f)
		}
	}
	return out
}

// Reaches says whether a gate that fails on a class, or on a verdict, stops the plan.
func (a *Assessment) Reaches(gate string) bool {
	switch gate {
	case "":
		return false
	case string(Refuse):
		return a.Verdict.Verdict == Refuse
	case string(Change):
		return a.Verdict.Verdict != Accept
	}
	limit := Class(gate).Rank()
	return a.Verdict.Class.Rank() >= limit || slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.Severity.Rank() >= limit })
}

// Gates lists what a gate can fail on.
func Gates() []string {
	return []string{string(Refuse), string(Change), string(Critical), string(High), string(Medium), string(Low)}
}
