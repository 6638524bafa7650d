package published

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
)

func small() Permissions {
	scheme := named[schemeOf]{"Application": {Title: " Read  things ", Level: 3, AdminConsent: true}, "DelegatedPersonal": {Level: 2}}
	return Permissions{
		"Things.Read": {AuthorizationType: "oAuth2", Schemes: scheme, PathSets: []pathSet{{
			SchemeKeys: []string{"Application"}, Methods: []string{"GET", "DELETE"},
			Paths: named[string]{"/things": "least=Application;AlsoRequires=Things.Read"},
		}}},
		"Things.Read.Group": {AuthorizationType: "RSC", Schemes: scheme, PathSets: []pathSet{{
			SchemeKeys: []string{"Application"}, Methods: []string{"GET"}, Paths: named[string]{"/things": ""},
		}}},
	}
}

func TestText(t *testing.T) {
	table, err := newTable(small(), Deployments{
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
	want := "P\tThings.Read\tgraph\tW\t2\t0\tch\t\t\tP\t2\t2\th\t\t\tA\t1\t3\tce\tRead things\t\n" +
		"P\tThings.Read.Group\trsc\tP\t\t2\t\t\t\tA\t\t3\tc\tRead things\t\n"
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
		"an unknown mark":       func(s *pathSet) { s.Paths = named[string]{"/things": "most=Application"} },
		"an unknown permission": func(s *pathSet) { s.Paths = named[string]{"/things": "AlsoRequires=Nothing"} },
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
}

// document is a permissions.json with one permission, into which a member is put.
func document(members string) string {
	return `{"$schema": "x", "permissions": {"Things.Read": {"authorizationType": "oAuth2", "schemes": {"Application": {"adminDisplayName": "Read things", "privilegeLevel": 2}},
		"pathSets": [{"schemeKeys": ["Application"], "methods": ["GET"], "paths": {"/things": "least=Application"}}]` + members + `}}}`
}

func TestATableIsRead(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(document("")))
	_ = w.Close()
	for _, text := range []string{document(""), "\ufeff" + document(""), packed.String()} {
		p, err := ReadPermissions(strings.NewReader(text))
		if err != nil || len(p) != 1 || p["Things.Read"].Schemes["Application"].Level != 2 {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func TestADamagedOrHostileTableIsRefused(t *testing.T) {
	good := document("")
	for situation, text := range map[string]string{
		"nothing":                       "",
		"cut short":                     good[:len(good)-10],
		"no table":                      `{"permissions": {}}`,
		"a list":                        `[]`,
		"something behind it":           good + `{"permissions": {}}`,
		"a permission twice":            strings.Replace(good, `{"Things.Read": {`, `{"Things.Read": {"authorizationType": "oAuth2", "schemes": {"Application": {}}, "pathSets": []}, "Things.Read": {`, 1),
		"a path twice":                  strings.Replace(good, `"/things": "least=Application"`, `"/things": "", "/things": "least=Application"`, 1),
		"a member that nobody knows":    document(`, "denies": ["/things"]`),
		"an unknown type":               strings.Replace(good, "oAuth2", "anything", 1),
		"an unknown scheme":             strings.Replace(good, `{"Application":`, `{"Everybody":`, 1),
		"an unknown method":             strings.Replace(good, "GET", "BREW", 1),
		"an unknown mark":               strings.Replace(good, "least=", "most=", 1),
		"a mark for another scheme":     strings.Replace(good, "least=Application", "least=DelegatedWork", 1),
		"a level of 9":                  strings.Replace(good, `"privilegeLevel": 2`, `"privilegeLevel": 9`, 1),
		"a name with a tab":             strings.Replace(good, "Things.Read", `Things\tRead`, 1),
		"a title with escape sequences": strings.Replace(good, "Read things", `\u001b[2JRead`, 1),
		"a title from right to left":    strings.Replace(good, "Read things", `\u202eRead`, 1),
		"a path with a line break":      strings.Replace(good, "/things", `/things\nO`, 1),
		"a path that steps up":          strings.Replace(good, "/things", `/a/../things`, 1),
		"a path that is none":           strings.Replace(good, "/things", `things`, 1),
		"a very long name":              strings.Replace(good, "Things.Read", "T"+strings.Repeat("x", 200), 1),
		"half a gzip file":              "\x1f\x8b\x08",
	} {
		t.Run(situation, func(t *testing.T) {
			if text == good {
				t.Fatal("the table is not spoiled")
			}
			if p, err := ReadPermissions(strings.NewReader(text)); err == nil {
				if _, err := Facts(p, nil); err == nil {
					t.Error("nothing was said")
				}
			}
		})
	}
}

func TestATableThatUnpacksWithoutEndIsRefused(t *testing.T) {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	zeros := make([]byte, 1<<20)
	for range 60 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	if _, err := ReadPermissions(&packed); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}

func FuzzPermissions(f *testing.F) {
	f.Add([]byte(document("")))
	f.Add([]byte(`{"permissions": {"A": {"authorizationType": "RSC", "schemes": {"Application": {}}, "pathSets": []}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ReadPermissions(bytes.NewReader(raw))
		if err != nil {
			return
		}
		text, err := Facts(p, nil)
		if err != nil {
			return
		}
		for line := range bytes.Lines(text) {
			if len(line) < 2 || line[1] != '\t' || !bytes.Contains([]byte("PLO"), line[:1]) {
				t.Fatalf("a line of the facts is %q", line)
			}
		}
	})
}
