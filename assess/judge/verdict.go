package judge

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// conclude gives the verdict.
func conclude(a *Assessment) Conclusion {
	v := Conclusion{Class: Low, ClassOfLeast: Low, Verdict: Accept}
	var refused, changed []string
	for i := range a.Permissions {
		q := &a.Permissions[i]
		if a.openChoice(q) {
			changed = append(changed, q.Name+" is optional and leads to everything: it is to be decided whether it is asked for")
		}
		if !q.asked() {
			continue
		}
		if q.Class.Rank() > v.Class.Rank() {
			v.Class = q.Class
		}
		switch verdict, why := a.sentence(q); verdict {
		case Refuse:
			refused = append(refused, why)
		case Change:
			changed = append(changed, why)
		}
	}
	for _, m := range a.LeastSet {
		if m.Class.Rank() > v.ClassOfLeast.Rank() {
			v.ClassOfLeast = m.Class
		}
	}
	v.WhenScoped = whenScoped(a)
	if f := a.finding(everything); f != nil && f.Severity == "high" {
		v.Class = High // as U1: nobody can say what it opens
	}
	for _, f := range a.Findings {
		switch {
		case (f.Kind == passwordFlow || f.Kind == secretExpiry || f.Kind == adminRoles) && f.Severity == "critical":
			refused = append(refused, f.Kind)
		case f.Severity.Rank() >= Medium.Rank() && f.Kind != "licence" && f.Kind != "path to more privilege" && f.Kind != "encryption, retention, laws" && f.Kind != "credential" && f.Kind != "scheme not stated":
			changed = append(changed, f.Kind)
		}
	}
	switch {
	case len(refused) > 0:
		v.Verdict, v.Why = Refuse, some(refused)
	case len(a.Permissions)+len(a.Unplaced)+len(a.Flows) == 0 && a.finding(everything) == nil && a.finding(configured) == nil:
		v.Verdict, v.Why = Change, "no permission was found, so that there is nothing to accept"
	case len(changed) > 0:
		v.Verdict, v.Why = Change, some(changed)
	default:
		v.Why = "nothing is too wide, redundant, missing or forbidden"
		if names := a.unexplained(); len(names) > 0 {
			v.Why = "nothing is redundant, missing or forbidden; no flow tells whether it is too wide: " + some(names)
		}
	}
	return v
}

// sentence judges one permission that is asked for, with the reason where it is not
// accepted.
func (a *Assessment) sentence(q *Permission) (verdict Verdict, why string) {
	switch {
	case q.Class == Critical && !q.Keep && q.again() == "" && q.FoundBy != plan.ByFamily: // the row before it was judged already
		if q.TooWide != nil {
			return Refuse, q.Name + " is more than any flow needs"
		}
		return Refuse, q.Name + " has no flow that needs it"
	case q.Class == Critical && a.asAsked(q) && q.use == "":
		return Refuse, q.Name + " has no flow that needs it, and no line says what it is for"
	case q.Class == Critical && a.asAsked(q):
		return Change, q.Name + " is for a use that is no known flow"
	case q.Unneeded != "":
		return Change, q.Name + " is not needed as it stands"
	case len(q.Disagreements) > 0:
		return Change, q.Name + ": " + q.Disagreements[0].Kind
	}
	return Accept, ""
}

// openChoice says whether a permission that leads to more privilege, or opens a whole
// service, is left to choose: where no other one that is asked for stands on its line.
func (a *Assessment) openChoice(q *Permission) bool {
	if q.Status != plan.Alternative || q.Rule != "P1" && q.Rule != "P2" && q.Rule != "K1" {
		return false
	}
	return !slices.ContainsFunc(a.Permissions, func(o Permission) bool {
		return o.asked() && (o.Name == q.Name && o.Scheme == q.Scheme || slices.ContainsFunc(o.Lines, func(n int) bool { return slices.Contains(q.Lines, n) }))
	})
}

// asAsked says whether a permission stays for no other reason than that it is asked for: no
// flow tells what it is for.
func (a *Assessment) asAsked(q *Permission) bool {
	return slices.ContainsFunc(a.LeastSet, func(m Member) bool {
		return m.Name == q.Name && m.Scheme == q.Scheme && slices.Equal(m.Flows, []string{asAsked})
	})
}

// unexplained are the permissions that stay so.
func (a *Assessment) unexplained() []string {
	var out []string
	for i := range a.Permissions {
		if q := &a.Permissions[i]; q.asked() && a.asAsked(q) && !isIdentity(q.Name) {
			out = append(out, q.Name)
		}
	}
	return out
}

// finding gives the first finding of a kind.
func (a *Assessment) finding(kind string) *Finding {
	if i := slices.IndexFunc(a.Findings, func(f Finding) bool { return f.Kind == kind }); i >= 0 {
		return &a.Findings[i]
	}
	return nil
}

// some names the first few of many.
func some(all []string) string {
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > 4 {
		out = append(out[:4], "…")
	}
	return strings.Join(out, "; ")
}

// whenScoped is the class of the least set with what Exchange roles can narrow
// narrowed; empty where there is nothing of the kind.
func whenScoped(a *Assessment) Class {
	worst, narrows := Low, false
	for _, m := range a.LeastSet {
		class := m.Class
		if m.Scheme == plan.Application && scopable(m.Name) {
			class, narrows = class.Less(), true
		}
		if class.Rank() > worst.Rank() {
			worst = class
		}
	}
	if !narrows {
		return ""
	}
	return worst
}
