package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/watch"
)

// diagnosis runs doctor and gives its results by code.
func diagnosis(t *testing.T, config string) (code int, results map[string]string, n int) {
	t.Helper()
	code, out, stderr := run(t, "doctor", "--json", "--config", config)
	var list []map[string]string
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v:\n%s%s", err, out, stderr)
	}
	results = map[string]string{}
	for _, x := range list {
		if !slices.Contains([]string{"pass", "warn", "fail", "unknown"}, x["result"]) || x["code"] == "" || x["what"] == "" || x["doc_url"] == "" ||
			x["result"] == "fail" && x["fix"] == "" {
			t.Errorf("a check is not whole: %v", x)
		}
		if results[x["code"]] != "fail" {
			results[x["code"]] = x["result"]
		}
	}
	return code, results, len(list)
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
	for file, check := range map[string]string{"graphwarden.key": "doctor.key_file", "calendar.secret": "doctor.secret_file", "operator.token": "doctor.operator_token"} {
		path := filepath.Join(folder, file)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if code, results, _ := diagnosis(t, config); code != cli.ExitConflict || results[check] != "fail" {
			t.Errorf("%s readable by all: exit code %d, %s", file, code, results[check])
		}
		_ = os.Chmod(path, 0o600)
	}
}

func TestDoctorExaminesWhatDoesNotRun(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	code, results, _ := diagnosis(t, config)
	if code != cli.ExitConflict || results["doctor.server"] != "fail" || results["notice.feed_stale"] != "unknown" {
		t.Errorf("exit code %d: %v", code, results)
	}
	if err := os.WriteFile(config, []byte("flavour: sweet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, results, _ = diagnosis(t, config); code != cli.ExitConflict || results["doctor.configuration"] != "fail" {
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
	source, err := os.ReadFile("../assemble/measure.go")
	if err != nil {
		t.Fatal(err)
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
