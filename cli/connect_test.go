package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/browser"
	"github.com/graphwarden/graphwarden/seal"
)

// watched is an output that a test reads while a command writes it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
}

func newWatched() *watched { return &watched{grew: make(chan struct{}, 1)} }

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.grew <- struct{}{}:
	default:
	}
	return w.text.Write(p)
}

func (w *watched) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await gives the first match of a pattern in what is written, now or later.
func (w *watched) await(t *testing.T, pattern string) []string {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(w.String()); m != nil {
			return m
		}
		select {
		case <-w.grew:
		case <-deadline:
			t.Fatalf("nothing like %q was written:\n%s", pattern, w)
		}
	}
}

// running is a command that runs beside its test.
type running struct {
	out, err *watched
	code     chan int
	stop     context.CancelFunc
}

func start(t *testing.T, args ...string) *running { return startWith(t, nil, args...) }

// startWith runs a command beside its test, with an environment.
func startWith(t *testing.T, env map[string]string, args ...string) *running {
	t.Helper()
	return startReading(t, strings.NewReader(""), env, args...)
}

// startReading runs a command beside its test, with a standard input.
func startReading(t *testing.T, in io.Reader, env map[string]string, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	r := &running{out: newWatched(), err: newWatched(), code: make(chan int, 1), stop: stop}
	go func() {
		r.code <- cli.Main(ctx, cli.Program{Args: args, Env: func(name string) string { return env[name] }, Stdin: in, Stdout: r.out, Stderr: r.err})
	}()
	return r
}

func (r *running) ends(t *testing.T, code int) {
	t.Helper()
	if got := <-r.code; got != code {
		t.Fatalf("exit code %d, want %d:\n%s\n%s", got, code, r.out, r.err)
	}
}

// person is somebody of the tenant at a browser.
func (tn *tenant) person(number int) *browser.Person {
	u := tn.Users[number]
	return browser.New(tn.client.Transport, u.UserPrincipalName, u.Password)
}

// graph sends Graph a request with the tenant's token for everything.
func (tn *tenant) graph(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, tn.Graph+"/v1.0"+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+tn.Tokens.Everything)
	r.Header.Set("Content-Type", "application/json")
	got, err := tn.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	text, _ := io.ReadAll(got.Body)
	if got.StatusCode >= 300 || answer != nil && json.Unmarshal(text, answer) != nil {
		t.Fatalf("%s %s answered %s %s", method, path, got.Status, text)
	}
}

