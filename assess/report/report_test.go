package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/assess/report"
	"github.com/graphwarden/graphwarden/catalog"
)

var update = flag.Bool("update", false, "write docs/assess-rules.md")

func TestRulesPage(t *testing.T) {
	const file = "../../docs/assess-rules.md"
	if *update {
		if err := os.WriteFile(file, []byte(report.RulesPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if then, err := os.ReadFile(file); err != nil || string(then) != report.RulesPage() {
		t.Errorf("%s is not what the rules say (%v): go test ./assess/report -run Rules -update", file, err)
	}
}

// hostile is a plan whose words would break out of every form.
const hostile = "Permissions:\n\n- Mail.Read <script>alert(1)</script> | reads ` mail\n- Email.Send\n- Frobnicate.Read.All\n"

func assessments(t *testing.T) []*judge.Assessment {
	t.Helper()
	p, err := read.Bytes(catalog.Load(), `<b>&"plan".txt`, []byte(hostile))
	if err != nil {
		t.Fatal(err)
	}
	return []*judge.Assessment{judge.Plan(catalog.Load(), p)}
}

func TestEveryFormHoldsTheSame(t *testing.T) {
	for _, format := range report.Formats() {
		var b bytes.Buffer
		if err := report.Write(&b, format, assessments(t)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Mail.Read", "Mail.Send", "misspelt", "Frobnicate.Read.All"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s does not say %s:\n%s", format, want, b.String())
			}
		}
	}
	if report.Write(&bytes.Buffer{}, "paper", nil) == nil {
		t.Error("a form that there is not was written")
	}
}

// TestThePageIsSelfContainedAndQuoted parses the page as a browser does.
func TestThePageIsSelfContainedAndQuoted(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(&b, "html", assessments(t)); err != nil {
		t.Fatal(err)
	}
	z := html.NewTokenizer(&b)
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		switch tok.Data {
		case "script", "link", "img", "iframe", "b":
			if tok.Type != html.TextToken {
				t.Errorf("the page has <%s>", tok.Data)
			}
		}
	}
}

func TestSARIFIsSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(&b, "sarif", assessments(t)); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) == 0 {
		t.Fatalf("%v: %+v", err, log)
	}
	rules := map[string]bool{}
	for _, r := range log.Runs[0].Tool.Driver.Rules {
		rules[r.ID] = true
	}
	for _, r := range log.Runs[0].Results {
		for _, l := range r.Locations {
			if u, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI); err != nil || strings.ContainsAny(l.PhysicalLocation.ArtifactLocation.URI, " <>\"") || u.Path != `<b>&"plan".txt` && u.Path != `./<b>&"plan".txt` {
				t.Errorf("the address of the document is %q", l.PhysicalLocation.ArtifactLocation.URI)
			}
		}
		if !rules[r.RuleID] || r.Message.Text == "" || len(r.Locations) == 0 || r.Locations[0].PhysicalLocation.Region.StartLine < 1 || !strings.Contains("error warning note none", r.Level) {
			t.Errorf("%+v", r)
		}
	}
}

// TestAPlanOfBothSchemesIsJudgedAsBoth: no form for people calls it by one of them.
func TestAPlanOfBothSchemesIsJudgedAsBoth(t *testing.T) {
	p, err := read.Bytes(catalog.Load(), "plan.md", []byte("# Permissions\n\n- Calendars.Read (delegated): shows meetings\n- Mail.Send (application): sends reminders\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"text", "markdown", "html"} {
		var b bytes.Buffer
		if err := report.Write(&b, format, []*judge.Assessment{judge.Plan(catalog.Load(), p)}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.ToLower(b.String()), "judged as delegated and application: each as its line states it: delegated for line 3, application for line 4") {
			t.Errorf("%s:\n%s", format, b.String())
		}
	}
}
