package cli_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/graphwarden/graphwarden/cli"
)

var update = flag.Bool("update", false, "write the golden files anew")

func nobodys() cli.Program { return cli.Program{Env: func(string) string { return "" }} }

// TestEveryCommandKeepsWhatIsPromisedOfAll walks the table.
func TestEveryCommandKeepsWhatIsPromisedOfAll(t *testing.T) {
	silent := map[string]string{ // which commands print nothing for programs, and why
		"demo": "a story for people", "serve": "it serves", "sim": "it serves; the ready file is for programs",
		"config schema": "it prints JSON anyway", "service unit": "it prints a unit",
	}
	secret := regexp.MustCompile(`(?i)secret|password|token|credential`)
	table := cli.Table(nobodys())
	for _, c := range table {
		if len(c.Examples) < 2 {
			t.Errorf("%s has %d examples", c.Name, len(c.Examples))
		}
		if c.Group {
			continue
		}
		has := func(name string) bool { _, is := c.Flags[name]; return is }
		if (c.Prints == nil) == (silent[c.Name] == "") {
			t.Errorf("%s: what it prints for programs is not declared", c.Name)
		}
		if has("json") != (c.Prints != nil) || has("dry-run") != c.Changes || has("yes") != c.Takes || has("config") != c.Config {
			t.Errorf("%s: its flags are not those of its sort: %v", c.Name, c.Flags)
		}
		if c.Takes && !c.Changes {
			t.Errorf("%s takes something away and does not say that it changes something", c.Name)
		}
		for name, usage := range c.Flags {
			if secret.MatchString(name) && !strings.HasSuffix(name, "-file") {
				t.Errorf("%s: --%s is a secret on the command line, which everybody on the machine reads", c.Name, name)
			}
			if secret.MatchString(usage) && !strings.Contains(usage, "file") && name != "administrator-client" {
				t.Errorf("%s: --%s (%s) seems to be a secret", c.Name, name, usage)
			}
		}
	}
	if len(table) < 25 {
		t.Errorf("only %d commands stand in the table", len(table))
	}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file string, now []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, now, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if then, err := os.ReadFile(file); err != nil || !bytes.Equal(then, now) {
		t.Errorf("%s is not what the program says now (%v): go test ./cli -run Reference -update", file, err)
	}
}

func TestReferenceIsWhatTheProgramSays(t *testing.T) {
	golden(t, "../docs/cli.md", []byte(cli.Reference(nobodys())))
	text, err := cli.Schema(nobodys())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../docs/cli.schema.json", text)
}

// validates holds what a command printed against docs/cli.schema.json, read by a
// validator that somebody else wrote.
func validates(t *testing.T, name, printed string) {
	t.Helper()
	raw, err := os.ReadFile("../docs/cli.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("cli.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("cli.schema.json#/$defs/" + strings.ReplaceAll("graphwarden "+name, " ", "%20"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(printed))
	if err != nil {
		t.Errorf("%s prints no JSON: %v\n%s", name, err, printed)
		return
	}
	if err := s.Validate(value); err != nil {
		t.Errorf("%s does not print what docs/cli.schema.json says: %v\n%s", name, err, printed)
	}
}

func TestTyposAreGuessed(t *testing.T) {
	for _, s := range []struct{ args, says string }{
		{"feds", `did you mean "feeds"`}, {"deliveries replya x", `did you mean "replay"`}, {"conect", `did you mean "connect"`},
		{"feeds --mailbx a", "did you mean --mailbox"}, {"feeds --jsno", "did you mean --json"}, {"key rotat", `did you mean "rotate"`},
	} {
		code, _, stderr := run(t, strings.Fields(s.args)...)
		if code != cli.ExitUsage || !strings.Contains(stderr, s.says) {
			t.Errorf("%s: exit code %d: %s", s.args, code, stderr)
		}
	}
	if code, _, stderr := run(t, "zzzzzz"); code != cli.ExitUsage || strings.Contains(stderr, "did you mean") {
		t.Errorf("what nothing is like is guessed: %s", stderr)
	}
}

// TestNobodyIsAskedWhereNobodyIs has a question asked with a standard input that
// never ends, as in a program's run.
func TestNobodyIsAskedWhereNobodyIs(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, nil)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	nothing, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nothing.Close()
	args := []string{"connect", "revoke", "contoso", "calendar", "--config", config}
	for name, p := range map[string]cli.Program{
		"a pipe":     {Args: args, Stdin: read, Env: func(string) string { return "" }},
		"/dev/null":  {Args: args, Stdin: nothing, Env: func(string) string { return "" }},
		"CI":         {Args: args, Stdin: strings.NewReader("contoso/calendar\n"), Env: func(name string) string { return map[string]string{"CI": "true"}[name] }},
		"--no-input": {Args: append(args, "--no-input"), Stdin: strings.NewReader("contoso/calendar\n"), Env: func(string) string { return "" }},
	} {
		var out, wrong bytes.Buffer
		p.Stdout, p.Stderr = &out, &wrong
		if code := cli.Main(t.Context(), p); code != cli.ExitUsage || !strings.Contains(wrong.String(), "nobody is here to type") || strings.Contains(wrong.String(), "to go on") || out.Len() > 0 {
			t.Errorf("%s: exit code %d: %s%s", name, code, out.String(), wrong.String())
		}
	}
	p := cli.Program{Args: append(args, "--dry-run", "--json"), Env: func(string) string { return "" }}
	var out, wrong bytes.Buffer
	p.Stdout, p.Stderr = &out, &wrong
	var intent cli.Intent
	if code := cli.Main(t.Context(), p); code != cli.ExitOK || json.Unmarshal(out.Bytes(), &intent) != nil || !intent.DryRun || !strings.Contains(intent.Would, "contoso/calendar") {
		t.Errorf("exit code %d: %s%s", code, out.String(), wrong.String())
	}
	validates(t, "connect revoke", out.String())
}
