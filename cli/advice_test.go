package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/cli"
)

// prose are words that follow a command in a sentence and are none of it.
var prose = strings.Fields(`shows show lists list says say tells tell explains once asks gives prints reads finds goes begins ends makes keeps there is are and or in
on with again needs to for of uses wants takes knows looks signs does that which it until while after before by from so nor has can cannot examines`)

// advised are the commands that a text names: "graphwarden" and what follows it in
// the sentence.
var advised = regexp.MustCompile(`\bgraphwarden((?: \n?(?:-{0,2}[A-Za-z][A-Za-z0-9._/@-]*|%[a-z]|X)(?:=\S+)?)+)`)

// wrongAdvice says what is wrong with the commands that a text names; "" for
// nothing.
func wrongAdvice(root *cobra.Command, text string) (wrong []string) {
	for _, m := range advised.FindAllStringSubmatch(text, -1) {
		words := strings.Fields(strings.TrimRight(m[1], "."))
		if strings.ToLower(words[0]) != words[0] || words[0] == "X" || strings.ContainsAny(words[0], "./@%") || m[0] == "graphwarden secret" {
			continue // a file, a path, the name alone, what keys are derived for
		}
		at, named := root, true
		for _, word := range words {
			switch below := child(at, word); {
			case slices.Contains(prose, word):
				at = nil // the sentence goes on
			case strings.HasPrefix(word, "--"):
				name, _, _ := strings.Cut(word[2:], "=")
				if at.Flags().Lookup(name) == nil && at.InheritedFlags().Lookup(name) == nil && name != "help" && (at != root || name != "version") {
					wrong = append(wrong, strconv.Quote(m[0])+": "+at.CommandPath()+" has no --"+name)
				}
				named = false // its value may follow
			case named && below != nil:
				at = below
			case named && at.HasSubCommands() && plain.MatchString(word) && !slices.Contains(arguments, word):
				wrong = append(wrong, strconv.Quote(m[0])+": "+at.CommandPath()+" has no command "+word)
				at = nil
			default:
				named = false // what the command is to work on
			}
			if at == nil {
				break
			}
		}
	}
	return wrong
}

// plain is a word that could be a command's name.
var plain = regexp.MustCompile(`^[a-z][a-z-]*$`)

// arguments are names that examples give to commands that have others under them.
var arguments = []string{"contoso", "calendars", "portal", "crm"}

func child(c *cobra.Command, name string) *cobra.Command {
	for _, below := range c.Commands() {
		if below.Name() == name || slices.Contains(below.Aliases, name) {
			return below
		}
	}
	return nil
}

// TestEveryCommandThatIsAdvisedExists reads every text of the program and every
// document, and holds the commands that they name, with their flags, against the
// table of commands.
func TestEveryCommandThatIsAdvisedExists(t *testing.T) {
	root := cli.Root(cli.Program{Env: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Stdin: os.Stdin})
	root.InitDefaultHelpCmd()
	for text, bad := range map[string]bool{
		"Name one that graphwarden deliveries sinks lists.": true, "graphwarden deliveries lists them": false, "See graphwarden conect --help": true,
		"graphwarden connect X REGISTRATION --administrator": false, "graphwarden doctor --onlin": true, "graphwarden deliveries replays shows how far it is": false,
		"Run: graphwarden connect people remove": true,
	} {
		if wrong := wrongAdvice(root, text); len(wrong) > 0 != bad {
			t.Fatalf("%q is found %v", text, wrong)
		}
	}
	read := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "interop"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".md"):
			raw, err := os.ReadFile(path)
			for _, wrong := range wrongAdvice(root, strings.NewReplacer("\ngraphwarden", "\n\ngraphwarden", "\n", " \n").Replace(string(raw))) {
				t.Errorf("%s: %s", path, wrong)
			}
			return err
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		read++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, is := n.(ast.Expr)
			text, whole := "", false
			if is {
				text, whole = written(e)
			}
			if !whole {
				return true
			}
			for _, wrong := range wrongAdvice(root, text) {
				t.Errorf("%s: %s", set.Position(n.Pos()), wrong)
			}
			return false
		})
		return nil
	})
	if err != nil || read < 300 {
		t.Fatalf("%d files, %v", read, err)
	}
}

// written is the text of an expression that is one: literals, with X for what stands
// between them.
func written(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(x.Value)
		return text, x.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, isLeft := written(x.X)
		right, isRight := written(x.Y)
		switch {
		case x.Op != token.ADD || !isLeft && !isRight:
			return "", false
		case !isLeft:
			left = "X"
		case !isRight:
			right = "X"
		}
		return left + right, true
	}
	return "", false
}
