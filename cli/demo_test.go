package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	c.Env = append(os.Environ(), beProgram+"=1", "TMPDIR="+folder, "TMP="+folder)
	return c, folder
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
	received := filepath.Join(t.TempDir(), "received.ndjson")
	args := []string{"demo", "--once", "--users", "6", "--received", received}
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
		"none missing, none too many, none twice; 0 not signed", "all as they were written", "What to try next"} {
		if !strings.Contains(string(out), told) {
			t.Errorf("the story lacks %q:\n%s", told, out)
		}
	}
	if strings.Contains(string(out), "\x1b") {
		t.Error("there are escape sequences, and this is no terminal")
	}
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
