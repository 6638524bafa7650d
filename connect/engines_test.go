package connect_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestPeopleSignInOnPostgreSQLToo runs the tests of people who sign in for apps once
// more, on a PostgreSQL server.
func TestPeopleSignInOnPostgreSQLToo(t *testing.T) {
	if os.Getenv(rig.Engine) != "" {
		return
	}
	pg.Need(t)
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.timeout=3m", "-test.v",
		"-test.run=^Test(APersonIsTakenBy|ASignInIsAnswered|OnlyTheAppThatAsked|ConsentGrows|WhomNoAppTook|WhoIsRevoked|WhoseRegistration)")
	again.Env = append(os.Environ(), rig.Engine+"=postgres")
	if said, err := again.CombinedOutput(); err != nil {
		t.Errorf("on PostgreSQL: %v\n%s", err, said)
	}
}
