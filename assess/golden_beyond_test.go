package assess_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
)

// compareLeast compares the least set and what is missing of it, member by member.
func compareLeast(c *tally, got *judge.Assessment, want expected) {
	c.eq("least set", "", members(got.LeastSet), members(want.LeastSet))
	c.eq("least set proven", "", got.LeastExact, true)
	c.eq("missing", "", missing(got.Missing), missing(want.Missing))
	for _, w := range want.LeastSet {
		for _, m := range got.LeastSet {
			if m.Name == w.Name && m.Scheme == w.Scheme {
				c.eq("member", m.Name, fmt.Sprint(m.Resource, m.ID, m.Level, flat(m.AdminConsent), m.Class, m.Rule, m.Missing), fmt.Sprint(w.Resource, w.ID, w.Level, flat(w.AdminConsent), w.Class, w.Rule, w.Missing))
				c.eq("member's flows", m.Name, sorted(m.Flows), sorted(w.Flows))
				c.eq("member's reason", m.Name, m.Why != "", true)
			}
		}
	}
	for _, w := range want.Missing {
		for _, m := range got.Missing {
			if m.Name == w.Name && m.Scheme == w.Scheme {
				c.eq("missing's id", m.Name, m.ID, w.ID)
				c.eq("missing's flow", m.Name, m.Flow == w.Flow || slices.ContainsFunc(got.LeastSet, func(x judge.Member) bool { return x.Name == m.Name && slices.Contains(x.Flows, w.Flow) }), true)
				c.eq("missing's lines", m.Name, overlap(m.Lines, w.Lines), true)
			}
		}
	}
}

// compareFindings looks for each expected finding with its severity and an
// instead where one is expected, and for what was found and is expected nowhere.
func compareFindings(c *tally, got *judge.Assessment, want expected) {
	for _, w := range want.Findings {
		hit := slices.ContainsFunc(got.Findings, func(f judge.Finding) bool {
			return f.Kind == w.Kind && f.Severity == w.Severity && overlap(f.Lines, w.Lines) && (w.Instead == "" || f.Instead != "")
		})
		c.eq("finding", fmt.Sprintf("%s %s %v", w.Severity, w.Kind, w.Lines), hit, true)
	}
	for _, f := range got.Findings {
		expected := slices.ContainsFunc(want.Findings, func(w judge.Finding) bool { return w.Kind == f.Kind && overlap(f.Lines, w.Lines) }) || want.says(f)
		c.eq("finding invented", fmt.Sprintf("%s %v %s: %s", f.Kind, f.Lines, f.About, f.Why), expected, true)
	}
}

// says says whether the expected permissions hold what a finding repeats of them.
func (want expected) says(f judge.Finding) bool {
	missing := slices.ContainsFunc(want.Missing, func(m judge.Missing) bool { return m.Name == f.About })
	return f.Kind == "permission missing" && missing || slices.ContainsFunc(want.Permissions, func(p expectedPermission) bool {
		if !overlap(p.Lines, f.Lines) || f.About != "" && p.Name != f.About {
			return false
		}
		switch f.Kind {
		case "too wide":
			return p.TooWide != nil
		case "redundant":
			return len(p.RedundantWith) > 0
		case "unneeded":
			return p.Unneeded != ""
		case "path to more privilege":
			return p.Rule == "P1"
		case "unscoped":
			return p.Scheme == plan.Application
		}
		return slices.ContainsFunc(p.Disagreements, func(d judge.Disagreement) bool { return d.Kind == f.Kind })
	})
}

// compareBeyond compares what stands beside permissions, both ways.
func compareBeyond(c *tally, got *judge.Assessment, want expected) {
	var roles, licences, outside, laws, asked, ways []string
	for _, r := range want.Roles {
		roles = append(roles, r.Role)
	}
	for _, l := range want.Licences {
		licences = append(licences, l.Licence)
	}
	for _, o := range want.Outside {
		outside = append(outside, o.What)
	}
	for _, e := range want.Effects {
		laws = append(laws, e.Law+" "+e.Clause)
	}
	for _, q := range want.Questions {
		asked = append(asked, q.About)
	}
	for _, w := range want.Alternatives {
		ways = append(ways, w.Flow+": "+sorted(w.Instead))
	}
	c.both("role", advice(got.Roles), roles)
	c.both("licence", advice(got.Licences), licences)
	c.both("outside Entra", advice(got.Outside), outside)
	var have, questions []string
	for _, e := range got.Effects {
		have = append(have, e.Law+" "+e.Clause)
	}
	c.both("consequence", have, laws)
	for _, q := range got.Questions {
		questions = append(questions, q.About)
	}
	c.both("open question", questions, asked)
	c.both("alternative", alternatives(got, ways), ways)
	for _, r := range want.Registrations {
		hit := slices.ContainsFunc(got.Registrations, func(g judge.Registration) bool {
			return overlap(g.Lines, r.Lines) && strings.Contains(strings.ToLower(g.Name), strings.ReplaceAll(r.Name, "mail", "e-mail"))
		})
		c.eq("registration", r.Name, hit, true)
	}
	c.eq("registrations", "", len(got.Registrations), len(want.Registrations))
	for _, n := range want.NotPermissions {
		hit := slices.ContainsFunc(got.Permissions, func(p judge.Permission) bool { return p.Status != plan.Example && overlap(p.Lines, n.Lines) }) ||
			slices.ContainsFunc(got.Unplaced, func(u plan.Unplaced) bool { return slices.Contains(n.Lines, u.Line) })
		c.eq("no permission", fmt.Sprint(n.Lines), hit, false)
	}
	compareOwn(c, got, want)
}

// compareOwn compares the classes that a document gives itself with those of the
// rules, in the scheme that is taken and in the one that is not excluded.
func compareOwn(c *tally, got *judge.Assessment, want expected) {
	rows := 0
	for _, p := range got.Permissions {
		if p.OwnClass != nil {
			rows++
		}
	}
	c.eq("own classes", "", rows, len(want.OwnClasses.Rows))
	for _, r := range want.OwnClasses.Rows {
		for _, p := range got.Permissions {
			if p.Name == r.Name && slices.Contains(p.Lines, r.Line) && p.OwnClass != nil && p.OtherScheme != nil {
				c.eq("own class", r.Name, fmt.Sprint(p.OwnClass.Document, p.Class, p.Rule, p.OwnClass.Compared), fmt.Sprint(r.Document, r.Delegated, r.RuleDelegated, r.ComparedDelegated))
				c.eq("own class, other scheme", r.Name, fmt.Sprint(p.OtherScheme.Class, p.OtherScheme.Rule, p.OwnClass.Other), fmt.Sprint(r.Application, r.RuleApplication, r.ComparedApplication))
			}
		}
	}
}

// both counts each expected word, and each that is not.
func (c *tally) both(key string, got, want []string) {
	for _, w := range want {
		c.eq(key, w, slices.Contains(got, w), true)
	}
	for _, g := range got {
		c.eq(key+" invented", g, slices.Contains(want, g), true)
	}
}

func advice(all []judge.Advice) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.What)
	}
	return out
}

// alternatives are the other ways of flows, and those of members that are expected.
func alternatives(a *judge.Assessment, want []string) []string {
	var out []string
	for _, w := range a.Alternatives {
		out = append(out, w.Flow+": "+sorted(w.Instead))
	}
	for _, m := range a.LeastSet {
		for _, x := range m.Alternatives {
			for _, f := range m.Flows {
				if s := f + ": " + sorted(x.Instead); slices.Contains(want, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}
