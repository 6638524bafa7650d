package graphwarden_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoTableOfTheDocumentsIsCut: after an empty line a table begins anew, with a head
// and a line below it; rows that stand alone are not shown as a table.
func TestNoTableOfTheDocumentsIsCut(t *testing.T) {
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines, code := strings.Split(string(raw), "\n"), false
		for i, line := range lines {
			if strings.HasPrefix(line, "```") {
				code = !code
			}
			begins := !code && strings.HasPrefix(line, "|") && (i == 0 || !strings.HasPrefix(lines[i-1], "|"))
			if begins && (i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "|-")) {
				t.Errorf("%s:%d: a row without the head of its table: %.60s", file, i+1, line)
			}
		}
	}
}
