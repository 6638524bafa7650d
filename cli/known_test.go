package cli_test

import (
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestAnUnknownCommandNamesThoseThereAre: the nearest, or all where none is near.
func TestAnUnknownCommandNamesThoseThereAre(t *testing.T) {
	says(t, cli.ExitUsage, `did you mean "doctor"`, "docter")
	says(t, cli.ExitUsage, "deliveries, demo, doctor", "foobar")
	says(t, cli.ExitUsage, "create, list, revoke, rotate", "apps", "key", "foobar")
}
