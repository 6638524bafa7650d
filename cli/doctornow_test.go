package cli_test

import (
	"context"
	"strings"
	"testing"

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
