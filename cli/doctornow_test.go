package cli_test

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
)

// TestTheDoctorSeesWhatJustChanged: between two looks of the server's watch.
func TestTheDoctorSeesWhatJustChanged(t *testing.T) {
	tn := open(t)
	config := tn.server(t, nil)
	if _, results, _ := diagnosis(t, config); results["notice.connection_revoked"] != "pass" {
		t.Fatalf("before: %s", results["notice.connection_revoked"])
	}
	if code, _, wrong := run(t, "connect", "revoke", "contoso", "calendar", "--yes", "--config", config); code != cli.ExitOK {
		t.Fatal(wrong)
	}
	if _, results, _ := diagnosis(t, config); results["notice.connection_revoked"] != "warn" {
		t.Errorf("after: %s", results["notice.connection_revoked"])
	}
	if _, out, _ := run(t, "doctor", "--config", config); !strings.Contains(out, "There is no backup") || strings.Contains(out, "backup is recent") {
		t.Errorf("of the backup that there is not the doctor says:\n%s", out)
	}
}

// TestTheDoctorMissesADatabaseThatWasMovedAway from under a server.
func TestTheDoctorMissesADatabaseThatWasMovedAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not moved there")
	}
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	g, _ := tn.serve(t, config)
	if _, results, _ := diagnosis(t, config); results["notice.database"] != "pass" {
		t.Fatalf("before: %s", results["notice.database"])
	}
	if err := os.Rename(g.Store.Path, g.Store.Path+".away"); err != nil {
		t.Fatal(err)
	}
	code, out, _ := run(t, "doctor", "--config", config)
	if _, results, _ := diagnosis(t, config); code == cli.ExitOK || results["notice.database"] != "fail" || results["doctor.database"] != "unknown" || !strings.Contains(out, "though a server answers") {
		t.Errorf("afterwards the notice is %s, exit code %d:\n%s", results["notice.database"], code, out)
	}
}

// TestTheDoctorDoesNotTellOfWhatIsOver: a notice of before the server was stopped is
// open until what it tells of has not been seen for some time.
func TestTheDoctorDoesNotTellOfWhatIsOver(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	g, _ := tn.serve(t, config)
	then := time.Now().Add(-3 * time.Hour)
	err := g.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return g.Store.Tell(ctx, tx, graphwarden.Notice{ID: "ntc_1", Code: "notice.feed_stale", Subject: "office", Severity: graphwarden.Critical,
			Say: "1 of 1 calendars was last read hours ago.", Do: "Look.", Since: then, OpenedAt: then, Told: 1}, "opened", nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, results, _ := diagnosis(t, config)
	open, err := g.Store.Notices(t.Context(), false, 0, 10)
	if err != nil || !slices.ContainsFunc(open, func(n graphwarden.Notice) bool { return n.ID == "ntc_1" }) {
		t.Fatalf("the notice is not open any more, so that nothing was tried: %v %v", open, err)
	}
	if results["notice.feed_stale"] != "pass" {
		t.Errorf("of feeds that were read a moment ago the doctor says %s", results["notice.feed_stale"])
	}
}

// mute is a server's database that is down.
type mute struct{ api.Feeds }

func (mute) Notices(context.Context, bool, int64, int) ([]graphwarden.Notice, error) {
	return nil, &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.server_down", Say: "The database server does not answer.", Do: "Start the database server."}
}

// TestTheDoctorDoesNotHaveARunningServerStarted: it runs, and cannot say what it
// was told.
func TestTheDoctorDoesNotHaveARunningServerStarted(t *testing.T) {
	tn := open(t)
	operate := freePort(t)
	config := tn.configure(t, func(s *settings) { s.operate = operate })
	answering(t, config, operate, mute{}, mute{})
	_, out, _ := run(t, "doctor", "--config", config)
	if strings.Contains(out, "Only a running server knows") || strings.Contains(out, "graphwarden serve. (notice") || !strings.Contains(out, "The server cannot say.") || !strings.Contains(out, "Start the database server.") {
		t.Errorf("the doctor says:\n%s", out)
	}
}
