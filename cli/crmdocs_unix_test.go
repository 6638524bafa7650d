//go:build unix

package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/browser"
	"github.com/graphwarden/graphwarden/sim"
)

// terminal is a shell in which the commands of a page are typed.
type terminal struct {
	*testing.T
	folder string
	swap   *strings.Replacer // the page's ports for free ones
	in     io.Writer
	out    *bufio.Reader
	blocks int
	// heard is shown each line that a block prints, as it comes; nil: nobody is.
	heard func(line string)
}

// ended is what the shell says after a block.
const ended = "--- ended with "

// openTerminal opens a shell in a folder of its own, to which the test binary is
// graphwarden. What it started ends with the test.
func openTerminal(t *testing.T, swap *strings.Replacer) *terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{T: t, folder: t.TempDir(), swap: swap}
	c := exec.Command("bash")
	c.Dir, c.Env, c.SysProcAttr = s.folder, persons("PROGRAM="+self), &syscall.SysProcAttr{Setpgid: true}
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	t.Cleanup(func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // the shell, and all that it started
		_ = c.Wait()
	})
	s.types("graphwarden() { "+beProgram+"=1 \"$PROGRAM\" \"$@\"; }\nset -o pipefail", "")
	return s
}

// types types a block and gives what it prints. Where until is given the block is a
// program that goes on: it runs beside, and until is awaited in what it writes.
func (s *terminal) types(block, until string) string {
	s.Helper()
	s.blocks++
	block = strings.TrimSpace(s.swap.Replace(block))
	log := filepath.Join(s.folder, fmt.Sprintf("beside-%d.log", s.blocks))
	if until != "" {
		if of, own := strings.CutPrefix(block, "graphwarden "); own {
			block = beProgram + `=1 "$PROGRAM" ` + of
		}
		block += " > " + log + " 2>&1 &"
	}
	if _, err := fmt.Fprintf(s.in, "%s\necho \"%s$?\"\n", block, ended); err != nil {
		s.Fatal(err)
	}
	var said strings.Builder
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.Fatalf("the shell ended at:\n%s\nafter:\n%s%s", block, said.String(), line)
		}
		if at := strings.Index(line, ended); at >= 0 {
			said.WriteString(line[:at])
			if code := strings.TrimSpace(line[at+len(ended):]); code != "0" {
				s.Fatalf("ended with %s:\n%s\n%s", code, block, said.String())
			}
			break
		}
		said.WriteString(line)
		if s.heard != nil {
			s.heard(line)
		}
	}
	for late := time.Now().Add(time.Minute); until != ""; time.Sleep(10 * time.Millisecond) {
		raw, err := os.ReadFile(log)
		if err == nil && strings.Contains(string(raw), until) {
			break
		}
		if time.Now().After(late) {
			s.Fatalf("within a minute this did not say %q:\n%s\n%s", until, block, raw)
		}
	}
	return said.String()
}

