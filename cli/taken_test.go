package cli_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/connect"
)

// enters has the tenant's administrator enter the last code that was shown after
// some others.
func (tn *tenant) enters(t *testing.T, command *running, after string) string {
	t.Helper()
	m := command.err.await(t, `(?s)`+after+`.*?Open (https://\S+) on any device and enter the code (\w+)`)
	person := tn.person(0)
	person.Code = m[2]
	if _, _, err := person.Open(m[1], ""); err != nil {
		t.Fatal(err)
	}
	return m[2]
}

// taking serves a configuration, and gives what changes it a little and has that taken.
func (tn *tenant) taking(t *testing.T, config string) (taken func(), end func()) {
	t.Helper()
	rewrite(t, config, "operate: off", "operate: "+freePort(t))
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	taken = func() {
		t.Helper()
		rewrite(t, config, "operate: ", "keep: 20d\noperate: ")
		says(t, cli.ExitOK, "has taken it", "apply", "--yes", "--config", config)
	}
	return taken, func() {
		server.stop()
		server.ends(t, cli.ExitOK)
	}
}

// TestASignInUnderWayOutlivesAnotherConfiguration of a person who is entering a code.
func TestASignInUnderWayOutlivesAnotherConfiguration(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	config := tn.own(t, folder, client, "device", "")
	taken, end := tn.taking(t, config)
	command := start(t, "connect", "contoso", "ours", "--config", config)
	command.err.await(t, `enter the code \w+`)
	taken()
	tn.enters(t, command, "")
	command.ends(t, cli.ExitOK)
	end()
}

// TestWhatAnAdministratorLentOutlivesAnotherConfiguration, taken between two sign-ins.
func TestWhatAnAdministratorLentOutlivesAnotherConfiguration(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	config := tn.granted(t, folder)
	taken, end := tn.taking(t, config)
	command := start(t, "restrict", "contoso", "ours", "--administrator", "--dry-run", "--json", "--administrator-client", tn.app(t, "public").ClientID, "--config", config)
	code := tn.enters(t, command, "")
	command.err.await(t, code+`(?s).*enter the code \w+`)
	taken()
	tn.enters(t, command, code)
	command.ends(t, cli.ExitOK)
	if !strings.Contains(command.out.String(), `"do": "add"`) {
		t.Errorf("it says:\n%s", command.out)
	}
	end()
}

// TestASignInEndsWithItsRegistration: the configuration in force has another app of
// that name.
func TestASignInEndsWithItsRegistration(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	config := tn.own(t, folder, client, "device", "")
	rewrite(t, config, "operate: off", "operate: "+freePort(t))
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	command := start(t, "connect", "contoso", "ours", "--config", config)
	command.err.await(t, `enter the code \w+`)
	rewrite(t, config, client, tn.app(t, "public").ClientID)
	says(t, cli.ExitOK, "has taken it", "apply", "--yes", "--config", config)
	tn.enters(t, command, "")
	command.ends(t, cli.ExitUsage)
	if !strings.Contains(command.err.String(), "connect.sign_in_unknown") {
		t.Errorf("said:\n%s", command.err)
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}

// TestAChangedRegistrationIsTakenWithoutARestart: from apply on, Microsoft is called by
// the other app, with the other credential.
func TestAChangedRegistrationIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	other := tn.app(t, "everything")
	if err := os.WriteFile(filepath.Join(filepath.Dir(config), "other.secret"), []byte(other.ClientSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	rewrite(t, config, tn.app(t, "calendar").ClientID, other.ClientID)
	rewrite(t, config, "calendar.secret", "other.secret")
	out := says(t, cli.ExitOK, "has taken it", "apply", "--yes", "--config", config)
	if strings.Contains(out, "Start it again") {
		t.Errorf("it wants a restart: %s", out)
	}
	day := time.Now().UTC().AddDate(0, 0, 3).Format("2006-01-02")
	tn.graph(t, http.MethodPost, "/users/"+tn.Users[0].ID+"/events", map[string]any{"subject": "Afterwards", "start": map[string]any{"dateTime": day + "T10:00:00", "timeZone": "UTC"},
		"end": map[string]any{"dateTime": day + "T11:00:00", "timeZone": "UTC"}}, nil)
	listener := start(t, "listen", "--flow", "office", "--since", "0", "--json", "--config", config)
	listener.out.await(t, "Afterwards")
	listener.stop()
	<-listener.code
	list := says(t, cli.ExitOK, other.ClientID, "connect", "contoso", "--json", "--config", config)
	var views []connect.View
	if err := json.Unmarshal([]byte(list), &views); err != nil {
		t.Fatal(err)
	}
	for _, v := range views {
		if v.Registration == "calendar" && (v.ClientID != other.ClientID || v.State != "connected") {
			t.Errorf("the connection is %+v", v)
		}
	}
	if calls := tn.callsBy(t, other.ClientID); calls == 0 {
		t.Error("the other app has never called")
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}

// callsBy counts the requests of an app that the simulator answered.
func (tn *tenant) callsBy(t *testing.T, client string) (n int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tn.Graph+"/sim/truth?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tn.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for lines := json.NewDecoder(answer.Body); lines.More(); {
		var row struct{ App, Path string }
		if err := lines.Decode(&row); err != nil {
			t.Fatal(err)
		}
		if row.App == client && strings.Contains(row.Path, "delta") {
			n++
		}
	}
	return n
}

// TestConnectSaysThatTheServerHasAnotherAppThanTheFile before anybody signs in, until the
// file is applied.
func TestConnectSaysThatTheServerHasAnotherAppThanTheFile(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, old := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	config := tn.own(t, folder, old, "device", "")
	taken, end := tn.taking(t, config)
	warned := func(args ...string) bool {
		t.Helper()
		_, _, stderr := run(t, append(args, "--no-input", "--config", config)...)
		at := strings.Index(stderr, "warning: the server")
		if at >= 0 && (!strings.Contains(stderr, "client_id: "+nobody+", was "+old) || !strings.Contains(stderr, "graphwarden apply") ||
			strings.Contains(stderr, "cli.person_needed") && strings.Index(stderr, "cli.person_needed") < at) {
			t.Errorf("%v says:\n%s", args, stderr)
		}
		return at >= 0
	}
	commands := [][]string{{"connect", "contoso", "ours"}, {"connect", "contoso"}}
	for _, args := range commands {
		if warned(args...) {
			t.Errorf("%v warns of a file that is in force", args)
		}
	}
	rewrite(t, config, old, nobody)
	for _, args := range commands {
		if !warned(args...) {
			t.Errorf("%v does not say that the file is not in force", args)
		}
	}
	if warned("connect", "contoso", "reader") {
		t.Error("it warns of another registration than the one that was named")
	}
	taken()
	if warned(commands[0]...) {
		t.Error("it warns of a file that was applied")
	}
	end()
}
