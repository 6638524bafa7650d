package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/watch"
)

// diagnosis runs doctor and gives its worst results by code. What it prints is held
// against its published schema.
func diagnosis(t *testing.T, config string, more ...string) (code int, results map[string]string, n int) {
	t.Helper()
	code, out, stderr := run(t, append([]string{"doctor", "--json", "--config", config}, more...)...)
	var list []map[string]string
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v:\n%s%s", err, out, stderr)
	}
	results = map[string]string{}
	worse := []string{"", "pass", "unknown", "warn", "fail"}
	for _, x := range list {
		if err := fits(t, x); err != "" || x["result"] != "pass" && x["fix"] == "" {
			t.Errorf("a check is not as docs/doctor.schema.json says (%s): %v", err, x)
		}
		if slices.Index(worse, x["result"]) > slices.Index(worse, results[x["code"]]) {
			results[x["code"]] = x["result"]
		}
	}
	return code, results, len(list)
}

// fits holds a check against the published schema and says what does not fit.
func fits(t *testing.T, x map[string]string) string {
	t.Helper()
	raw, err := os.ReadFile("../docs/doctor.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Items struct {
			Required             []string
			AdditionalProperties *bool
			Properties           map[string]struct {
				Pattern   string
				Enum      []string
				MinLength int
			}
		}
	}
	if err := json.Unmarshal(raw, &schema); err != nil || len(schema.Items.Properties) != 5 || *schema.Items.AdditionalProperties {
		t.Fatalf("the schema is another: %v", err)
	}
	for _, name := range schema.Items.Required {
		if x[name] == "" {
			return name + " is missing"
		}
	}
	for name, value := range x {
		p, known := schema.Items.Properties[name]
		switch {
		case !known:
			return name + " is not known"
		case len(value) < p.MinLength, p.Pattern != "" && !regexp.MustCompile(p.Pattern).MatchString(value), len(p.Enum) > 0 && !slices.Contains(p.Enum, value):
			return name + " is wrong"
		}
	}
	return ""
}

func TestTheDoctorsSchemaRefusesWhatIsWrong(t *testing.T) {
	right := map[string]string{"code": "doctor.disk", "result": "pass", "what": "Fine.", "doc_url": "https://example.com"}
	if said := fits(t, right); said != "" {
		t.Fatal(said)
	}
	for name, value := range map[string]string{"code": "disk", "result": "good", "what": "", "doc_url": "ftp://example.com", "fix": "", "more": "x"} {
		wrong := maps.Clone(right)
		if wrong[name] = value; fits(t, wrong) == "" {
			t.Errorf("%s: %q fits", name, value)
		}
	}
}

func TestDoctorExaminesARunningServer(t *testing.T) {
	tn := open(t)
	config := tn.server(t, nil)
	folder := filepath.Dir(config)
	_, results, n := diagnosis(t, config)
	if n < 20 {
		t.Errorf("only %d checks", n)
	}
	for _, check := range []string{"doctor.configuration", "doctor.key_file", "doctor.operator_token", "doctor.server", "doctor.declared", "notice.feed_stale"} {
		if results[check] != "pass" {
			t.Errorf("%s: %s", check, results[check])
		}
	}
	if results["doctor.listen"] != "pass" || results["doctor.operate"] != "pass" || results["doctor.database"] != "pass" || results["doctor.schema"] != "pass" {
		t.Errorf("a server that runs: %v", results)
	}
	if results["doctor.version"] != "warn" || results["doctor.backup"] != "warn" {
		t.Errorf("a server of version test without a backup: %v", results)
	}
	if code, _, stderr := run(t, "backup", "--config", config, "--to", filepath.Join(t.TempDir(), "backup.db")); code != cli.ExitOK {
		t.Fatal(stderr)
	}
	if _, results, _ := diagnosis(t, config); results["doctor.backup"] != "pass" {
		t.Errorf("with a backup: %v", results)
	}
	for file, check := range map[string]string{"graphwarden.key": "doctor.key_file", "calendar.secret": "doctor.secret_file", "operator.token": "doctor.operator_token"} {
		path := filepath.Join(folder, file)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if code, results, _ := diagnosis(t, config); code != cli.ExitUnhealthy || results[check] != "fail" {
			t.Errorf("%s readable by all: exit code %d, %s", file, code, results[check])
		}
		_ = os.Chmod(path, 0o600)
	}
}

func TestDoctorExaminesWhatDoesNotRun(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	code, results, _ := diagnosis(t, config)
	if code != cli.ExitUnhealthy || results["doctor.server"] != "fail" || results["notice.feed_stale"] != "unknown" {
		t.Errorf("exit code %d: %v", code, results)
	}
	if err := os.WriteFile(config, []byte("flavour: sweet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, results, _ = diagnosis(t, config); code != cli.ExitUnhealthy || results["doctor.configuration"] != "fail" {
		t.Errorf("exit code %d: %v", code, results)
	}
}

func TestEveryNoticeAndAlertHasItsRemedy(t *testing.T) {
	page := documents(t)["operations.md"]
	for _, k := range watch.Kinds() {
		if strings.Count(page, "\n#### "+watch.Anchor(k.Code)+"\n") != 1 || !strings.Contains(page, "`"+k.Code+"`") {
			t.Errorf("docs/operations.md does not explain %s once", k.Code)
		}
	}
	raw, err := os.ReadFile("../docs/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	var source []byte
	for _, file := range []string{"measure.go", "waiting.go"} {
		text, err := os.ReadFile("../assemble/" + file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	if !strings.Contains(string(raw), "or absent(graphwarden_backup_age_seconds)") {
		t.Error("no alert tells of a database that was never backed up")
	}
	if n := strings.Count(string(raw), "- alert:"); n < 15 {
		t.Errorf("only %d alerts", n)
	}
	for _, name := range regexp.MustCompile(`graphwarden_([a-z_]+)`).FindAllStringSubmatch(string(raw), -1) {
		if !strings.Contains(string(source), `"`+name[1]+`"`) {
			t.Errorf("an alert names %s, which nothing measures", name[0])
		}
	}
	for _, a := range regexp.MustCompile(`operations\.md#([a-z-]+)`).FindAllStringSubmatch(string(raw), -1) {
		heading := strings.ReplaceAll(a[1], "-", "[ -]")
		if !regexp.MustCompile(`(?im)^#+ ` + heading + `$`).MatchString(page) {
			t.Errorf("an alert leads to #%s, which is not there", a[1])
		}
	}
}
