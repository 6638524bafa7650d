//go:build !windows

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/assemble"
)

// reader is somebody new who follows a page: each block of commands is run by a
// shell, in the folder where the one before has ended.
type reader struct {
	*testing.T
	*tenant
	folder string
	path   string // where the shell finds graphwarden
}

// follows gives a reader whose graphwarden is this test's own binary. A simulated
// tenant has no app of Microsoft's to sign in to, and nobody types a name here.
func (tn *tenant) follows(t *testing.T) *reader {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	script := `#!/bin/sh
export ` + beProgram + `=1
case "$*" in restrict*--administrator*)
	set -- "$@" --administrator-client ` + tn.app(t, "public").ClientID + `
	case "$*" in *--dry-run*) ;; *) set -- "$@" --yes ;; esac ;;
grants*--administrator* | grants*--apply* | tenants*--administrator*)
	set -- "$@" --administrator-client ` + tn.app(t, "public").ClientID + ` ;;
esac
exec ` + self + ` "$@"
`
	if err := os.WriteFile(filepath.Join(folder, "graphwarden"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return &reader{T: t, tenant: tn, folder: t.TempDir(), path: folder + ":" + os.Getenv("PATH")}
}

// starts runs a block beside the test.
func (r *reader) starts(block string) (command *running, process *exec.Cmd) {
	r.Helper()
	ctx, stop := context.WithTimeout(r.Context(), 3*time.Minute)
	r.Cleanup(stop)
	c := exec.CommandContext(ctx, "sh", "-ec", block+"\npwd > "+filepath.Join(r.TempDir(), "pwd"))
	c.Dir, c.Env = r.folder, persons("PATH="+r.path)
	command = &running{out: newWatched(), err: newWatched(), code: make(chan int, 1), stop: stop}
	c.Stdout, c.Stderr = command.out, command.err
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		r.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // its code says it
		command.code <- c.ProcessState.ExitCode()
	}()
	r.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	return command, c
}

// runs runs a block to its end, and has the administrator sign in as often as it
// asks for it. It goes on where the block has ended.
func (r *reader) runs(block string) string {
	r.Helper()
	said, code := r.tries(block)
	if code != 0 {
		r.Fatalf("exit code %d of\n%s\n%s", code, block, said)
	}
	return said
}

// awaits runs a block again and again until it ends well and says something, which
// is given back.
func (r *reader) awaits(block, word string) string {
	r.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		said, code := r.tries(block)
		if code == 0 && strings.Contains(said, word) {
			return said
		}
		if time.Now().After(deadline) {
			r.Fatalf("exit code %d and no %q of\n%s\n%s", code, word, block, said)
		}
	}
}

func (r *reader) tries(block string) (said string, code int) {
	r.Helper()
	command, c := r.starts(block)
	visits := 0
	for line := range strings.Lines(block) {
		switch {
		case strings.Contains(line, "restrict") && strings.Contains(line, "--administrator"), strings.Contains(line, "--exchange"):
			visits += 2
		case strings.Contains(line, "--administrator"), strings.Contains(line, "--apply"):
			visits++
		}
	}
	r.signsIn(r.T, command, visits)
	if code = <-command.code; code != 0 {
		return command.out.String() + command.err.String(), code
	}
	script := c.Args[2]
	at, err := os.ReadFile(strings.TrimSpace(script[strings.LastIndex(script, "> ")+2:]))
	if err != nil {
		r.Fatal(err)
	}
	r.folder = strings.TrimSpace(string(at))
	return command.out.String() + command.err.String(), 0
}

// edits changes the configuration as an editor does.
func (r *reader) edits(pairs ...string) {
	r.Helper()
	path := filepath.Join(r.folder, "graphwarden.yaml")
	raw, err := os.ReadFile(path)
	if err != nil {
		r.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !bytes.Contains(raw, []byte(pairs[i])) {
			r.Fatalf("the blueprint has no %q", pairs[i])
		}
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(raw))), 0o600); err != nil {
		r.Fatal(err)
	}
}

// registers registers an app as the guide says and gives its client id and secret.
func (r *reader) registers(name string) (client, secret string) {
	r.Helper()
	var guide struct{ Application json.RawMessage }
	_, out, stderr := run(r.T, "connect", "contoso", name, "--config", filepath.Join(r.folder, "graphwarden.yaml"), "--guide", "--json")
	if err := json.Unmarshal([]byte(out), &guide); err != nil {
		r.Fatal(err, stderr)
	}
	var app struct{ ID, AppID string }
	r.graph(r.T, "POST", "/applications", guide.Application, &app)
	r.graph(r.T, "POST", "/servicePrincipals", map[string]string{"appId": app.AppID}, nil)
	var made struct{ SecretText string }
	r.graph(r.T, "POST", "/applications/"+app.ID+"/addPassword", map[string]any{}, &made)
	return app.AppID, made.SecretText
}

