package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog/published"
)

const shared = "../../../../shared/graph/"

func TestTheCommittedFactsAreThoseOfTheSource(t *testing.T) {
	text, err := generate(shared)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("Microsoft's table is not here: " + shared)
	}
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../facts.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, committed) {
		t.Error("facts.txt is not what the source gives: run go generate ./catalog")
	}
	again, err := generate(shared)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, again) {
		t.Error("the same source gives different bytes")
	}
	if len(text) > 3_000_000 {
		t.Errorf("the facts take %d bytes of the program", len(text))
	}
}

func TestTheFactsHoldNoDescriptions(t *testing.T) {
	text, err := os.ReadFile("../../facts.txt")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("Allows the app")) {
		t.Error("a description got into the facts")
	}
}

func TestRunWritesTheFactsOfItsSource(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()+"/facts.txt"
	write := func(name, text string) {
		packed, err := published.Pack([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(from, name), packed, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(from, to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a source: %v", err)
	}
	write("permissions.json.gz", `{"permissions": {"Things.Read": {"authorizationType": "oAuth2", "schemes": {"Application": {"adminDisplayName": "Read things"}}}}}`)
	if err := run(from, to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with half a source: %v", err)
	}
	write("provisioning.json.gz", `{"permissionDeployments": `)
	if err := run(from, to); err == nil {
		t.Error("with a source cut short: nothing was said")
	}
	write("provisioning.json.gz", `{"permissionDeployments": {"Things.Read": [{"id": "00000000-0000-0000-0000-000000000000", "scheme": "Application", "environment": "public", "isEnabled": true}]}}`)
	if err := run(from, to); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(to)
	if want := "P\tThings.Read\tgraph\tA\t\t0\te\tRead things\t\n"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("got %q, %v", text, err)
	}
}
