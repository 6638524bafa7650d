package cli_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestWhatCannotBeMeantIsRefused before anything is done.
func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	for args, says := range map[string]string{
		"logs tail --filter status=abc --end":                    "status=abc is no status",
		"connect contoso calendar --wait -5s":                    "less than nothing",
		"connect contoso calendar --redirect-port 99999":         "no port",
		"connect contoso calendar --redirect-port -1 --guide":    "no port",
		"connect rotate contoso calendar --wait soon --new file": "soon",
	} {
		if code, out, stderr := run(t, strings.Fields(args)...); code != cli.ExitUsage || !strings.Contains(stderr, says) {
			t.Errorf("%s: exit code %d:\n%s%s", args, code, out, stderr)
		}
	}
}

// TestAQuestionEndsAsOne: what was perhaps meant is asked, and what to do follows.
func TestAQuestionEndsAsOne(t *testing.T) {
	_, _, stderr := run(t, "serve", "--config", open(t).own(t, t.TempDir(), nobody, "secrt, secret_file: x", ""))
	if !strings.Contains(stderr, "did you mean secret? Mend it") {
		t.Errorf("of a word that was mistyped:\n%s", stderr)
	}
}
