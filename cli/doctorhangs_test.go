package cli_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// TestTheDoctorOfADatabaseThatHangs: the server says so at /readyz and could answer nothing
// else, which it is not asked then.
func TestTheDoctorOfADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	tn := open(t)
	hangs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"ready":false,"checks":[{"name":"the database answers","met":false,"reason":"The database does not answer in time.","code":"storage.silent"}]}`))
	}))
	defer hangs.Close()
	config := tn.configure(t, func(s *settings) { s.operate = strings.TrimPrefix(hangs.URL, "http://") })
	if err := os.WriteFile(filepath.Join(filepath.Dir(config), "operator.token"), []byte("gwo_0123456789abcdef0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, results, _ := diagnosis(t, config)
	if code != cli.ExitUnhealthy || results["doctor.server"] != "fail" || results["doctor.database"] != "fail" || results["notice.feed_stale"] != "unknown" {
		t.Errorf("exit code %d: %v", code, results)
	}
	_, out, _ := run(t, "doctor", "--config", config)
	if strings.Contains(out, "Start it with graphwarden serve") || !strings.Contains(out, "storage.silent") && !strings.Contains(out, "does not answer in time") {
		t.Errorf("it says:\n%s", out)
	}
}
