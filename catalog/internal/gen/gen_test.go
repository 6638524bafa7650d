package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shared = "../../../../shared/graph/"

func TestTheCommittedFactsAreThoseOfTheSource(t *testing.T) {
	text, err := generate(shared+"permissions.json.gz", shared+"provisioning.json.gz")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("Microsoft's table is not here: " + shared)
	}
	if err != nil {
		t.Fatal(err)
	}
	committed, err := unpack("../../facts.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, committed) {
		t.Error("facts.txt.gz is not what the source gives: run go generate ./catalog")
	}
	again, err := generate(shared+"permissions.json.gz", shared+"provisioning.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	first, err := pack(text)
	if err != nil {
		t.Fatal(err)
	}
	second, err := pack(again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("the same source gives different bytes")
	}
	if len(first) > 200_000 {
		t.Errorf("the facts take %d bytes", len(first))
	}
}

func TestTheFactsHoldNoDescriptions(t *testing.T) {
	text, err := unpack("../../facts.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("Allows the app")) {
		t.Error("a description got into the facts")
	}
}

func small() map[string]publishedPermission {
	scheme := map[string]publishedScheme{"Application": {Title: " Read  things ", Level: 3, AdminConsent: true}, "DelegatedPersonal": {Level: 2}}
	return map[string]publishedPermission{
		"Things.Read": {AuthorizationType: "oAuth2", Schemes: scheme, PathSets: []pathSet{{
			SchemeKeys: []string{"Application"}, Methods: []string{"GET", "DELETE"},
			Paths: map[string]string{"/things": "least=Application;AlsoRequires=Things.Read"},
		}}},
		"Things.Read.Group": {AuthorizationType: "RSC", Schemes: scheme, PathSets: []pathSet{{
			SchemeKeys: []string{"Application"}, Methods: []string{"GET"}, Paths: map[string]string{"/things": ""},
		}}},
	}
}

func TestText(t *testing.T) {
	table, err := newTable(small(), map[string][]deployment{
		"Things.Read": {
			{ID: "1", Scheme: "Application", Environment: "PPE;public", Enabled: true},
			{ID: "2", Scheme: "DelegatedWork", Environment: "public", Hidden: true},
			{ID: "3", Scheme: "Application", Environment: "PPE"},
		},
		"Elsewhere":   {{ID: "4", Scheme: "Application", Environment: "Fairfax"}},
		"Unpublished": {{ID: "", Scheme: "Application", Environment: "public"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "P\tThings.Read\tgraph\tW\t2\t0\tch\t\tP\t2\t2\th\t\tA\t1\t3\tce\tRead things\n" +
		"P\tThings.Read.Group\trsc\tP\t\t2\t\t\tA\t\t3\tc\tRead things\n"
	got := string(table.text())
	if !strings.HasPrefix(got, want) {
		t.Errorf("permissions are\n%s\nwant\n%s", got, want)
	}
	if want := "L\tA:0*+0\nO\t/things\tD0\tG0\n"; !strings.HasSuffix(got, want) {
		t.Errorf("operations are\n%s\nwant\n%s", got, want)
	}
}

func TestSourcesThatAreNotUnderstoodAreRefused(t *testing.T) {
	for situation, spoil := range map[string]func(*pathSet){
		"an unknown mark":       func(s *pathSet) { s.Paths = map[string]string{"/things": "most=Application"} },
		"an unknown permission": func(s *pathSet) { s.Paths = map[string]string{"/things": "AlsoRequires=Nothing"} },
		"an unknown method":     func(s *pathSet) { s.Methods = []string{"BREW"} },
	} {
		t.Run(situation, func(t *testing.T) {
			pub := small()
			spoil(&pub["Things.Read"].PathSets[0])
			if _, err := newTable(pub, nil); err == nil {
				t.Error("nothing was said")
			}
		})
	}
	if _, err := unpack("gen_test.go"); err == nil {
		t.Error("a file that is not packed was unpacked")
	}
}

func TestRunWritesTheFactsOfItsSource(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()+"/facts.txt.gz"
	write := func(name, text string) {
		packed, err := pack([]byte(text))
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
	text, err := unpack(to)
	if want := "P\tThings.Read\tgraph\tA\t\t0\te\tRead things\n"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("got %q, %v", text, err)
	}
}
