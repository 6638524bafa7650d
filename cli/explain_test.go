package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/cli"
)

func TestExplainEndsAsItsAnswerIs(t *testing.T) {
	raw := snippets(documents(t)["policy.md"], "yaml")[0]
	config := filepath.Join(t.TempDir(), "graphwarden.yaml")
	if err := os.WriteFile(config, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		path, says string
		code       int
	}{
		{"/users/support@contoso.com/messages", `"verdict": "allowed"`, cli.ExitOK},
		{"/users/anna@contoso.com/messages", `"proxy.mailbox"`, cli.ExitUnhealthy},
		{"/users/87d349ed-44d7-43e1-9a83-5f2406dee5bd/messages", `"depends"`, cli.ExitUnhealthy},
	} {
		code, out, stderr := run(t, "explain", "portal", "get", test.path, "--config", config, "--json")
		var e assemble.Explanation
		if err := json.Unmarshal([]byte(out), &e); err != nil || code != test.code || !strings.Contains(out, test.says) || stderr != "" {
			t.Errorf("%s ended with %d, %v:\n%s%s", test.path, code, err, out, stderr)
		}
		validates(t, "explain", out)
	}
	says(t, cli.ExitUsage, "appkey.app", "explain", "nobody", "GET", "/users", "--config", config)
	says(t, cli.ExitUsage, "cli.usage", "explain", "portal", "POST", "/users", "--body", filepath.Join(t.TempDir(), "none.json"), "--config", config)
}
