package cli

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/connect"
)

// TestALinkInJSONCanBeCopied: & stands in it as such.
func TestALinkInJSONCanBeCopied(t *testing.T) {
	var out strings.Builder
	const link = "https://login.example/authorize?client_id=1&state=<2>"
	if err := printJSON(&out, connect.Invited{Link: link}); err != nil || !strings.Contains(out.String(), link) || !strings.HasSuffix(out.String(), "}\n") {
		t.Errorf("%v %s", err, out.String())
	}
}
