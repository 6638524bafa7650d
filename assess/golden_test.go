package assess_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// expected is an answer that was written before the code (testdata/README.md).
type expected struct {
	Document string
	Lines    int
	Scheme   struct {
		Stated bool
		Taken  plan.Scheme
	}
	Permissions []expectedPermission
	OwnClasses  struct {
		Rows []struct {
			Line                int
			Name                string
			Document            judge.Class
			Delegated           judge.Class `json:"rules_delegated"`
			Application         judge.Class `json:"rules_application"`
			RuleDelegated       string      `json:"rule_delegated"`
			RuleApplication     string      `json:"rule_application"`
			ComparedDelegated   string      `json:"verdict_delegated"`
			ComparedApplication string      `json:"verdict_application"`
		}
	} `json:"own_classes"`
	Registrations  []judge.Registration
	NotPermissions []struct{ Lines []int } `json:"not_permissions"`
	Flows          []judge.Flow
	Missing        []judge.Missing
	LeastSet       []judge.Member `json:"least_set"`
	Alternatives   []judge.Way
	Questions      []judge.Question `json:"open_questions"`
	Findings       []judge.Finding
	Roles          []struct{ Role string }
	Licences       []struct{ Licence string }
	Outside        []struct{ What string } `json:"outside_entra"`
	Effects        []judge.Consequence     `json:"consequences"`
	Verdict        struct {
		Class, Verdict string
		ClassOfLeast   string      `json:"class_of_least_set"`
		WhenScoped     judge.Class `json:"class_when_scoped"`
	}
}

type expectedPermission struct {
	Lines         []int
	Written, Name string
	Scheme        plan.Scheme
	Resource, ID  string
	Level         int
	AdminConsent  *bool      `json:"admin_consent"`
	FoundBy       plan.Found `json:"found_by"`
	Confidence    plan.Confidence
	Status        plan.Status
	Class         judge.Class
	Rule          string
	RedundantWith []string       `json:"redundant_with"`
	TooWide       *judge.TooWide `json:"too_wide"`
	Unneeded      string
	Keep          bool
	Disagreements []judge.Disagreement
}

func seeds(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	dir := filepath.Join(shared, "seeds")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the five documents are not at %s: set SHARED", dir)
		}
		t.Skipf("the five documents are not at %s: set SHARED to the folder that holds them", dir)
	}
	return dir
}

// tally counts what agrees, key by key, and keeps what does not.
type tally struct {
	right, all map[string]int
	wrong      []string
}

func (c *tally) eq(key, where string, got, want any) {
	c.all[key]++
	if fmt.Sprint(got) == fmt.Sprint(want) {
		c.right[key]++
		return
	}
	c.wrong = append(c.wrong, fmt.Sprintf("%s %s: %v, expected %v", key, where, got, want))
}

func TestSeeds(t *testing.T) {
	dir := seeds(t)
	files, _ := filepath.Glob("testdata/seeds/*.json")
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var want expected
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			doc, err := os.ReadFile(filepath.Join(dir, want.Document))
			if err != nil {
				t.Fatal(err)
			}
			got, err := assess.Document(catalog.Load(), want.Document, bytes.NewReader(doc))
			if err != nil {
				t.Fatal(err)
			}
			c := &tally{right: map[string]int{}, all: map[string]int{}}
			comparePermissions(c, got, want)
			compareRest(c, got, want)
			compareLeast(c, got, want)
			compareFindings(c, got, want)
			compareBeyond(c, got, want)
			c.report(t)
		})
	}
}

func flat(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return fmt.Sprint(*b)
}

