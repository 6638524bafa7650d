package assemble_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/docs"
)

var update = flag.Bool("update", false, "write the golden files anew")

// comments are what the fields of this package's types say, from their source.
func comments(t *testing.T) func(holder, field string) string {
	t.Helper()
	said := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		p, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(p, func(n ast.Node) bool {
			spec, is := n.(*ast.TypeSpec)
			if !is {
				return true
			}
			if s, is := spec.Type.(*ast.StructType); is {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						said[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()+" "+f.Comment.Text()), " ")
					}
				}
			}
			return true
		})
	}
	return func(holder, field string) string { return said[holder+"."+field] }
}

func TestTheSchemaIsMadeOfTheTypes(t *testing.T) {
	now, err := assemble.DescribeConfig(comments(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("../docs/config.schema.json", now, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if docs.ConfigSchema() != string(now) {
		t.Error("docs/config.schema.json is not what the types say now: go test ./assemble -run Schema -update")
	}
}

// validator is one that somebody else wrote.
func validator(t *testing.T) func(text string) error {
	t.Helper()
	raw, err := os.ReadFile("../docs/config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		object, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(object))
		if err != nil {
			return err
		}
		return s.Validate(value)
	}
}

// TestSchemaAndParserAgree holds both against every configuration in the documents,
// which are right, and against a corpus of wrong ones, each of which says in its
// first lines where and how.
func TestSchemaAndParserAgree(t *testing.T) {
	valid := validator(t)
	var right int
	paths, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../docs/blueprints/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(append(paths, more...), "../README.md") {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(raw), -1) {
			if !regexp.MustCompile(`(?m)^flows:`).MatchString(m[1]) || !regexp.MustCompile(`(?m)^    id: `).MatchString(m[1]) {
				continue // a part of a configuration
			}
			right++
			if _, err := assemble.Parse([]byte(m[1]), "graphwarden.yaml", nil); err != nil {
				t.Errorf("%s: the parser: %v", path, err)
			}
			if err := valid(m[1]); err != nil {
				t.Errorf("%s: the schema: %v", path, err)
			}
		}
	}
	blueprints, err := filepath.Glob("../docs/blueprints/*.yaml")
	if err != nil || len(blueprints) == 0 {
		t.Fatalf("no blueprint, %v", err)
	}
	for _, path := range blueprints {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := assemble.Load(path); err != nil {
			t.Errorf("%s: the parser: %v", path, err)
		}
		if err := valid(string(raw)); err != nil {
			t.Errorf("%s: the schema: %v", path, err)
		}
	}
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil || len(files) < 30 || right == 0 {
		t.Fatalf("%d wrong files, %d right ones, %v", len(files), right, err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wrongly(t, filepath.Base(path), string(raw), valid)
	}
}

// wrongly reads a wrong configuration: each line "#! 5:3 what: says" is one mistake,
// and "#! beyond" says that a schema cannot know it.
func wrongly(t *testing.T, name, text string, valid func(string) error) {
	t.Helper()
	var want []string
	beyond := false
	for line := range strings.SplitSeq(text, "\n") {
		if said, is := strings.CutPrefix(line, "#! "); is && said == "beyond" {
			beyond = true
		} else if is {
			want = append(want, said)
		}
	}
	_, err := assemble.Parse([]byte(text), name, nil)
	var m *assemble.Mistakes
	if !errors.As(err, &m) {
		t.Errorf("%s: the parser says %v", name, err)
		return
	}
	var got []string
	for _, one := range m.List {
		got = append(got, fmt.Sprintf("%d:%d %s: %s", one.Line, one.Column, one.At, one.Say))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: the parser says\n#! %s\nwant\n#! %s", name, strings.Join(got, "\n#! "), strings.Join(want, "\n#! "))
	}
	if err := valid(text); (err == nil) != beyond {
		t.Errorf("%s: the schema says %v", name, err)
	}
}

func TestTheEnvironmentStandsInForSettings(t *testing.T) {
	raw := []byte("tenants: {t: {id: t.example, registrations: {r: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, secret_file: s}}}}\nflows: {f: {app: a, kind: calendar, tenant: t, registration: r, mailboxes: [m@t.example], sink: {type: none}}}\n")
	env := map[string]string{"GRAPHWARDEN_LISTEN": "0.0.0.0:9000", "GRAPHWARDEN_SWEEP_WOKEN": "1m", "GRAPHWARDEN_DATABASE": "other.db", "GRAPHWARDEN_BACKUP_WITHIN": "0s"}
	c, err := assemble.Parse(raw, "graphwarden.yaml", func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "0.0.0.0:9000" || c.Sweep.Woken.String() != "1m0s" || c.Database != "other.db" || c.BackupWithin.String() != "0s" {
		t.Errorf("it is %+v", c)
	}
	env = map[string]string{"GRAPHWARDEN_LISTEN": "here", "GRAPHWARDEN_KEEP": "long", "GRAPHWARDEN_PUBLIC_URL": "gw"}
	_, err = assemble.Parse(raw, "graphwarden.yaml", func(name string) string { return env[name] })
	var m *assemble.Mistakes
	if !errors.As(err, &m) || len(m.List) < 3 || !strings.Contains(err.Error(), "GRAPHWARDEN_KEEP") {
		t.Errorf("wrong variables give %v", err)
	}
	text, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range assemble.Variables() {
		if !strings.Contains(string(text), "| `"+v.Name+"` | `"+v.At+"` |") {
			t.Errorf("docs/configuration.md does not list | `%s` | `%s` |", v.Name, v.At)
		}
	}
}
