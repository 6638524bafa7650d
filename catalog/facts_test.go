package catalog_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

func TestFactsThatCannotBeReadAreRefused(t *testing.T) {
	const permission = "P\tThings.Read\tgraph\tA\t1\t2\tce\tRead things\t\n"
	if err := catalog.ReadFacts(permission + "L\tA:0*+0|0\nO\t/things\tG0\n"); err != nil {
		t.Fatal(err)
	}
	for situation, text := range map[string]string{
		"a scheme that is none":       "P\tThings.Read\tgraph\tX\t1\t2\tce\tRead things\t\n",
		"a level that is no number":   "P\tThings.Read\tgraph\tA\t1\thigh\tce\tRead things\t\n",
		"a list of an unknown scheme": permission + "L\tX:0\n",
		"a list of no number":         permission + "L\tA:Things.Read\n",
		"an addition of no number":    permission + "L\tA:0+x\n",
		"an unknown method":           permission + "L\tA:0\nO\t/things\tX0\n",
		"a path without its list":     permission + "L\tA:0\nO\t/things\tGx\n",
	} {
		t.Run(situation, func(t *testing.T) {
			err := catalog.ReadFacts(text)
			if err == nil || !strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := catalog.From([]byte("not packed")); err == nil {
		t.Error("facts that are not packed were read")
	}
}

func TestCorrectionsThatMakeNoSenseAreRefused(t *testing.T) {
	for situation, row := range map[string][3]string{
		"an unknown permission": {"/users", "A", "Things.Read"},
		"an unknown addition":   {"/users", "A", "User.Read.All+Things.Read"},
		"an unknown scheme":     {"/users", "X", "User.Read.All"},
	} {
		t.Run(situation, func(t *testing.T) {
			if err := catalog.Correct(row[0], row[1], row[2]); err == nil {
				t.Error("nothing was said")
			}
		})
	}
}
