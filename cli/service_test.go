package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

func TestTheServiceIsInstalledAndRemoved(t *testing.T) {
	root := t.TempDir()
	unit := filepath.Join(root, "etc/systemd/system/graphwarden.service")
	says(t, cli.ExitOK, "Nothing was changed", "service", "install", "--root", root, "--dry-run")
	if _, err := os.Stat(unit); err == nil {
		t.Error("--dry-run wrote the unit")
	}
	out := says(t, cli.ExitOK, `"next"`, "service", "install", "--root", root, "--json")
	validates(t, "service install", out)
	written, err := os.ReadFile(unit)
	if _, printed, _ := run(t, "service", "unit"); err != nil || printed != string(written) {
		t.Errorf("what was written is not what is printed: %v", err)
	}
	says(t, cli.ExitUsage, "cli.unconfirmed", "service", "uninstall", "--root", root)
	says(t, cli.ExitOK, "Removed "+unit, "service", "uninstall", "--root", root, "--yes")
	if _, err := os.Stat(unit); err == nil {
		t.Error("the unit is still there")
	}
	says(t, cli.ExitOK, "daemon-reload", "service", "uninstall", "--root", root, "--yes")
}

// TestTheUnitIsHardened asks systemd itself, where it is installed: at most 2.0 of
// 10 (U37).
func TestTheUnitIsHardened(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	out, err := exec.CommandContext(t.Context(), program, "security", "--offline=yes", "../docs/graphwarden.service").CombinedOutput()
	m := regexp.MustCompile(`Overall exposure level for graphwarden.service: ([0-9.]+)`).FindSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("%v: %s", err, out)
	}
	if level, err := strconv.ParseFloat(string(m[1]), 64); err != nil || level > 2 {
		t.Errorf("the exposure is %s, more than 2.0:\n%s", m[1], out)
	}
}

// TestTheUnitIsOneOfSystemds has systemd itself read it, with a program that is there.
func TestTheUnitIsOneOfSystemds(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze here")
	}
	_, unit, _ := run(t, "service", "unit")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	verify := func(text string) string {
		file := filepath.Join(t.TempDir(), "graphwarden.service")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.CommandContext(t.Context(), program, "verify", "--man=no", file).CombinedOutput()
		var about []string
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "graphwarden.service") {
				about = append(about, strings.TrimSpace(line))
			}
		}
		return strings.Join(about, "\n")
	}
	unit = strings.ReplaceAll(unit, "/usr/local/bin/graphwarden", self)
	if said := verify(unit); said != "" {
		t.Errorf("systemd says:\n%s", said)
	}
	if said := verify(strings.Replace(unit, "[Service]\n", "[Service]\nProtectEverythng=yes\n", 1)); !strings.Contains(said, "ProtectEverythng") {
		t.Errorf("a mistake is not seen, so that none proves nothing: %q", said)
	}
}

// TestTheSystemIsToldWhenItRuns receives what systemd would.
func TestTheSystemIsToldWhenItRuns(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tn := open(t)
	config := tn.configure(t, nil)
	server := startWith(t, map[string]string{"NOTIFY_SOCKET": socket}, "serve", "--config", config)
	for _, want := range []string{"READY=1", "STOPPING=1"} {
		if want == "STOPPING=1" {
			server.stop()
		}
		_ = l.SetReadDeadline(time.Now().Add(2 * time.Minute))
		text := make([]byte, 100)
		n, err := l.Read(text)
		if err != nil || string(text[:n]) != want {
			t.Fatalf("told %q, want %s: %v", text[:n], want, err)
		}
	}
	server.ends(t, cli.ExitOK)
}

func TestABlueprintIsCompleteAndRight(t *testing.T) {
	out := says(t, cli.ExitOK, "crm", "blueprint", "list", "--json")
	validates(t, "blueprint list", out)
	pages, err := filepath.Glob("../docs/blueprints/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(err)
	}
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		folder := filepath.Join(t.TempDir(), name)
		says(t, cli.ExitOK, "Nothing was changed", "blueprint", "new", name, folder, "--dry-run")
		says(t, cli.ExitOK, "Wrote", "blueprint", "new", name, folder)
		says(t, cli.ExitConflict, "cli.blueprint", "blueprint", "new", name, folder)
		says(t, cli.ExitOK, "nothing is wrong", "config", "validate", filepath.Join(folder, "graphwarden.yaml"))
		written, err := os.ReadFile(filepath.Join(folder, "graphwarden.yaml"))
		if _, printed, _ := run(t, "blueprint", "show", name); err != nil || printed != string(written) {
			t.Errorf("%s: what is shown is not what is written: %v", name, err)
		}
		if !strings.HasPrefix(string(written), "# yaml-language-server: $schema=") {
			t.Errorf("%s does not name its schema for editors", name)
		}
		_, plan, _ := run(t, "plan", "--config", filepath.Join(folder, "graphwarden.yaml"))
		if !strings.Contains(plan, "needs ") {
			t.Errorf("%s: the plan names no permission:\n%s", name, plan)
		}
	}
	says(t, cli.ExitUsage, `did you mean "crm"`, "blueprint", "show", "crn")
}
