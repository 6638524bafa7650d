package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

// rewritten changes a configuration.
func rewritten(t *testing.T, config string, change func(string) string) {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := change(string(raw))
	if text == string(raw) {
		t.Fatal("nothing was changed")
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// untilDoctorSays runs doctor until a check has a result.
func untilDoctorSays(t *testing.T, config, check, result string) {
	t.Helper()
	for late := time.Now().Add(2 * time.Minute); ; {
		_, results, _ := diagnosis(t, config)
		if results[check] == result {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("%s is %q, want %q", check, results[check], result)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// TestWhatIsTakenOutOfTheFileIsNotToldOfAnyMore: the notice of a registration ends
// with it, and a flow's feeds say what became of them.
func TestWhatIsTakenOutOfTheFileIsNotToldOfAnyMore(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) {
		s.operate = freePort(t)
		s.more = "  second: {app: portal, kind: calendar, tenant: contoso, registration: calendar, mailboxes: [" + tn.Users[0].UserPrincipalName + "], groups: [" + anyGroup(t, tn) + "], sink: {type: table}}\n"
	})
	_, stop := tn.serve(t, config)
	says(t, cli.ExitOK, "", "connect", "revoke", "contoso", "signed", "--yes", "--config", config)
	for late := time.Now().Add(2 * time.Minute); ; {
		if out := says(t, cli.ExitOK, "", "feeds", "--flow", "second", "--config", config); strings.Contains(out, "in step") {
			break
		} else if time.Now().After(late) {
			t.Fatal(out)
		}
	}
	if out := says(t, cli.ExitOK, "", "flows", "--config", config); !regexp.MustCompile(`second .*@contoso\.example.*with 1 group\)`).MatchString(out) {
		t.Errorf("the flows are\n%s", out)
	}
	untilDoctorSays(t, config, "notice.connection_revoked", "warn")
	stop()
	rewritten(t, config, func(text string) string {
		return regexp.MustCompile(`(?m)^      signed: .*\n|^  second: .*\n`).ReplaceAllString(text, "")
	})
	tn.serve(t, config)
	untilDoctorSays(t, config, "notice.connection_revoked", "pass")
	if out := says(t, cli.ExitOK, "flow removed", "feeds", "--flow", "second", "--config", config); strings.Contains(out, "asked to wait") {
		t.Errorf("the feeds are\n%s", out)
	}
}

// anyGroup is a group of the tenant with people in it.
func anyGroup(t *testing.T, tn *tenant) string {
	t.Helper()
	var list struct {
		Value []struct{ ID, DisplayName string }
	}
	tn.graph(t, "GET", "/groups?$select=id,displayName", nil, &list)
	for _, g := range list.Value {
		if g.DisplayName == "All Offices" {
			return g.ID
		}
	}
	t.Fatalf("the groups are %+v", list)
	return ""
}
