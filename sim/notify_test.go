package sim_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// receiver answers Graph's handshake and passes on what it is notified of.
func receiver(notified chan<- doc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := r.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, token)
			return
		}
		var letter struct{ Value []doc }
		if err := json.NewDecoder(r.Body).Decode(&letter); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		for _, d := range letter.Value {
			notified <- d
		}
	})
}

func (x *tenant) subscribe(url string) (int, doc) {
	x.Helper()
	return x.call("POST", "/v1.0/subscriptions", x.ready.Tokens.Everything, doc{"resource": "users", "changeType": "updated",
		"notificationUrl": url, "clientState": "s", "expirationDateTime": x.World.Clock().Now().Add(time.Hour).Format(time.RFC3339)})
}

// await gives the next notification, or false when none comes.
func await(notified <-chan doc, patience time.Duration) (doc, bool) {
	select {
	case d := <-notified:
		return d, true
	case <-time.After(patience):
		return nil, false
	}
}

func TestAChangeIsNotified(t *testing.T) {
	notified := make(chan doc, 16)
	server := httptest.NewTLSServer(receiver(notified))
	defer server.Close()
	trust := filepath.Join(t.TempDir(), "trust.pem")
	if err := os.WriteFile(trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	x := start(t, sim.Options{Trust: trust})
	if status, out := x.subscribe(server.URL); status != 201 {
		t.Fatalf("%d %v", status, out)
	}
	change := func(title string) {
		if status, out := x.call("PATCH", "/v1.0/users/"+x.ready.Users[2].ID, x.ready.Tokens.Everything, doc{"jobTitle": title}); status != 204 {
			t.Fatalf("%d %v", status, out)
		}
	}
	change("One")
	if d, ok := await(notified, 2*time.Minute); !ok || d["clientState"] != "s" || d["changeType"] != "updated" {
		t.Errorf("notified %v of %v", ok, d)
	}
	x.steer("/sim/faults", doc{"rules": []doc{{"match": "NOTIFY *", "drop": true, "times": 1}, {"match": "NOTIFY *", "repeat": 2, "times": 1}}})
	change("Two, lost")
	change("Three, doubled")
	for i := range 2 {
		if _, ok := await(notified, 2*time.Minute); !ok {
			t.Errorf("copy %d is missing", i+1)
		}
	}
	if d, ok := await(notified, 200*time.Millisecond); ok {
		t.Errorf("one too many: %v", d)
	}
}

func TestReceiversWithoutTrustedTLSAreRefused(t *testing.T) {
	notified := make(chan doc, 16)
	plain, secret := httptest.NewServer(receiver(notified)), httptest.NewTLSServer(receiver(notified))
	defer plain.Close()
	defer secret.Close()
	for situation, c := range map[string]struct {
		options sim.Options
		url     string
		status  int
	}{
		"http":                  {sim.Options{}, plain.URL, 400},
		"http where allowed":    {sim.Options{HTTPNotifications: true}, plain.URL, 201},
		"a stranger's TLS":      {sim.Options{}, secret.URL, 400},
		"nobody at the address": {sim.Options{HTTPNotifications: true}, "http://127.0.0.1:1/", 400},
	} {
		if status, out := start(t, c.options).subscribe(c.url); status != c.status {
			t.Errorf("%s: %d %v, want %d", situation, status, out, c.status)
		}
	}
}
