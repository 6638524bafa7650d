package cli_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// trusting is a client that trusts the tenant's certificate authority.
func trusting(t *testing.T, ca string) *http.Client {
	t.Helper()
	raw, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// strangeCertificate is a certificate with its key that nobody knows.
func strangeCertificate(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stranger"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	both := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})...)
	path := filepath.Join(t.TempDir(), "strange.pem")
	if err := os.WriteFile(path, both, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestServeSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	tn := open(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	corrupt := filepath.Join(t.TempDir(), "corrupt.db")
	if err := os.WriteFile(corrupt, []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		name   string
		change func(*settings)
		code   int
		says   string
	}{
		{"all is right", nil, cli.ExitOK, ""},
		{"a wrong tenant", func(s *settings) { s.tenantID = "11111111-2222-3333-4444-555555555555" }, cli.ExitCredential, "tenant"},
		{"a wrong secret", func(s *settings) { s.secret = "not-it" }, cli.ExitCredential, "secret"},
		{"the secret's id in place of its value", func(s *settings) { s.secret = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" }, cli.ExitCredential, "value"},
		{"no secret", func(s *settings) { s.secret = "" }, cli.ExitCredential, "empty"},
		{"a certificate that the tenant does not know", func(s *settings) { s.certificate = strangeCertificate(t) }, cli.ExitCredential, "certificate"},
		{"a certificate that is not there", func(s *settings) { s.certificate = "nowhere.pem" }, cli.ExitCredential, "nowhere.pem"},
		{"a port that is taken", func(s *settings) { s.listen = taken.Addr().String() }, cli.ExitConflict, taken.Addr().String()},
		{"a corrupt database", func(s *settings) { s.database = corrupt }, cli.ExitStorage, "corrupt.db"},
		{"a database in a folder that is not there", func(s *settings) { s.database = "nowhere/graphwarden.db" }, cli.ExitStorage, "nowhere"},
		{"nobody answers for Entra", func(s *settings) { s.login = "https://127.0.0.1:1" }, cli.ExitUnreachable, "127.0.0.1:1"},
	} {
		t.Run(s.name, func(t *testing.T) {
			code, _, stderr := run(t, "serve", "--check", "--config", tn.configure(t, s.change))
			t.Log(stderr)
			if code != s.code || !strings.Contains(stderr, s.says) {
				t.Errorf("exit code %d, want %d; it must speak of %q:\n%s", code, s.code, s.says, stderr)
			}
			if strings.Contains(stderr, tn.app(t, "calendar").ClientSecret) {
				t.Error("it prints the secret")
			}
		})
	}
}

func TestServeSaysThatTheClockIsOff(t *testing.T) {
	tn := open(t)
	tn.steer(t, "/sim/clock", `{"advance":"3h"}`)
	code, _, stderr := run(t, "serve", "--check", "--config", tn.configure(t, nil))
	t.Log(stderr)
	if code != cli.ExitCredential || !strings.Contains(stderr, "clock") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestAConfigurationThatIsWrongNamesTheLine(t *testing.T) {
	for _, s := range []struct{ name, text, says string }{
		{"an unknown setting", "database: x.db\nflavour: sweet\n", "flavour"},
		{"no flow", "database: x.db\n", "flows"},
		{"a flow without a kind", "flows:\n  a: {app: x, tenant: t}\n", "flows.a.kind"},
		{"a listen address that is none", "listen: here\n", "listen"},
		{"a length of time that is none", "sweep: {woken: soon}\n", "soon"},
		{"no YAML", "database: [\n", "graphwarden.yaml"},
		{"a length of time below zero", "sweep: {woken: -5m}\n", "sweep"},
	} {
		t.Run(s.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "graphwarden.yaml")
			if err := os.WriteFile(path, []byte(s.text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := run(t, "serve", "--config", path)
			if code != cli.ExitUsage || !strings.Contains(stderr, s.says) {
				t.Errorf("exit code %d:\n%s", code, stderr)
			}
		})
	}
}

func TestACommandLineThatIsWrong(t *testing.T) {
	for _, args := range [][]string{{"serv"}, {"serve", "--colour"}, {"serve", "--config", "nowhere.yaml"}, {"ledger", "verify", "--database", "nowhere.db"}, {"demo", "--ics", "nowhere"}, {"demo", "extra"},
		{"sim", "--users", "0"}, {"sim", "--users", "100000000"}, {"sim", "--weather", "bad"}, {"sim", "--ready", "no/such/folder/ready.json", "--addr", "127.0.0.1:0"}} {
		code, _, stderr := run(t, args...)
		if code != cli.ExitUsage || !strings.HasPrefix(stderr, "graphwarden: ") {
			t.Errorf("%v: exit code %d:\n%s", args, code, stderr)
		}
	}
}

func TestASimulatorWhoseAddressIsTakenSaysSo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	code, _, stderr := run(t, "sim", "--users", "2", "--addr", taken.Addr().String())
	if code != cli.ExitConflict || !strings.Contains(stderr, "cli.sim_port") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// TestACheckDoesNotTakeATokenOfBeforeForProof: what was right is asked for again.
func TestACheckDoesNotTakeATokenOfBeforeForProof(t *testing.T) {
	tn := open(t)
	path := tn.configure(t, nil)
	code, stdout, stderr := run(t, "serve", "--check", "--config", path)
	if code != cli.ExitOK || !strings.Contains(stdout, "calendar signs in") || !strings.Contains(stdout, "flow office has 1 mailbox") {
		t.Fatalf("exit code %d:\n%s\n%s", code, stdout, stderr)
	}
	tn.steer(t, "/sim/apps", `{"app":"calendar","do":"removeSecrets"}`)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitCredential {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestATokenDoesNotOutliveAWrongSecret(t *testing.T) {
	tn := open(t)
	path := tn.configure(t, nil)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "calendar.secret"), []byte("not-it"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitCredential {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}