func comparePermissions(c *tally, got *judge.Assessment, want expected) {
	used := map[int]bool{}
	for _, w := range want.Permissions {
		where := fmt.Sprintf("line %v %s", w.Lines, w.Name)
		i := slices.IndexFunc(got.Permissions, func(p judge.Permission) bool {
			return p.Name == w.Name && p.Status == w.Status && slices.Contains(p.Lines, w.Lines[0])
		})
		c.eq("found", where, i >= 0, true)
		if i < 0 {
			continue
		}
		used[i] = true
		p := got.Permissions[i]
		c.eq("written", where, p.Written, w.Written)
		c.eq("scheme", where, p.Scheme, w.Scheme)
		c.eq("resource", where, p.Resource, w.Resource)
		c.eq("id", where, p.ID, w.ID)
		c.eq("level", where, p.Level, w.Level)
		c.eq("admin consent", where, flat(p.AdminConsent), flat(w.AdminConsent))
		c.eq("found by", where, p.FoundBy, w.FoundBy)
		c.eq("confidence", where, p.Confidence, w.Confidence)
		c.eq("class", where, p.Class, w.Class)
		c.eq("rule", where, p.Rule, w.Rule)
		c.eq("redundant", where, sorted(p.RedundantWith), sorted(w.RedundantWith))
		c.eq("keep", where, p.Keep, w.Keep)
		c.eq("unneeded", where, p.Unneeded != "", w.Unneeded != "")
		c.eq("too wide", where, p.TooWide != nil, w.TooWide != nil)
		if p.TooWide != nil && w.TooWide != nil {
			c.eq("narrower", where, sorted(p.TooWide.Narrower), sorted(w.TooWide.Narrower))
		}
		if p.TooWide != nil && w.TooWide != nil {
			c.eq("too wide for", where, p.TooWide.ForFlow, w.TooWide.ForFlow)
		}
		c.eq("disagreements", where, kindsOf(p.Disagreements), kindsOf(w.Disagreements))
	}
	for i, p := range got.Permissions {
		c.eq("invented", fmt.Sprintf("line %v %s %s", p.Lines, p.Name, p.Status), !used[i], false)
	}
}

func kindsOf(all []judge.Disagreement) string {
	var kinds []string
	for _, d := range all {
		if !slices.Contains(kinds, d.Kind) {
			kinds = append(kinds, d.Kind)
		}
	}
	return sorted(kinds)
}

func sorted(s []string) string {
	out := slices.Clone(s)
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func compareRest(c *tally, got *judge.Assessment, want expected) {
	c.eq("lines", "", got.Lines, want.Lines)
	c.eq("scheme stated", "", got.Scheme.Stated, want.Scheme.Stated)
	c.eq("scheme taken", "", got.Scheme.Taken, want.Scheme.Taken)
	for _, w := range want.Flows {
		i := slices.IndexFunc(got.Flows, func(f judge.Flow) bool { return f.ID == w.ID })
		c.eq("flow", w.ID, i >= 0, true)
		if i >= 0 {
			c.eq("flow's needs", w.ID, sorted(got.Flows[i].Needs), sorted(w.Needs))
			c.eq("flow's operations", w.ID, sorted(got.Flows[i].Operations), sorted(w.Operations))
			c.eq("flow's lines", w.ID, overlap(got.Flows[i].Lines, w.Lines), true)
		}
	}
	for _, g := range got.Flows {
		c.eq("flow invented", fmt.Sprintf("%s %v", g.ID, g.Lines), !slices.ContainsFunc(want.Flows, func(f judge.Flow) bool { return f.ID == g.ID }), false)
	}
	c.eq("verdict", "", got.Verdict.Verdict, want.Verdict.Verdict)
	c.eq("verdict class", "", got.Verdict.Class, want.Verdict.Class)
	c.eq("least class", "", got.Verdict.ClassOfLeast, want.Verdict.ClassOfLeast)
	c.eq("class when scoped", "", got.Verdict.WhenScoped, want.Verdict.WhenScoped)
}

func overlap(a, b []int) bool {
	return slices.ContainsFunc(a, func(x int) bool { return slices.Contains(b, x) })
}

func members(all []judge.Member) string {
	var out []string
	for _, m := range all {
		out = append(out, m.Name+"/"+string(m.Scheme)[:1])
	}
	return sorted(out)
}

func missing(all []judge.Missing) string {
	var out []string
	for _, m := range all {
		out = append(out, m.Name+"/"+string(m.Scheme)[:1])
	}
	return sorted(out)
}

func (c *tally) report(t *testing.T) {
	for _, w := range c.wrong {
		t.Error(w)
	}
	right, all := 0, 0
	for key, n := range c.all {
		right, all = right+c.right[key], all+n
		if c.right[key] < n {
			t.Logf("%s: %d of %d", key, c.right[key], n)
		}
	}
	t.Logf("%d of %d answers agree; permissions found %d of %d, invented %d; class and rule %d of %d; disagreements %d of %d, findings %d of %d, consequences %d of %d",
		right, all, c.right["found"], c.all["found"], c.all["invented"]-c.right["invented"], c.right["class"]+c.right["rule"], c.all["class"]+c.all["rule"],
		c.right["disagreements"], c.all["disagreements"], c.right["finding"], c.all["finding"], c.right["consequence"], c.all["consequence"])
}
