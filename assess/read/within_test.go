package read

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// spoken are texts of every kind: the lines of the test's documents, and what is meant to
// slip through.
func spoken(t *testing.T) []string {
	t.Helper()
	texts := []string{"", ".", "*", "a.b", "*.Read", "Mail.*", "x*Mail.Read-y_z.All", "Mail.Read.", "..Mail.Read", "Mail . Read", "Mail.\nRead", "Mail.Read-\nWrite", "(.ReadWrite", ".Send", "Mail.Read/.Send",
		"ÄMail.ReadÖ", "Mail.Readé", "é.Read", "HTTPS://GRAPH.MICROSOFT.COM/.default", "Graph.Microsoft.com/Mail.Read", "URN:x", "SPN:y", "graph.windows.net/x", "OpenID", "OFFLINE_ACCESS", "Offline.Access", "offline access",
		"Mail.Read and MailRead", "MailRead", "User_Read_All", "Mail ReadWrite", "Calendars.ReadLess x", "a_Calendars.ReadLess", "-Mail.Read-", "Mail.Read\tMail.Send"}
	err := filepath.WalkDir("../testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		texts = append(texts, strings.Split(string(raw), "\n")...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// TestFormsAreFoundAsAlone compares with the expressions that are tried everywhere: what
// spares the trying must never spare a match.
func TestFormsAreFoundAsAlone(t *testing.T) {
	found := 0
	for _, s := range spoken(t) {
		if got, want := within(forms().name, s), forms().name.FindAllStringIndex(s, -1); !reflect.DeepEqual(got, want) {
			t.Errorf("names in %q: %v, alone %v", s, got, want)
		}
		if got, want := within(unknownForm(), s), unknownForm().FindAllStringIndex(s, -1); !reflect.DeepEqual(got, want) {
			t.Errorf("forms in %q: %v, alone %v", s, got, want)
		}
		lower, free := strings.ToLower(s), make([]bool, len(s))
		for what, spared := range map[string]bool{
			"an address":       forms().url.MatchString(s) && !mayAddress(lower),
			"a single word":    forms().single.MatchString(s) && !maySingle(lower),
			"a brace":          forms().braces.MatchString(s) && !strings.Contains(s, ".{") && !strings.Contains(s, ".[") && !strings.Contains(s, ".("),
			"a leading dot":    forms().more.MatchString(s) && !leading(s),
			"no dot":           forms().undotted.MatchString(s) && !open(s, free, "Read") && !open(s, free, "Send"),
			"a space for dots": parted().MatchString(s) && !acting(s),
		} {
			if spared {
				t.Errorf("%s in %q is not looked for", what, s)
			}
		}
		for _, word := range forms().spaced.FindAllString(s, -1) {
			if strings.ContainsAny(strings.TrimRight(word, " \n.-"), " \n-") && !gapped(s) {
				t.Errorf("%q in %q is not looked for", word, s)
			}
		}
		found += len(within(forms().name, s))
	}
	if found < 1000 {
		t.Errorf("only %d names in all texts", found)
	}
}
