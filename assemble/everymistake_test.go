package assemble_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
)

// settings are the names of all settings with a value of their own; "*" stands for a
// name of the writer's.
func settings(t reflect.Type, at string) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Map:
		return settings(t.Elem(), at+".*")
	case t.Kind() != reflect.Struct:
		return []string{at}
	}
	var all []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" && t.Field(i).Tag.Get("schema") != "-" {
			all = append(all, settings(t.Field(i).Type, strings.TrimPrefix(at+"."+name, "."))...)
		}
	}
	return all
}

// TestEveryMistakeIsToldInOneRun writes a configuration in which every setting is wrong,
// and wants each of them told, with its line and, where one is near, the word that was
// meant.
func TestEveryMistakeIsToldInOneRun(t *testing.T) {
	_, err := assemble.Load("testdata/mistakes.yaml")
	var found *assemble.Mistakes
	if !errors.As(err, &found) {
		t.Fatalf("it is taken: %v", err)
	}
	told := map[string]bool{}
	for _, one := range found.List {
		if one.Line == 0 {
			t.Errorf("it is not said where this stands: %+v", one)
		}
		names := strings.Split(one.At, ".")
		for _, free := range []struct {
			under string
			at    int
		}{{"tenants", 1}, {"flows", 1}, {"callers", 1}, {"witnesses", 2}, {"registrations", 3}, {"sinks", 3}} {
			if len(names) > free.at && names[free.at-1] == free.under {
				names[free.at] = "*"
			}
		}
		told[strings.Join(names, ".")] = true
	}
	for _, name := range settings(reflect.TypeFor[assemble.Config](), "") {
		alike := strings.Replace(name, ".sink.", ".sinks.*.", 1) // is checked by the same function
		if !told[name] && !told[alike] {
			t.Errorf("of %s nothing is told", name)
		}
	}
	const golden = "testdata/mistakes.txt"
	got := found.Error() + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		lines := strings.Split(string(want), "\n")
		for line := range strings.SplitSeq(got, "\n") {
			if i := slices.Index(lines, line); i >= 0 {
				lines = slices.Delete(lines, i, i+1)
			} else {
				t.Errorf("this was not told before: %s", line)
			}
		}
		t.Errorf("these are told no more, or elsewhere:\n%s", strings.Join(lines, "\n"))
	}
}
