package cli_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
	"github.com/graphwarden/graphwarden/watch"
)

// ill is a server at which everything is wrong that a server tells.
type ill struct{ api.Connections }

func (ill) List(context.Context) ([]connect.View, error) {
	return []connect.View{{Tenant: "contoso", Registration: "calendar", Credential: "secret", Mode: "secret"}}, nil
}

func (ill) ProveConnection(context.Context, string, string, string) (connect.Report, error) {
	return connect.Report{Needed: []string{"Calendars.Read"}, Missing: []string{"Calendars.Read"}}, nil
}

func (ill) Unused(context.Context, string, string, string) (connect.Unuseds, error) {
	return connect.Unuseds{Known: true, Unused: []connect.Unused{{ID: "1"}}}, nil
}

// illServer answers at the operators' address of a configuration.
func illServer(t *testing.T, config, operate string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	err = s.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		var failed error
		for _, k := range watch.Kinds() {
			failed = errors.Join(failed, s.Tell(ctx, tx, graphwarden.Notice{ID: "ntc_" + k.Code, Code: k.Code, Subject: "x", Severity: graphwarden.Critical, Say: "It is wrong.", Do: "Mend it.", OpenedAt: tx.Now(), Told: 1}, "opened", nil))
		}
		return failed
	})
	if err != nil {
		t.Fatal(err)
	}
	answering(t, config, operate, s, s)
}

// answering is the ill server with feeds and notices.
func answering(t *testing.T, config, operate string, feeds api.Feeds, notices api.Notices) {
	t.Helper()
	token, err := seal.MakeTokenFile(filepath.Join(filepath.Dir(config), "operator.token"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", operate)
	if err != nil {
		t.Fatal(err)
	}
	a := api.New(api.Config{Token: token, Cursors: seal.FromString("a secret for cursors of this test"), Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader, Feeds: feeds, Notices: notices, Connections: ill{},
		Status: func(context.Context) (api.Status, error) { return api.Status{Version: "another"}, nil }})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, api.Served{Listener: l, Handler: a.Operators}) }()
	t.Cleanup(func() {
		stop()
		<-ended
	})
}

// TestEveryCheckOfTheDoctorCanFail brings about that each check warns or fails, and
// holds those that did against all that stand in the program.
func TestEveryCheckOfTheDoctorCanFail(t *testing.T) {
	// Those two have tests of their own: a limit of a process, a disk.
	failed := map[string]bool{"doctor.core_dumps": true, "doctor.disk": true}
	note := func(results map[string]string) {
		for code, result := range results {
			failed[code] = failed[code] || result == "warn" || result == "fail"
		}
	}
	tn := open(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	nowhere := "https://" + freePort(t)
	config := tn.configure(t, func(s *settings) {
		s.listen, s.operate, s.login = taken.Addr().String(), other.Addr().String(), nowhere
	})
	folder := filepath.Dir(config)
	rewrite(t, config, `graph: "`+tn.Graph, `graph: "`+nowhere)
	rewrite(t, config, "sweep:", "notices: {url: \"http://"+strings.TrimPrefix(nowhere, "https://")+"/\", secret_file: sink.secret}\nsweep:")
	if err := os.WriteFile(filepath.Join(folder, "graphwarden.key"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, "calendar.secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, results, _ := diagnosis(t, config, "--online")
	note(results)
	rewrite(t, config, "calendar.secret", "nothing.secret")
	if err := os.WriteFile(filepath.Join(folder, "graphwarden.db"), []byte(strings.Repeat("damaged ", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, results, _ = diagnosis(t, config)
	note(results)

	operate := freePort(t)
	config = tn.configure(t, func(s *settings) { s.operate = operate })
	rewrite(t, config, "sweep:", "public_url: \"http://"+freePort(t)+"\"\nsweep:")
	older(t, filepath.Join(filepath.Dir(config), "graphwarden.db"))
	illServer(t, config, operate)
	_, results, _ = diagnosis(t, config, "--online")
	note(results)
	config = tn.configure(t, nil)
	says(t, cli.ExitOK, "", "serve", "--check", "--config", config)
	if err := os.Remove(filepath.Join(filepath.Dir(config), "graphwarden.key")); err != nil {
		t.Fatal(err)
	}
	_, results, _ = diagnosis(t, config)
	note(results)
	if err := os.WriteFile(config, []byte("flavour: sweet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, results, _ = diagnosis(t, config)
	note(results)

	all := checks(t)
	for _, code := range all {
		if !failed[code] {
			t.Errorf("%s never warns or fails", code)
		}
	}
	t.Logf("%d checks, each warned or failed once", len(all))
}

// older makes a database that says that it has an older schema.
func older(t *testing.T, path string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `DELETE FROM schema_migrations WHERE version > 8`); err != nil {
		t.Fatal(err)
	}
}

// checks are the codes of all checks in the program.
func checks(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("doctor*.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(doctor\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
			all = append(all, m[1])
		}
	}
	for _, kind := range []string{"login", "graph", "sink", "notices"} {
		all = append(all, "doctor."+kind+"_reachable")
	}
	for _, k := range watch.Kinds() {
		if !k.Good {
			all = append(all, k.Code)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
