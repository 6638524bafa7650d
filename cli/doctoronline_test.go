package cli_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// rewrite changes a configuration.
func rewrite(t *testing.T, config, old, fresh string) {
	t.Helper()
	raw, err := os.ReadFile(config)
	if err != nil || !strings.Contains(string(raw), old) {
		t.Fatalf("no %q to change: %v", old, err)
	}
	if err := os.WriteFile(config, []byte(strings.Replace(string(raw), old, fresh, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorCallsWhatIsConfigured examines a server while it is right, and then
// with one thing wrong after the other.
func TestDoctorCallsWhatIsConfigured(t *testing.T) {
	receiver := httptest.NewServer(http.NotFoundHandler())
	defer receiver.Close()
	tn, listen := open(t), freePort(t)
	config := tn.server(t, func(s *settings) { s.listen, s.sink = listen, strings.TrimPrefix(receiver.URL, "http://") })
	expect := func(situation string, want map[string]string) {
		t.Helper()
		code, results, _ := diagnosis(t, config, "--online")
		for check, result := range want {
			if results[check] != result {
				t.Errorf("%s: %s: %s", situation, check, results[check])
			}
			if result == "fail" && code != cli.ExitUnhealthy {
				t.Errorf("%s: exit code %d", situation, code)
			}
		}
	}
	rewrite(t, config, "listen: ", "public_url: \"http://"+listen+"\"\nlisten: ")
	expect("all right", map[string]string{"doctor.login_reachable": "pass", "doctor.graph_reachable": "pass", "doctor.sink_reachable": "pass",
		"doctor.public_url": "pass", "doctor.sign_in": "pass"})
	rewrite(t, config, "public_url: \"http://"+listen, "public_url: \""+receiver.URL)
	tn.steer(t, "/sim/apps", `{"app": "calendar", "do": "revoke"}`)
	receiver.Config.SetKeepAlivesEnabled(false)
	expect("another program at public_url, no consent", map[string]string{"doctor.public_url": "fail", "doctor.permissions": "fail"})
	tn.steer(t, "/sim/apps", `{"app": "calendar", "do": "consent"}`)
	tn.steer(t, "/sim/apps", `{"app": "calendar", "do": "disable"}`)
	receiver.Close()
	expect("a disabled app, no receiver", map[string]string{"doctor.sign_in": "fail", "doctor.sink_reachable": "fail"})
}

func TestDoctorExaminesBeforeTheFirstStart(t *testing.T) {
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
	config := tn.configure(t, func(s *settings) { s.listen, s.operate = taken.Addr().String(), other.Addr().String() })
	_, results, _ := diagnosis(t, config, "--online")
	for check, want := range map[string]string{"doctor.listen": "fail", "doctor.operate": "fail", "doctor.database": "unknown", "doctor.core_dumps": "unknown",
		"doctor.sign_in": "pass", "doctor.login_reachable": "pass", "doctor.sink_reachable": "fail"} {
		if results[check] != want {
			t.Errorf("%s: %s", check, results[check])
		}
	}
	for _, file := range []string{"graphwarden.db", "graphwarden.key", "operator.token"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(config), file)); err == nil {
			t.Errorf("the doctor made %s", file)
		}
	}
	wrong := tn.configure(t, func(s *settings) {
		s.secret, s.operate, s.login = "not the secret", freePort(t), "https://"+freePort(t)
	})
	if _, results, _ = diagnosis(t, wrong, "--online"); results["doctor.login_reachable"] != "fail" || results["doctor.sign_in"] != "fail" || results["doctor.graph_reachable"] != "pass" {
		t.Errorf("with a wrong login address: %v", results)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(wrong), "graphwarden.db"), []byte(strings.Repeat("damaged ", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, results, _ = diagnosis(t, wrong); results["doctor.database"] != "fail" {
		t.Errorf("with a damaged database: %v", results)
	}
}
