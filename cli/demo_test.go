package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
		"nothing lost", "the sweep found it", "none missing, none too many; 0 delivered twice, 0 not signed", "entries in the ledger", "What to try next"} {
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