// own writes a configuration of one registration of ours.
func (tn *tenant) own(t *testing.T, folder, clientID, mode, file string) string {
	t.Helper()
	reader := tn.app(t, "reader")
	for name, content := range map[string]string{"reader.secret": reader.ClientSecret, "sink.secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf(`
database: graphwarden.db
listen: 127.0.0.1:0
operate: off
admit: [%q]
tenants:
  contoso:
    id: %q
    cloud: {login: %q, graph: %q}
    ca: %q
    registrations:
      reader: {client_id: %q, secret_file: reader.secret}
      ours: {client_id: %q, mode: %s%s}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: ours
    mailboxes: [%q]
    sink: {url: "http://127.0.0.1:1/changes", secret_file: sink.secret}
`, strings.TrimPrefix(tn.Graph, "https://"), tn.Tenant.ID, tn.Authority, tn.Graph, tn.CA, reader.ClientID, clientID, mode, file, tn.Users[1].UserPrincipalName)
	path := filepath.Join(folder, "graphwarden.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const nobody = "00000000-0000-0000-0000-000000000000"

// register makes the registration that a guide describes, and gives its client id.
func (tn *tenant) register(t *testing.T, path string) (id, clientID string) {
	t.Helper()
	code, out, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--json")
	if code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	var guide struct {
		Application json.RawMessage
		ConsentLink string `json:"consent_link"`
	}
	if err := json.Unmarshal([]byte(out), &guide); err != nil || !strings.Contains(guide.ConsentLink, "/v2.0/adminconsent?") {
		t.Fatalf("%v in:\n%s", err, out)
	}
	var made struct{ ID, AppID string }
	tn.graph(t, "POST", "/applications", guide.Application, &made)
	tn.graph(t, "POST", "/servicePrincipals", map[string]string{"appId": made.AppID}, nil)
	return made.ID, made.AppID
}

// TestConnectGuidesFromNothingToAConnection: the registration is made as the guide
// says, the administrator consents at the link, the command proves it.
func TestConnectGuidesFromNothingToAConnection(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("not yet"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")

	code, _, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--no-input")
	if code != cli.ExitCredential || !strings.Contains(stderr, "cli.not_granted") || !strings.Contains(stderr, "Calendars.Read") {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	command := start(t, "connect", "contoso", "ours", "--config", path)
	link := command.err.await(t, `(https://\S+/v2\.0/adminconsent\?\S*localhost%3A\d+\S*)`)[1]
	command.err.await(t, `so far: waiting for the administrator's consent to Calendars.Read`)
	if _, _, err := tn.person(0).Open(link, ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
	if strings.Contains(command.err.String(), "New registration") {
		t.Errorf("what is registered and signs in is told how to register:\n%s", command.err)
	}
	for _, part := range []string{"Calendars.Read", "Connected. What is granted was "} {
		if !strings.Contains(command.out.String(), part) {
			t.Errorf("without %q:\n%s", part, command.out)
		}
	}
	if strings.Contains(command.out.String()+command.err.String(), made.SecretText) {
		t.Error("the secret shows")
	}
	code, out, _ := run(t, "connect", "contoso", "ours", "--config", path, "--json", "--no-input")
	var report struct {
		Source          string
		Needed, Missing []string
		TooMuch         []string `json:"too_much"`
		Complete        bool
	}
	if err := json.Unmarshal([]byte(out), &report); code != cli.ExitOK || err != nil || !report.Complete || len(report.Missing) != 0 || len(report.TooMuch) != 0 || len(report.Needed) == 0 {
		t.Errorf("exit code %d, %v:\n%s", code, err, out)
	}
	code, out, _ = run(t, "connect", "contoso", "--config", path)
	if code != cli.ExitOK || !strings.Contains(out, "connected") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

func TestAForgedConsentIsNotTaken(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
	command := start(t, "connect", "contoso", "ours", "--config", path)
	port := command.err.await(t, `localhost%3A(\d+)`)[1]
	answer, err := http.Get("http://localhost:" + port + "/graphwarden?admin_consent=True&tenant=x&state=guessed")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	command.ends(t, cli.ExitCredential)
	if !strings.Contains(command.err.String(), "cli.consent_forged") {
		t.Errorf("said:\n%s", command.err)
	}
}

func TestAPersonConnectsByCodeInABrowser(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "code", ""))
	path := tn.own(t, folder, client, "code", "")
	if code, _, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--no-input"); code != cli.ExitCredential || !strings.Contains(stderr, "cli.person_needed") || !strings.Contains(stderr, "/adminconsent?") {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	command := start(t, "connect", "contoso", "ours", "--config", path)
	command.err.await(t, `An administrator consents here, before or meanwhile:\s+https://\S+/adminconsent\?\S*client_id=`+client)
	link := command.err.await(t, `(https://\S+/oauth2/v2\.0/authorize\?\S+)`)[1]
	if _, _, err := tn.person(0).Open(link, ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
	if !strings.Contains(command.out.String(), "Connected as "+tn.Users[0].UserPrincipalName) {
		t.Errorf("said:\n%s", command.out)
	}
	code, out, _ := run(t, "connect", "revoke", "contoso", "ours", "--yes", "--config", path)
	if code != cli.ExitOK || !strings.Contains(out, "1 token deleted") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitCredential || !strings.Contains(stderr, "connect.revoked") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// TestAPersonConnectsByCodeToAnAppOfTheSimulators: nothing is to be registered first,
// as docs/simulator.md says.
func TestAPersonConnectsByCodeToAnAppOfTheSimulators(t *testing.T) {
	t.Parallel()
	tn := open(t)
	registration := snippets(documents(t)["simulator.md"], "yaml")
	if len(registration) != 1 || strings.TrimSpace(registration[0]) != "anna: {client_id: 11111111-2222-3333-4444-555555555555, mode: code}   # the client id of public" {
		t.Fatalf("docs/simulator.md has another registration: %q", registration)
	}
	command := start(t, "connect", "contoso", "ours", "--config", tn.own(t, t.TempDir(), tn.app(t, "public").ClientID, "code", ""))
	link := command.err.await(t, `(https://\S+/oauth2/v2\.0/authorize\?\S+code_challenge=\S+)`)[1]
	if _, _, err := tn.person(1).Open(link, ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
	if !strings.Contains(command.out.String(), "Connected as "+tn.Users[1].UserPrincipalName) {
		t.Errorf("said:\n%s", command.out)
	}
}

func TestEveryWayOfExplainingNamesExactlyThePermissions(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	path := tn.own(t, folder, nobody, "certificate", ", certificate_file: ours.pem")
	code, _, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--make-certificate")
	if code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	if info, err := os.Stat(filepath.Join(folder, "ours.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the certificate's file: %v, %v", info, err)
	}
	if public, err := os.ReadFile(filepath.Join(folder, "ours.pem.cer")); err != nil || bytes.Contains(public, []byte("PRIVATE")) {
		t.Errorf("what is to be uploaded: %v", err)
	}
	for _, mode := range []string{"certificate, certificate_file: ours.pem", "code", "device", "code, certificate_file: ours.pem"} {
		path := tn.own(t, folder, nobody, mode, "")
		id := "798ee544-9d2d-430c-a058-570e29e34338" // Calendars.Read, application
		if !strings.HasPrefix(mode, "certificate") {
			id = "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42" // delegated
		}
		for _, how := range []string{"az", "powershell", "graph", "portal"} {
			code, out, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--how", how, "--multi-tenant")
			if code != cli.ExitOK {
				t.Fatalf("%s %s: exit code %d:\n%s", mode, how, code, stderr)
			}
			want := id
			if how == "portal" {
				want = "Calendars.Read "
			} else if !strings.Contains(out, "AzureADMultipleOrgs") || strings.Count(out, "465a38f9")+strings.Count(out, "798ee544") != 1 {
				t.Errorf("%s %s: \n%s", mode, how, out)
			}
			if !strings.Contains(out, want) || !strings.Contains(out, "http://localhost/graphwarden") || strings.Contains(out, "<no value>") || strings.Contains(out, "ZgotmplZ") {
				t.Errorf("%s %s says:\n%s", mode, how, out)
			}
		}
	}
	if code, _, stderr := run(t, "connect", "contoso", "ours", "--config", path, "--guide", "--make-certificate"); code != cli.ExitConflict {
		t.Errorf("made twice: exit code %d:\n%s", code, stderr)
	}
}

func TestAPersonConnectsByDeviceCode(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	command := start(t, "connect", "contoso", "ours", "--config", tn.own(t, folder, client, "device", ""))
	m := command.err.await(t, `Open (https://\S+) on any device and enter the code (\w+)`)
	person := tn.person(0)
	person.Code = m[2]
	if _, _, err := person.Open(m[1], ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
}

// TestAConnectionWhoseTokenDoesNotOpenIsConnectedAnew, as its refusal says, without a
// revocation: the key file is lost, or the backup is from before the last key.
func TestAConnectionWhoseTokenDoesNotOpenIsConnectedAnew(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	config := tn.own(t, folder, client, "device", "")
	command := start(t, "connect", "contoso", "ours", "--config", config)
	tn.enters(t, command, "")
	command.ends(t, cli.ExitOK)
	key := filepath.Join(folder, "graphwarden.key")
	if _, err := seal.OpenKeyFile(key+".other", 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(key+".other", key); err != nil {
		t.Fatal(err)
	}
	if code, out, said := run(t, "connect", "contoso", "--config", config, "--json"); code != cli.ExitOK || !strings.Contains(out, `"refused_code": "seal.wrong_key"`) || !strings.Contains(out, "graphwarden connect contoso ours") {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
	command = start(t, "connect", "contoso", "ours", "--config", config)
	tn.enters(t, command, "")
	command.ends(t, cli.ExitOK)
	says(t, cli.ExitOK, "", "connect", "contoso", "reader", "--config", config) // an app's own needs nobody
	if code, out, said := run(t, "connect", "contoso", "--config", config, "--json"); code != cli.ExitOK || strings.Contains(out, "seal.wrong_key") {
		t.Errorf("exit code %d:\n%s%s", code, out, said)
	}
}

func TestAPasswordInTheConfigurationIsRefusedWithTheWayOut(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	for _, text := range []string{"password", "ropc", "secret, secret_file: x, username: anna", "secret, secret_file: x, password: p"} {
		code, _, stderr := run(t, "serve", "--config", tn.own(t, folder, nobody, text, ""))
		if code != cli.ExitUsage || !strings.Contains(stderr, "config.password") || !strings.Contains(stderr, "mode: device") {
			t.Errorf("%s: exit code %d:\n%s", text, code, stderr)
		}
	}
}

func TestTheKeyRotatesWhileNoServerRuns(t *testing.T) {
	t.Parallel()
	tn := open(t)
	path := tn.configure(t, nil)
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	before, err := os.ReadFile(filepath.Join(filepath.Dir(path), "graphwarden.key"))
	if err != nil {
		t.Fatal(err)
	}
	code, out, stderr := run(t, "key", "rotate", "--config", path)
	if code != cli.ExitOK || !strings.Contains(out, "3 tokens were sealed anew") {
		t.Fatalf("exit code %d:\n%s%s", code, out, stderr)
	}
	after, err := os.ReadFile(filepath.Join(filepath.Dir(path), "graphwarden.key"))
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the key file is the same, %v", err)
	}
	if code, _, stderr := run(t, "serve", "--check", "--config", path); code != cli.ExitOK {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

// TestBesideARunningServer does at a running server what is done to connections:
// it keeps the database to itself.
func TestBesideARunningServer(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.server(t, nil)
	code, out, stderr := run(t, "key", "rotate", "--config", config)
	if code != cli.ExitOK || !strings.Contains(out, "tokens were sealed anew") {
		t.Errorf("key rotate: exit code %d:\n%s%s", code, out, stderr)
	}
	code, out, stderr = run(t, "connect", "contoso", "calendar", "--no-input", "--json", "--config", config)
	if code != cli.ExitOK || !strings.Contains(out, `"complete": true`) || !strings.Contains(out, `"Calendars.ReadWrite"`) {
		t.Errorf("connect: exit code %d:\n%s%s", code, out, stderr)
	}
	code, out, stderr = run(t, "connect", "revoke", "contoso", "--yes", "--config", config)
	if code != cli.ExitOK || !strings.Contains(out, " deleted.") {
		t.Errorf("revoke: exit code %d:\n%s%s", code, out, stderr)
	}
	if out := says(t, cli.ExitOK, "", "feeds", "--config", config); strings.Contains(out, "in step") {
		t.Errorf("after the connection was revoked:\n%s", out)
	}
	code, out, stderr = run(t, "connect", "contoso", "--config", config)
	if code != cli.ExitOK || strings.Count(out, "revoked") != 3 {
		t.Errorf("connect: exit code %d:\n%s%s", code, out, stderr)
	}
	code, out, stderr = run(t, "connect", "contos", "reader", "--config", config)
	if code != cli.ExitUsage || !strings.Contains(stderr, "connect.unknown") || !strings.Contains(stderr, "Did you mean contoso reader?") {
		t.Errorf("connect: exit code %d:\n%s%s", code, out, stderr)
	}
	for _, typed := range []string{"connect", "connect revoke", "connect rotate", "connect people link"} {
		args := append(strings.Fields(typed), "contosso", "--config", config)
		near := "Did you mean contoso?"
		if typed == "connect rotate" || typed == "connect people link" {
			args, near = append(strings.Fields(typed), "contosso", "reader", "--config", config), "Did you mean contoso reader?"
		}
		if code, out, stderr := run(t, args...); code != cli.ExitUsage || !strings.Contains(stderr, "connect.unknown") || !strings.Contains(stderr, near) {
			t.Errorf("%s: exit code %d:\n%s%s", typed, code, out, stderr)
		}
	}
	code, out, stderr = run(t, "connect", "contoso", "nobody", "--config", config)
	if code != cli.ExitUsage || !strings.Contains(stderr, "connect.unknown") {
		t.Errorf("connect: exit code %d:\n%s%s", code, out, stderr)
	}
}

func TestRotateByHandSwitchesTheFile(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
	var fresh struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &fresh)
	handed := filepath.Join(folder, "handed")
	if err := os.WriteFile(handed, []byte(fresh.SecretText+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := run(t, "connect", "rotate", "contoso", "ours", "--new", handed, "--config", path)
	if code != cli.ExitOK || !strings.Contains(out, "The new credential is in use.") {
		t.Fatalf("exit code %d:\n%s%s", code, out, stderr)
	}
	if now, err := os.ReadFile(secret); err != nil || string(now) != fresh.SecretText {
		t.Errorf("the file holds %d bytes, %v", len(now), err)
	}
	if strings.Contains(out+stderr, fresh.SecretText) {
		t.Error("the secret shows")
	}
	says(t, cli.ExitConflict, "connect.in_use", "connect", "rotate", "contoso", "ours", "--new", handed, "--config", path)
	if code, _, stderr := run(t, "connect", "rotate", "contoso", "ours", "--config", path, "--no-input"); code != cli.ExitCredential || !strings.Contains(stderr, "cli.person_needed") {
		t.Errorf("exit code %d:\n%s", code, stderr)
	}
}

func TestRotateByAnAdministratorMakesAndEndsSecrets(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
	var first struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &first)
	if err := os.WriteFile(secret, []byte(first.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	command := start(t, "connect", "rotate", "contoso", "ours", "--config", path, "--administrator-client", tn.app(t, "public").ClientID)
	m := command.err.await(t, `Open (https://\S+) on any device and enter the code (\w+)`)
	person := tn.person(0)
	person.Code = m[2]
	if _, _, err := person.Open(m[1], ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
	now, err := os.ReadFile(secret)
	if err != nil || string(now) == first.SecretText {
		t.Errorf("the file holds the old secret, %v", err)
	}
	var app struct {
		PasswordCredentials []struct{ Hint string }
	}
	tn.graph(t, "GET", "/applications/"+object+"?$select=passwordCredentials", nil, &app)
	if len(app.PasswordCredentials) != 1 || !strings.HasPrefix(string(now), app.PasswordCredentials[0].Hint) {
		t.Errorf("the app has the secrets %+v", app.PasswordCredentials)
	}
}

// TestAWaitThatWasLeftIsTakenUp: Ctrl-C leaves, and the same command counts on from
// when the wait began.
func TestAWaitThatWasLeftIsTakenUp(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "secret", ", secret_file: ours.secret"))
	path := tn.own(t, folder, client, "secret", ", secret_file: ours.secret")
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	first := start(t, "connect", "contoso", "ours", "--config", path)
	first.err.await(t, `so far: waiting for`)
	first.stop()
	first.ends(t, cli.ExitOK)
	var list []struct {
		Registration string
		WaitingSince time.Time `json:"waiting_since"`
		WaitingFor   string    `json:"waiting_for"`
	}
	waits := func() (since time.Time) {
		code, out, stderr := run(t, "connect", "contoso", "--json", "--config", path)
		if err := json.Unmarshal([]byte(out), &list); code != cli.ExitOK || err != nil {
			t.Fatalf("exit code %d, %v:\n%s%s", code, err, out, stderr)
		}
		for _, v := range list {
			if v.Registration == "ours" && strings.Contains(v.WaitingFor, "Calendars.Read") {
				since = v.WaitingSince
			}
		}
		return since
	}
	since := waits()
	if since.IsZero() {
		t.Fatalf("nothing is waited for: %+v", list)
	}
	second := start(t, "connect", "contoso", "ours", "--config", path)
	second.err.await(t, `so far: waiting for`)
	second.stop()
	second.ends(t, cli.ExitOK)
	if again := waits(); !again.Equal(since) {
		t.Errorf("it waits since %s, and began at %s", again, since)
	}
}

// TestAConfidentialClientSignsPeopleIn: its redirect address is registered for the
// platform Web, and its secret goes along.
func TestAConfidentialClientSignsPeopleIn(t *testing.T) {
	t.Parallel()
	tn, folder := open(t), t.TempDir()
	secret := filepath.Join(folder, "ours.secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, client := tn.register(t, tn.own(t, folder, nobody, "code", ", secret_file: ours.secret"))
	var made struct{ SecretText string }
	tn.graph(t, "POST", "/applications/"+object+"/addPassword", map[string]any{}, &made)
	if err := os.WriteFile(secret, []byte(made.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	command := start(t, "connect", "contoso", "ours", "--config", tn.own(t, folder, client, "code", ", secret_file: ours.secret"))
	link := command.err.await(t, `(https://\S+/oauth2/v2\.0/authorize\?\S+)`)[1]
	if _, _, err := tn.person(0).Open(link, ""); err != nil {
		t.Fatal(err)
	}
	command.ends(t, cli.ExitOK)
}
