package cli

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden/api"
)

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	device, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0) // Linux makes a terminal there
	if err != nil {
		t.Skip("no terminal can be made here: ", err)
	}
	defer device.Close()
	nothing, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for _, p := range pairs {
				if value, is := strings.CutPrefix(p, name+"="); is {
					return value
				}
			}
			return ""
		}
	}
	no := false
	refused := api.Activity{Kind: "decision", Allowed: &no, Path: "/users\x1b[2J"}
	for name, c := range map[string]struct {
		p    Program
		want bool
	}{
		"a terminal":        {Program{Stdout: device, Env: env()}, true},
		"/dev/null":         {Program{Stdout: nothing, Env: env()}, false},
		"NO_COLOR":          {Program{Stdout: device, Env: env("NO_COLOR=1")}, false},
		"a dumb one":        {Program{Stdout: device, Env: env("TERM=dumb")}, false},
		"a pipe or program": {Program{Stdout: &bytes.Buffer{}, Env: env()}, false},
	} {
		if got := c.p.colourful(c.p.Stdout); got != c.want {
			t.Errorf("%s: colour is %t", name, got)
		}
		text := (&tailing{call: &call{Program: c.p}}).text(refused)
		if strings.Contains(text, "\x1b[31m") != c.want || strings.Contains(text, "\x1b[2J") {
			t.Errorf("%s: %q", name, text)
		}
	}
}
