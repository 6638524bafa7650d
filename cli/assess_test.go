package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/report"
	"github.com/graphwarden/graphwarden/cli"
)

// TestTheDocumentedAssessmentsWork runs each command of docs/assess.md.
func TestTheDocumentedAssessmentsWork(t *testing.T) {
	text := documents(t)["assess.md"]
	ran := 0
	for _, s := range snippets(text, "sh") {
		for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
			args := strings.Fields(line)[1:]
			for i, a := range args {
				if strings.HasPrefix(a, "docs/") {
					args[i] = filepath.Join("..", a)
				}
			}
			if code, stdout, stderr := run(t, args...); code != cli.ExitOK || stdout == "" {
				t.Errorf("%s: exit code %d\n%s", line, code, stderr)
			}
			ran++
		}
	}
	if ran < 6 {
		t.Errorf("only %d commands were run", ran)
	}
}

// TestAnAddressIsReadAsItIsGiven takes an address of consent for the plan, and never calls it.
func TestAnAddressIsReadAsItIsGiven(t *testing.T) {
	code, out, stderr := run(t, "assess", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1&response_type=code&scope=openid%20https%3A%2F%2Fgraph.microsoft.com%2FMail.Send")
	if code != cli.ExitOK || !strings.Contains(out, "Mail.Send") || !strings.HasPrefix(out, "https://login.microsoftonline.com/common/oauth2/v2.0/authorize: ") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	if code, _, stderr := run(t, "assess", "https://contoso.com/plan.md"); code == cli.ExitOK || !strings.Contains(stderr, "assess.unreadable") {
		t.Errorf("a page on the web is no address of consent: exit code %d\n%s", code, stderr)
	}
}

func TestAGateEndsWithThree(t *testing.T) {
	for _, s := range []struct {
		gate string
		code int
	}{{"refuse", cli.ExitOK}, {"change", cli.ExitUnhealthy}, {"critical", cli.ExitUnhealthy}, {"awful", cli.ExitUsage}} {
		if code, _, stderr := run(t, "assess", "../docs/examples/plan.md", "--fail-on", s.gate); code != s.code {
			t.Errorf("--fail-on %s: exit code %d\n%s", s.gate, code, stderr)
		}
	}
	if code, _, stderr := run(t, "assess", "../docs/examples/plan-before.md", "--fail-on", "refuse"); code != cli.ExitUnhealthy || !strings.Contains(stderr, "assess.gate") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// TestNothingIsNotAccepted: a text in which no permission is found does not pass.
func TestNothingIsNotAccepted(t *testing.T) {
	for name, text := range map[string]string{"words": "hello\n", "nothing": "", "an empty manifest": `{"requiredResourceAccess":[]}`} {
		path := filepath.Join(t.TempDir(), "plan")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, _ := run(t, "assess", path, "--fail-on", "change"); code != cli.ExitUnhealthy || !strings.Contains(out, "CHANGE") {
			t.Errorf("%s: exit code %d\n%s", name, code, out)
		}
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "plan.docx")
	if err := os.WriteFile(binary, []byte("PK\x03\x04\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ file, code string }{{binary, "assess.binary"}, {"nowhere.md", "assess.unreadable"}, {t.TempDir(), "assess.unreadable"}} {
		if code, _, stderr := run(t, "assess", s.file); code != cli.ExitUsage || !strings.Contains(stderr, s.code) {
			t.Errorf("%s: exit code %d\n%s", s.file, code, stderr)
		}
	}
}

// TestAConfigurationIsKnownByItsKeys judges a configuration under another name, and
// YAML that is none as a text.
func TestAConfigurationIsKnownByItsKeys(t *testing.T) {
	raw, err := os.ReadFile("../docs/blueprints/presence.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, s := range map[string]struct {
		text   []byte
		format string
	}{"plan.txt": {raw, plan.Declared}, "values.yaml": {[]byte("app:\n  scopes:\n    - Mail.Read\n"), "text"}} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, s.text, 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := run(t, "assess", file, "--json")
		var got report.Report
		if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != cli.ExitOK {
			t.Fatalf("%s: %d %s %v", name, code, stderr, err)
		}
		if a := got.Assessments[0]; a.Format != s.format || len(a.Permissions) == 0 {
			t.Errorf("%s: format %q, %d permissions", name, a.Format, len(a.Permissions))
		}
	}
}

// TestTheDocumentedFormsAreWhatIsPrinted: each piece of each form that docs/assess.md shows
// stands in that form's output, in the order of the document.
func TestTheDocumentedFormsAreWhatIsPrinted(t *testing.T) {
	packed := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, format := range []string{"text", "markdown", "html", "json", "sarif"} {
		blocks := snippets(documents(t)["assess.md"], format)
		if len(blocks) != 1 {
			t.Fatalf("docs/assess.md shows %d pieces of %s", len(blocks), format)
		}
		_, stdout, stderr := run(t, "assess", "../docs/examples/plan.md", "--format", format)
		rest := packed(strings.ReplaceAll(stdout, "../docs/", "docs/"))
		for _, line := range strings.Split(blocks[0], "\n") {
			for _, piece := range strings.Split(line, "…") {
				if _, after, found := strings.Cut(rest, packed(piece)); found {
					rest = after
				} else {
					t.Errorf("%s: %q is not there, or not in this order\n%s", format, piece, stderr)
				}
			}
		}
	}
}

// TestAReaderThatLooksAtGrantsNeedsTheDirectoryAlone: what opens all that a registration's
// flows do is asked for alone, and nothing is called proven that was not tried.
func TestAReaderThatLooksAtGrantsNeedsTheDirectoryAlone(t *testing.T) {
	raw, err := os.ReadFile("../docs/blueprints/presence.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "graphwarden.yaml")
	if err := os.WriteFile(file, append([]byte("grants: {every: 1h}\n"), raw...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := run(t, "assess", file)
	if strings.Count(stdout, "Directory.Read.All  application") != 2 || strings.Contains(stdout, "User.ReadBasic.All") || strings.Contains(stdout, "Application.Read.All") || strings.Contains(stdout, "proven") {
		t.Errorf("%s%s", stdout, stderr)
	}
	if _, stdout, stderr = run(t, "assess", "../docs/blueprints/crm.yaml"); !strings.Contains(stdout, "(proven: ") {
		t.Errorf("%s%s", stdout, stderr)
	}
}

func TestAnAssessmentForPrograms(t *testing.T) {
	code, stdout, stderr := run(t, "assess", "../docs/examples/plan.md", "--json")
	if code != cli.ExitOK {
		t.Fatal(stderr)
	}
	validates(t, "assess", stdout)
	code, stdout, stderr = run(t, "assess", "diff", "../docs/examples/plan-before.md", "../docs/examples/plan.md", "--json")
	if code != cli.ExitOK {
		t.Fatal(stderr)
	}
	validates(t, "assess diff", stdout)
}

// TestTheBlueprintsPassTheGate has the project judge what it asks for itself: each
// permission stands for a flow that needs it. What reaches every mailbox until Exchange
// is told otherwise passes the lower gate, and fails the higher for nothing else.
func TestTheBlueprintsPassTheGate(t *testing.T) {
	files, err := filepath.Glob("../docs/blueprints/*.yaml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d blueprints, %v", len(files), err)
	}
	for _, f := range files {
		code, stdout, stderr := run(t, "assess", f, "--fail-on", "refuse", "--json")
		if code != cli.ExitOK {
			t.Errorf("%s: exit code %d\n%s", f, code, stderr)
		}
		validates(t, "assess", stdout)
		var got report.Report
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatal(err)
		}
		if v := got.Assessments[0].Verdict; v.Verdict != judge.Accept && v.Why != "unscoped" {
			t.Errorf("%s: %s, %s", f, v.Verdict, v.Why)
		}
		for _, q := range got.Assessments[0].Permissions {
			if !q.Keep || q.FoundBy != plan.ByFlow || q.Lines[0] < 2 {
				t.Errorf("%s: %+v", f, q)
			}
		}
		if len(got.Assessments[0].Permissions) == 0 || len(got.Assessments[0].Missing) > 0 {
			t.Errorf("%s: %+v", f, got.Assessments[0])
		}
	}
}