// TestThePageOfTheCRMLeadsToARunningCRM types docs/blueprints/crm.md, from its first
// block to where it turns to a tenant of the reader's own, and does at the browser
// what it says. Nothing else is done than what stands there.
func TestThePageOfTheCRMLeadsToARunningCRM(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/blueprints/crm.md")
	if err != nil {
		t.Fatal(err)
	}
	_, here, _ := strings.Cut(string(page), "\n## On this machine\n")
	here, _, _ = strings.Cut(here, "\n## With your own tenant\n")
	blocks := snippets(here, "sh")
	listen := freePort(t)
	s := openTerminal(t, strings.NewReplacer("127.0.0.1:8443", freePort(t), "127.0.0.1:8080", listen, "127.0.0.1:8081", freePort(t), "127.0.0.1:8082", freePort(t), "127.0.0.1:3000", freePort(t)))
	type step struct {
		begins, until string
		after         func(said string)
	}
	var ready sim.Ready
	var link string
	asks := func(said string) { link = field(t, said, "link") }
	steps := []step{
		{"graphwarden sim", "ready", func(string) { ready = s.ready() }},
		{"umask", "", nil},
		{"graph=", "", nil},
		{"graphwarden serve", "running", nil},
		{"key=", "", nil},
		{"crm /sign-ins -d", "", func(said string) {
			asks(said)
			s.set("sign_in", s.signsIn(ready, 1, link, listen, "entra.consent_admin"))
		}},
		{"crm /sign-ins/$sign_in", "", func(said string) {
			consent := regexp.MustCompile(`https://\S+/adminconsent\?\S+`).FindString(field(t, said, "do"))
			s.visits(ready, 0, consent, listen)
			asks(s.types(blocks[5], ""))
			s.set("sign_in", s.signsIn(ready, 1, link, listen, ""))
		}},
		{"crm /sign-ins/$sign_in/take", "", func(said string) {
			if !strings.Contains(said, ready.Users[1].ID) || !strings.Contains(said, "connected") {
				t.Errorf("taken: %s", said)
			}
			s.set("user", ready.Users[1].UserPrincipalName)
			s.set("account", ready.Users[1].ID)
		}},
		{"graphwarden listen", " created ", nil},
		{"crm /mailboxes/$user/events", "", func(said string) {
			if !strings.Contains(said, "meetup-join") || !strings.Contains(said, "deal-17") {
				t.Errorf("written: %s", said)
			}
		}},
		{"crm /people/people/$account", "", func(said string) {
			if left := s.types("crm /people", ""); strings.Contains(left, ready.Users[1].ID) {
				t.Errorf("who left is there: %s%s", said, left)
			}
		}},
	}
	if len(blocks) != len(steps) {
		t.Fatalf("the page has %d blocks, and %d are known", len(blocks), len(steps))
	}
	for i, next := range steps {
		if !strings.HasPrefix(blocks[i], next.begins) {
			t.Fatalf("block %d is not %q:\n%s", i, next.begins, blocks[i])
		}
		if said := s.types(blocks[i], next.until); next.after != nil {
			next.after(said)
		}
	}
}

// ready waits for the ready file and reads it.
func (s *terminal) ready() (r sim.Ready) {
	s.Helper()
	raw, err := os.ReadFile(filepath.Join(s.folder, "ready.json"))
	if err != nil || json.Unmarshal(raw, &r) != nil {
		s.Fatalf("reading the ready file: %v", err)
	}
	return r
}

// set puts into a variable what the reader reads somewhere.
func (s *terminal) set(name, value string) {
	s.Helper()
	s.types(fmt.Sprintf("%s='%s'", name, value), "")
}

// signsIn has somebody follow a link; it sets the code that the address bar shows,
// and gives the sign-in.
func (s *terminal) signsIn(r sim.Ready, person int, link, listen, problem string) string {
	s.Helper()
	to := s.visits(r, person, link, listen)
	at := regexp.MustCompile(`[?&](code|error|sign_in|state)=([^&]*)`)
	got := map[string]string{}
	for _, m := range at.FindAllStringSubmatch(to, -1) {
		got[m[1]] = m[2]
	}
	if !strings.HasPrefix(to, "http://localhost:3000/connected?") || got["error"] != problem || got["state"] != "session-7" || (got["code"] == "") != (problem != "") {
		s.Fatalf("the address bar shows %s", to)
	}
	s.set("code", got["code"])
	return got["sign_in"]
}

// visits has somebody open an address of Microsoft's, and gives where the gateway
// sends the browser then.
func (s *terminal) visits(r sim.Ready, person int, address, listen string) string {
	s.Helper()
	u := r.Users[person]
	end, heading, err := browser.New(trusting(s.T, r.CA).Transport, u.UserPrincipalName, u.Password).Open(address, "http://"+listen)
	if err != nil || heading != "" {
		s.Fatalf("the browser ended at %q %q: %v", end, heading, err)
	}
	return sentOn(s.T, end)
}

// sentOn opens an address of the gateway's and gives where it sends the browser.
func sentOn(t *testing.T, address string) string {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s answered %s", address, answer.Status)
	}
	return answer.Header.Get("Location")
}

// field is a text of a JSON answer.
func field(t *testing.T, said, name string) string {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(said), &d); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	text, _ := d[name].(string)
	return text
}
