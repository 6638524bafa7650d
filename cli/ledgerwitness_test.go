package cli_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/witness"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// TestAWitnessCosignsWhatAServerSigns, and the verifier holds the ledger, its tiles and a
// proof to it.
func TestAWitnessCosignsWhatAServerSigns(t *testing.T) {
	t.Parallel()
	tn := open(t)
	w, stranger := witness.New("witness.example/w1", time.Now), witness.New("witness.example/w2", time.Now)
	server := httptest.NewServer(w)
	defer server.Close()
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	folder := filepath.Dir(config)
	for name, key := range map[string]string{"w1.vkey": w.Key(), "w2.vkey": stranger.Key()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, end := tn.serve(t, config)
	end()
	file := filepath.Join(folder, "graphwarden.checkpoint")
	vkey, err := os.ReadFile(file + ".vkey")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Know(string(vkey)); err != nil {
		t.Fatal(err)
	}
	verify := func(code int, wants, by string, args ...string) string {
		t.Helper()
		return says(t, code, wants, append([]string{"ledger", "verify", "--witness", filepath.Join(folder, by)}, args...)...)
	}
	verify(cli.ExitStorage, "ledger.not_cosigned", "w1.vkey", "--config", config)
	rewrite(t, config, "admit: [", "ledger: {witnesses: {w1: {url: \""+server.URL+"\", key_file: w1.vkey}}}\nadmit: [\""+strings.TrimPrefix(server.URL, "http://")+"\", ")
	cosigned := func() bool {
		note, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = audit.ReadCosignature(string(note), w.Key())
		return err == nil
	}
	deadline := time.Now().Add(3 * time.Minute)
	for again := true; again; again = !cosigned() { // what is signed at the end may not have had the time
		_, stop := tn.serve(t, config)
		for !cosigned() {
			if time.Now().After(deadline) {
				t.Fatal("the witness cosigns nothing")
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
	}
	verify(cli.ExitOK, "cosigned by witness.example/w1 at 20", "w1.vkey", "--config", config)
	validates(t, "ledger verify", verify(cli.ExitOK, `"witness": "witness.example/w1"`, "w1.vkey", "--config", config, "--json"))
	verify(cli.ExitStorage, "ledger.not_cosigned", "w2.vkey", "--config", config)
	verify(cli.ExitUsage, "there is none", "w1.vkey", "--database", filepath.Join(folder, "graphwarden.db"))
	verify(cli.ExitUsage, "reading the key of a witness", "nowhere.vkey", "--config", config)
	tiles, proof := filepath.Join(folder, "tiles"), filepath.Join(folder, "entry.tlog-proof")
	says(t, cli.ExitOK, "", "ledger", "export", "--config", config, "--to", tiles)
	verify(cli.ExitOK, "cosigned by witness.example/w1", "w1.vkey", "--tiles", tiles)
	text := says(t, cli.ExitOK, "c2sp.org/tlog-proof@v1", "ledger", "prove", "1", "--config", config)
	if err := os.WriteFile(proof, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	verify(cli.ExitOK, "cosigned by witness.example/w1", "w1.vkey", "--proof", proof, "--config", config)
	verify(cli.ExitStorage, "ledger.not_cosigned", "w2.vkey", "--proof", proof, "--config", config)
}
