//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/browser"
	"github.com/graphwarden/graphwarden/sim"
)

// TestThePageOfPresenceLeadsToARunningSwitchboard types what docs/blueprints/presence.md
// has under On this machine, block by block, and does at the browser what it says.
func TestThePageOfPresenceLeadsToARunningSwitchboard(t *testing.T) {
	page, err := os.ReadFile("../docs/blueprints/presence.md")
	if err != nil {
		t.Fatal(err)
	}
	_, here, _ := strings.Cut(string(page), "\n## On this machine\n")
	here, _, _ = strings.Cut(here, "\n## 1. The file\n")
	blocks := snippets(here, "sh")
	s := openTerminal(t, strings.NewReplacer("127.0.0.1:8443", freePort(t), "127.0.0.1:8080", freePort(t), "127.0.0.1:8081", freePort(t), "127.0.0.1:8082", freePort(t)))
	var ready sim.Ready
	visits, listener := 0, 0
	code := regexp.MustCompile(`Open (https://\S+) on any device and enter the code (\w+)`)
	s.heard = func(line string) {
		m := code.FindStringSubmatch(line)
		if m == nil {
			return
		}
		visits++
		u := ready.Users[0]
		administrator := browser.New(trusting(t, ready.CA).Transport, u.UserPrincipalName, u.Password)
		administrator.Code = m[2]
		if _, _, err := administrator.Open(m[1], ""); err != nil {
			t.Fatal(err)
		}
	}
	says := func(words ...string) func(string) {
		return func(said string) {
			t.Helper()
			for _, w := range words {
				if !strings.Contains(said, w) {
					t.Errorf("nothing says %q in:\n%s", w, said)
				}
			}
		}
	}
	private := func(said string) {
		t.Helper()
		says(`"state":"busy"`, "23:59:59Z", `"class":"private"`)(said)
		if strings.Contains(said, "doctor") {
			t.Errorf("what a private meeting is about is told:\n%s", said)
		}
	}
	steps := []struct {
		begins, until string // until is awaited in what goes on beside
		again         string // the block is typed until it says this
		after         func(said string)
	}{
		{"graphwarden sim", "ready", "", func(string) { ready = s.ready() }},
		{"umask", "", "", says("nothing is wrong")},
		{"graph()", "", "", nil},
		{"graphwarden connect contoso reader", "", "", says("User.ReadBasic.All", "Calendars.Read ", "Mail.Send ", "flow switchboard has 3 mailboxes", "flow messages has 1 mailbox")},
		{"curl -sS --cacert ready.ca.pem", "", "", says("+ add    role \"Application Calendars.Read\"", "- remove consent to Calendars.Read", "- remove consent to Mail.Send")},
		{"graphwarden serve", "running", "", nil},
		{"graphwarden restrict contoso presence --status", "", "proven", nil},
		{"graphwarden apps key create", "", "", nil},
		{"curl -sS -N", "event: live", "", func(string) { listener = s.blocks }},
		{"graph users/", "", "", func(string) { private(s.told(listener, `"class":"private"`)) }},
		{"curl -sS -H", "", `"state":"busy"`, private},
		{"graphwarden apps key create", "", "", func(said string) {
			says(`"state":"done"`, "Somebody called for you", ready.Users[3].UserPrincipalName)(said)
		}},
	}
	if len(blocks) != len(steps) {
		t.Fatalf("the page has %d blocks, and %d are known", len(blocks), len(steps))
	}
	for i, next := range steps {
		if !strings.HasPrefix(blocks[i], next.begins) {
			t.Fatalf("block %d is not %q:\n%s", i, next.begins, blocks[i])
		}
		said := s.types(blocks[i], next.until)
		for late := time.Now().Add(time.Minute); !strings.Contains(said, next.again); said = s.types(blocks[i], "") {
			if time.Now().After(late) {
				t.Fatalf("within a minute it does not say %q:\n%s", next.again, said)
			}
		}
		if next.after != nil {
			next.after(said)
		}
	}
	if visits != 4 {
		t.Errorf("the administrator signed in %d times, not 4", visits)
	}
}

// told waits until what a block started beside has said something, and gives the line.
func (s *terminal) told(block int, word string) string {
	s.Helper()
	for late := time.Now().Add(time.Minute); time.Now().Before(late); time.Sleep(10 * time.Millisecond) {
		raw, err := os.ReadFile(filepath.Join(s.folder, fmt.Sprintf("beside-%d.log", block)))
		if err != nil {
			s.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if strings.Contains(line, word) && strings.HasSuffix(line, "\n") {
				return line
			}
		}
	}
	s.Fatalf("within a minute block %d did not say %q", block, word)
	return ""
}