// consents has the administrator open the link that the guide of a registration shows.
func (r *reader) consents(name string) {
	r.Helper()
	var guide struct {
		ConsentLink string `json:"consent_link"`
	}
	_, out, stderr := run(r.T, "connect", "contoso", name, "--config", filepath.Join(r.folder, "graphwarden.yaml"), "--guide", "--json")
	if err := json.Unmarshal([]byte(out), &guide); err != nil {
		r.Fatal(err, stderr)
	}
	if _, _, err := r.person(0).Open(guide.ConsentLink, "http://localhost/"); err != nil {
		r.Fatal(err)
	}
}

// sections gives the blocks of commands of a page by the section's number or words.
func sections(page string) map[string][]string {
	out := map[string][]string{}
	for part := range strings.SplitSeq(page, "\n## ") {
		title, _, _ := strings.Cut(part, "\n")
		number, _, _ := strings.Cut(title, ".")
		out[number] = snippets(part, "sh")
	}
	return out
}

// TestTheBlueprintOfPresenceIsFollowed from nothing to a proven restriction, by its
// page alone: every block of commands in its order, by a shell.
func TestTheBlueprintOfPresenceIsFollowed(t *testing.T) {
	t.Parallel()
	tn := open(t)
	r, page := tn.follows(t), sections(documents(t)["blueprints/presence.md"])
	step := func(number string, blocks int) []string {
		t.Helper()
		if len(page[number]) != blocks {
			t.Fatalf("section %s has %d blocks of commands, want %d", number, len(page[number]), blocks)
		}
		list := page[number]
		delete(page, number)
		return list
	}
	for number, blocks := range page {
		if strings.HasPrefix(number, "#") && len(blocks) == 1 && blocks[0] == "graphwarden demo presence --once\n" {
			delete(page, number) // TestTheDemoOfPresenceTellsOfASwitchboard
		}
		if number == "On this machine" {
			delete(page, number) // TestThePageOfPresenceLeadsToARunningSwitchboard
		}
	}

	r.runs(step("1", 1)[0])
	operate, apps := freePort(t), freePort(t)
	inside, outside := tn.Users[1].UserPrincipalName, tn.Users[3].UserPrincipalName
	r.edits("    id: 11111111-2222-3333-4444-555555555555", "    cloud: {login: \""+tn.Authority+"\", graph: \""+tn.Graph+"\"}\n    ca: \""+tn.CA+"\"\n    id: "+tn.Tenant.ID,
		"listen: 127.0.0.1:8080", "operate: "+operate+"\napps: "+apps+"\nadmit: [\""+strings.TrimPrefix(tn.Graph, "https://")+"\"]\nsweep: {woken: 1s, alone: 1s}\nlisten: "+freePort(t),
		"      - anna@contoso.com\n      - ben@contoso.com\n      - reception@contoso.com", "      - "+inside+"\n      - "+tn.Users[2].UserPrincipalName,
		"[reception@contoso.com]", "["+inside+"]", "recipients: [contoso.com]", "recipients: ["+tn.Tenant.Domain+"]")

	blocks := step("2", 2)
	if said := r.runs(blocks[0]); !strings.Contains(said, "User.ReadBasic.All") || !strings.Contains(said, "  Calendars.Read  (") || !strings.Contains(said, "New client secret") || strings.Contains(said, "Calendars.ReadWrite") {
		t.Errorf("the guides say:\n%s", said)
	}
	readerClient, readerSecret := r.registers("reader")
	presenceClient, presenceSecret := r.registers("presence")
	mailClient, mailSecret := r.registers("mail")
	r.edits("66666666-7777-8888-9999-000000000000", readerClient, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", presenceClient, "bbbbbbbb-cccc-dddd-eeee-ffffffffffff", mailClient)
	r.runs(strings.NewReplacer("the reader secret", readerSecret, "the presence secret", presenceSecret, "the mail secret", mailSecret).Replace(blocks[1]))
	r.consents("reader")
	r.consents("presence")
	r.consents("mail")

	if said := r.runs(step("3", 1)[0]); !strings.Contains(said, "flow switchboard has 2 mailboxes") {
		t.Errorf("connected:\n%s", said)
	}
	blocks = step("4", 2)
	if said := r.runs(blocks[0]); !strings.Contains(said, "+ add    role \"Application Calendars.Read\"") || !strings.Contains(said, ". later  consent to Calendars.Read") || !strings.Contains(said, "Restricted by roles: waiting (inside "+inside) ||
		!strings.Contains(said, "+ add    role \"Application Mail.Send\"") || !strings.Contains(said, "nothing is sent for it") {
		t.Errorf("restricted:\n%s", said)
	}
	r.runs(blocks[1])
	if script, err := os.ReadFile(filepath.Join(r.folder, "restrict.ps1")); err != nil || !strings.Contains(string(script), presenceClient) {
		t.Errorf("the script: %v\n%s", err, script)
	}

	server, process := r.starts(step("5", 1)[0])
	server.err.await(t, `msg=running`)
	r.runs(step("6", 1)[0])
	listener, _ := r.starts(strings.Replace(step("7", 1)[0], "127.0.0.1:8082", apps, 1))
	if told := listener.out.await(t, `(?s)^.*event: live`)[0]; strings.Count(told, "event: presence") != 2 || !strings.Contains(told, inside) {
		t.Errorf("the switchboard is told:\n%s", told)
	}
	listener.out.await(t, `"person":"`+inside+`".*"source":"calendar","permission":"Calendars.Read"`)
	to := tn.Users[3].UserPrincipalName
	sent := strings.NewReplacer("127.0.0.1:8082", apps, "reception@contoso.com", inside, "anna@contoso.com", to).Replace(step("8", 1)[0])
	if said := r.runs(sent); !strings.Contains(said, `"state":"done"`) && !strings.Contains(said, `"state": "done"`) {
		t.Errorf("sent:\n%s", said)
	}
	_ = syscall.Kill(-process.Process.Pid, syscall.SIGTERM)
	<-server.code

	// Two hours and more later, after a restart.
	tn.steer(t, "/sim/clock", `{"advance":"3h"}`)
	r.serves(3 * time.Hour)
	lines := strings.SplitAfter(step("9", 1)[0], "\n")
	if said := r.runs(lines[0] + lines[1]); !strings.Contains(said, "- remove consent to Calendars.Read for every mailbox") || !strings.Contains(said, "- remove consent to Mail.Send for every mailbox") {
		t.Errorf("two hours later:\n%s", said)
	}
	r.awaits(lines[2], "Restricted by roles: proven")
	// Three hours have passed within a second, so that calendars seem to be unread: the
	// examination ends with 3 until that is seen to be over.
	if said := r.awaits(strings.TrimSpace(lines[3])+" || test $? = 3", inside+" was read, "); !strings.Contains(said, " was refused.") || strings.Contains(said, outside+" was read") || len(lines) > 5 {
		t.Errorf("doctor says:\n%s", said)
	}
	for number, blocks := range page {
		if len(blocks) > 0 {
			t.Errorf("nobody has run section %q: %q", number, blocks)
		}
	}
}

// serves runs a server of the reader's configuration in this process, whose clock is
// ahead by a time.
func (r *reader) serves(ahead time.Duration) {
	r.Helper()
	loaded, err := assemble.Load(filepath.Join(r.folder, "graphwarden.yaml"))
	if err != nil {
		r.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	g, err := assemble.Build(ctx, loaded, assemble.Outside{Log: quiet(), Version: "test", Now: func() time.Time { return time.Now().Add(ahead) }})
	if err != nil {
		end()
		r.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	r.Cleanup(sync.OnceFunc(func() {
		end()
		if err := <-ended; err != nil {
			r.Errorf("the gateway ended with %v", err)
		}
		_ = g.Close()
	}))
}

// TestTheDocumentedCommandsRestrict runs every block of docs/restricting.md, in its
// order, by a shell; an administrator signs in where a command asks for it.
func TestTheDocumentedCommandsRestrict(t *testing.T) {
	t.Parallel()
	tn := open(t)
	r := tn.follows(t)
	r.folder = filepath.Dir(tn.configure(t, nil))
	r.runs("graphwarden serve --check")
	said := ""
	for _, block := range snippets(documents(t)["restricting.md"], "sh") {
		said += r.runs(block)
	}
	script, err := os.ReadFile(filepath.Join(r.folder, "restrict.ps1"))
	if err != nil || !strings.Contains(string(script), "New-ManagementScope") {
		t.Errorf("the script: %v\n%s", err, script)
	}
	for _, words := range []string{"Restricted by roles: waiting (inside ", "+ add    application access policy for ", "- remove management scope ", "Exchange does not keep this registration"} {
		if !strings.Contains(said, words) {
			t.Errorf("nothing says %q in:\n%s", words, said)
		}
	}
}
