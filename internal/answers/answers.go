// Package answers keeps what the simulator answers in tests, so that .ci/run can
// hold every answer against Microsoft's schema. Tests of one run share the folder
// that GRAPHWARDEN_ANSWERS names; without it nothing is kept.
package answers

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// File is where a simulator of this test keeps its answers, "" for nowhere. Each
// call names another file.
func File(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("GRAPHWARDEN_ANSWERS")
	if folder == "" {
		return ""
	}
	f, err := os.CreateTemp(folder, strings.ReplaceAll(t.Name(), "/", "-")+"-*.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Clean(f.Name())
}

// Kept keeps what a part of the simulator answers.
func Kept(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	kept, end, err := sim.Recorded(File(t), next)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	return kept
}
