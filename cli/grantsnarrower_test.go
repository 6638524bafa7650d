package cli_test

import (
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/grants"
)

// TestANarrowerConfigurationCanBeTakenOver: what is proposed is a part of a configuration,
// with what would go as comments.
func TestANarrowerConfigurationCanBeTakenOver(t *testing.T) {
	since := time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC)
	text := cli.NarrowerFlows(grants.Report{Tenant: "contoso", Registration: "portal", Narrower: []grants.Narrower{
		{Flow: "portal-graph", Since: since, Keep: []string{"GET /users/{id}/events"}, Drop: []string{"GET /users/{id}/messages"}, Spared: []string{"Mail.Read"}},
		{Flow: "old", Since: since, Drop: []string{"GET /users/{id}/messages"}, Spared: []string{"Mail.Read"}}}})
	const want = `# contoso/portal: what was used since 2026-08-31
flows:
  portal-graph:
    operations:
      - "GET /users/{id}/events"
    # not used: "GET /users/{id}/messages"
  old:
    # nothing: take the flow out of the configuration
    # not used: "GET /users/{id}/messages"
# Then Mail.Read is needed no more: graphwarden grants contoso/portal --apply
`
	if text != want {
		t.Errorf("it is proposed\n%s\nwant\n%s", text, want)
	}
	var read struct {
		Flows map[string]struct{ Operations []string }
	}
	if err := yaml.Unmarshal([]byte(text), &read); err != nil || !slices.Equal(read.Flows["portal-graph"].Operations, []string{"GET /users/{id}/events"}) {
		t.Errorf("it reads as %+v, %v", read, err)
	}
}
