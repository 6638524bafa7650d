package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/answers"
)

// program starts the test binary as graphwarden, with a TMPDIR of its own.
func program(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(stop)
	c := exec.CommandContext(ctx, self, args...)
	folder := t.TempDir()
	c.Env = persons(beProgram+"=1", "TMPDIR="+folder, "TMP="+folder)
	return c, folder
}

// persons gives the environment of a person's shell: this one's without CI, where a
// command would ask nobody, and more.
func persons(more ...string) []string {
	here := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "CI=") })
	return append(here, more...)
}

// emptied fails the test if the demo left anything behind.
func emptied(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheDemoTellsItsStoryAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	received := filepath.Join(t.TempDir(), "received.ndjson")
	args := []string{"demo", "--once", "--received", received}
	if !*update { // the picture has as many people as the demo has by itself
		args = append(args, "--users", "6")
	}
	if record := answers.File(t); record != "" {
		args = append(args, "--record", record)
	}
	c, folder := program(t, args...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, told := range []string{"client secret", "certificate", "First synchronisation", "→ created", "→ updated", "→ deleted",
		"nothing lost", "the sweep found it",
		"the gateway, process", "the simulator, process", "the gateway went on where it was", "Microsoft 365 is back",
		"none missing, none too many, none twice; 0 not signed", "all as they were written; a checkpoint covers", "/calendarView: 200, 3 events", "/messages: 403, proxy.operation",
		"The rule \"not-the-board\" (rules.cedar:2) forbids it.", "by flow:desk-graph", "by forbid:not-the-board", "of these calls only the first arrived",
		"is in the ledger, as it was signed", "none of the proofs holds", "What to try next"} {
		if !strings.Contains(string(out), told) {
			t.Errorf("the story lacks %q:\n%s", told, out)
		}
	}
	if strings.Contains(string(out), "\x1b") {
		t.Error("there are escape sequences, and this is no terminal")
	}
	pictured(t, string(out))
	emptied(t, folder)
	lines, err := os.ReadFile(received)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		var e struct{ SpecVersion, ID, Type string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.SpecVersion != "1.0" || e.ID == "" || !strings.HasPrefix(e.Type, "com.graphwarden.event.") {
			t.Fatalf("not an envelope: %s (%v)", line, err)
		}
	}
}

func TestInterruptingTheDemoLeavesNothingBehind(t *testing.T) {
	c, folder := program(t, "demo", "--users", "4")
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var told []string
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		told = append(told, lines.Text())
		if strings.Contains(lines.Text(), "First synchronisation") {
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v\n%s", err, strings.Join(told, "\n"))
	}
	if last := strings.Join(told, "\n"); !strings.Contains(last, "Nothing is left behind.") {
		t.Errorf("it ended with:\n%s", last)
	}
	emptied(t, folder)
}

// TestTheDemoSurvivesKillsByTheViewer kills both processes of the demo from
// outside, with the numbers that it shows, and then interrupts it.
func TestTheDemoSurvivesKillsByTheViewer(t *testing.T) {
	t.Parallel()
	c, folder := program(t, "demo", "--users", "4")
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`kill -9 (\d+)`)
	var told []string
	var live bool
	kills, arrived := 0, 0
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		line := lines.Text()
		told = append(told, line)
		if strings.Contains(line, "try it") {
			live = true
			for _, m := range shown.FindAllStringSubmatch(line, -1) {
				kill(t, m[1])
			}
		}
		if live && strings.Contains(line, "was killed; started again") {
			kills++
		}
		if live && kills == 2 && strings.Contains(line, "compared again") {
			arrived++
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil || kills != 2 || arrived == 0 {
		t.Errorf("%v, %d killed, %d compared again\n%s", err, kills, arrived, strings.Join(told, "\n"))
	}
	emptied(t, folder)
	for _, m := range regexp.MustCompile(`process (\d+)`).FindAllStringSubmatch(strings.Join(told, "\n"), -1) {
		if p := find(t, m[1]); p.Signal(syscall.Signal(0)) == nil {
			t.Errorf("process %s still runs", m[1])
		}
	}
}

func find(t *testing.T, pid string) *os.Process {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(n)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func kill(t *testing.T, pid string) {
	t.Helper()
	if err := find(t, pid).Kill(); err != nil {
		t.Fatal(err)
	}
}

// TestTheDemoLeavesNothingBehindWhenNobodyWatches closes its terminal, and the
// pipe that it writes to.
func TestTheDemoLeavesNothingBehindWhenNobodyWatches(t *testing.T) {
	t.Parallel()
	for situation, leave := range map[string]func(*exec.Cmd, io.Closer) error{
		"the terminal is closed": func(c *exec.Cmd, _ io.Closer) error { return c.Process.Signal(syscall.SIGHUP) },
		"the pipe is closed":     func(_ *exec.Cmd, pipe io.Closer) error { return pipe.Close() },
	} {
		t.Run(situation, func(t *testing.T) {
			c, folder := program(t, "demo", "--users", "4")
			pipe, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(pipe)
			for lines.Scan() && !strings.Contains(lines.Text(), "First synchronisation") {
			}
			if err := leave(c, pipe); err != nil {
				t.Fatal(err)
			}
			if ended := c.Wait(); ended != nil {
				t.Error(ended)
			}
			emptied(t, folder)
		})
	}
}

func TestTheDemoRefusesACompanyThatItCannotTellOf(t *testing.T) {
	for _, users := range []string{"-1", "0", "1", "20001"} {
		if code, _, stderr := run(t, "demo", "--once", "--users", users); code != 2 || !strings.Contains(stderr, "--users is "+users) || !strings.Contains(stderr, "between 2 and 20000") {
			t.Errorf("%s: %d %s", users, code, stderr)
		}
	}
}

func TestTheDemoTakesEveryCalendarFileOfAFolder(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	const lunch = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:lunch@example.com\r\nDTSTAMP:20260101T000000Z\r\n" +
		"DTSTART:20260305T100000Z\r\nDTEND:20260305T110000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	for name, content := range map[string]string{"a b.ics": lunch, "a-b.ics": lunch, "Ünïcode.ICS": lunch, "午餐.ics": lunch, "empty.ics": "", "notes.txt": lunch,
		"team/a/below.ics": lunch, ".hidden/secret.ics": lunch} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(files, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(files, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, folder := program(t, "demo", "--once", "--ics", files)
	raw, err := c.CombinedOutput()
	out := string(raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"a b.ics", "a-b.ics", "Ünïcode.ICS", "午餐.ics", "below.ics"} {
		if !regexp.MustCompile(` ✓ ` + regexp.QuoteMeta(name) + ` +1 events at the app`).MatchString(out) {
			t.Errorf("%s was not delivered", name)
		}
	}
	if !regexp.MustCompile(`empty.ics is left out: .*not an iCalendar file\n`).MatchString(out) || strings.Contains(out, "notes.txt") || strings.Contains(out, "secret.ics") || t.Failed() {
		t.Errorf("the story is:\n%s", out)
	}
	emptied(t, folder)
}

func TestTheDemoOfPresenceTellsOfASwitchboard(t *testing.T) {
	t.Parallel()
	c, folder := program(t, "demo", "presence", "--once", "--users", "5")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, told := range []string{"connected by the blueprint", "5 people; each state with its source and permission: Calendars.Read",
		"busy until", "outOfOffice until", "after the change", "after the hour", "busy (private)", "never left the gateway",
		"the gateway, process", "no gap, and nothing twice", "in a call, says Teams (Presence.Read.All)", "What to try next"} {
		if !strings.Contains(string(out), told) {
			t.Errorf("the story lacks %q:\n%s", told, out)
		}
	}
	if strings.Contains(string(out), "Dr Sommer") {
		t.Errorf("a private subject is shown:\n%s", out)
	}
	emptied(t, folder)
}

func TestTheDemoOfTheCRMTellsOfItsUsers(t *testing.T) {
	t.Parallel()
	received := filepath.Join(t.TempDir(), "received.ndjson")
	c, folder := program(t, "demo", "crm", "--once", "--users", "4", "--received", received)
	began := time.Now()
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, told := range []string{"connected by the blueprint crm.yaml", "Calendars.ReadWrite, delegated, and nothing else", "a link for an administrator",
		"the consent has arrived", "signed in at Microsoft's page (PKCE)", "→ created  Visit to Northwind", "→ updated  Visit to Northwind",
		"with its Teams link", "the CRM's own reference deal-17", "act.conflict", "api.not_there", "0 on any other",
		"connection.lost at the CRM", "entra.sign_in_revoked", "connection.restored", "→ created  While nobody was signed in",
		"the subscription is ended at Microsoft", "none missing, none too many, none twice; 0 not signed", "all as they were written", "What to try next"} {
		if !strings.Contains(string(out), told) {
			t.Errorf("the story lacks %q:\n%s", told, out)
		}
	}
	if took := time.Since(began); took > 3*time.Minute { // 8 s on an idle machine
		t.Errorf("the story took %s", took)
	}
	emptied(t, folder)
	lines, err := os.ReadFile(received)
	if err != nil || strings.Count(string(lines), "com.graphwarden.connection.") != 2 {
		t.Errorf("the CRM was told of connections %d times: %v", strings.Count(string(lines), "com.graphwarden.connection."), err)
	}
}
