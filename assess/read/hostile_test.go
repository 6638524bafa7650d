package read_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math/rand"
	"runtime"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// endless gives the same bytes for ever.
type endless byte

// zipped is an archive of files that hold a permission's name.
func zipped(names ...string) string {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			panic(err)
		}
		if _, err := f.Write([]byte("Mail.Read")); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.String()
}

// TestAnOfficeDocumentIsRefusedByItsName: whoever names one learns what it is and how its
// text is got out.
func TestAnOfficeDocumentIsRefusedByItsName(t *testing.T) {
	for raw, say := range map[string]string{
		zipped("[Content_Types].xml", "word/document.xml"):               "plan is a Word document (.docx), which cannot be read. Save it as a web page",
		zipped("xl/workbook.xml"):                                        "plan is an Excel workbook (.xlsx), which cannot be read. Save the sheet as CSV",
		zipped("plan.md"):                                                "plan is an archive (ZIP), which cannot be read. Unpack it",
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 600): "plan is an Office document or a mail of the older kind",
		"%PDF-1.4\nMail.Read\n":                                          "plan is a PDF, which cannot be read.",
		`{\rtf1\ansi Mail.Read}`:                                         "plan is an RTF document, which cannot be read.",
	} {
		_, err := read.Bytes(catalog.Load(), "plan", []byte(raw))
		if err == nil || !strings.HasPrefix(err.Error(), say) {
			t.Errorf("%.20q: %v", raw, err)
		}
	}
	if _, err := read.Bytes(catalog.Load(), "plan.md", []byte("PK is a firm. It needs Mail.Read.\n%PDF- and {\\rtf are marks.\n")); err != nil {
		t.Error(err)
	}
}

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestWhatIsNoPlanIsRefused(t *testing.T) {
	for situation, s := range map[string]struct {
		from io.Reader
		code string
	}{
		"NULs":                 {strings.NewReader(strings.Repeat("Mail.Read\x00", 100)), "assess.binary"},
		"noise":                {io.LimitReader(rand.New(rand.NewSource(1)), 1<<20), "assess.binary"},
		"UTF-16, no mark":      {strings.NewReader("M\x00a\x00i\x00l\x00"), "assess.binary"},
		"UTF-16 of controls":   {strings.NewReader("\xff\xfe" + strings.Repeat("\x01\x00\x02\x00", 100)), "assess.binary"},
		"a line of 100 MB":     {io.MultiReader(strings.NewReader("Mail.Read "), io.LimitReader(endless('x'), 100<<20)), "assess.too_large"},
		"lines without end":    {io.LimitReader(endless('\n'), 1<<20), "assess.too_large"},
		"cells without end":    {strings.NewReader("Permission;Type\n" + strings.Repeat("a;", 500_000)), "assess.too_large"},
		"elements without end": {strings.NewReader("<html>" + strings.Repeat("<td>", 500_000)), "assess.too_large"},
		"gaps without end":     {strings.NewReader(strings.Repeat("a   ", 500_000)), "assess.too_large"},
		"a line of 15 MB":      {io.LimitReader(endless('x'), 15<<20), "assess.too_large"},
		"15 MB of sentences":   {strings.NewReader(strings.Repeat("The product reads mail by Mail.Read.\n", 400_000)), "assess.too_large"},
		"a gigabyte":           {io.LimitReader(endless('x'), 1<<30), "assess.too_large"},
		"a Word document":      {strings.NewReader(zipped("[Content_Types].xml", "word/document.xml")), "assess.binary"},
		"a PDF of text":        {strings.NewReader("%PDF-1.4\n1 0 obj\nMail.Read\nendobj\n"), "assess.binary"},
		"RTF":                  {strings.NewReader(`{\rtf1\ansi Mail.Read}`), "assess.binary"},
		"a picture":            {strings.NewReader("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "assess.binary"},
		"control characters":   {strings.NewReader(strings.Repeat("\x01\x02\x1b", 100)), "assess.binary"},
		"a manifest, cut":      {strings.NewReader(`{"requiredResourceAccess": [{"resourceAppId": `), "assess.manifest"},
		"a manifest, deep":     {strings.NewReader(`{"requiredResourceAccess": ` + strings.Repeat("[", 10_000)), "assess.manifest"},
		"too many permissions": {strings.NewReader(strings.Repeat("Mail.Read\n\n", read.MaxMentions+1)), "assess.too_large"},
	} {
		t.Run(situation, func(t *testing.T) {
			_, err := read.From(catalog.Load(), "plan", s.from)
			var r *graphwarden.Refusal
			if !errors.As(err, &r) || r.Code != s.code {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestHostileShapesCostLittle reads what is small and tries to be expensive; without a
// bound each of them takes minutes, or all memory.
func TestHostileShapesCostLittle(t *testing.T) {
	const n = 10_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for situation, s := range map[string][2]string{
		"deep HTML":             {"p.html", strings.Repeat("<div>", n) + "Mail.Read"},
		"tables in tables":      {"p.html", strings.Repeat("<table><tr><td rowspan=999>", n/4) + "Mail.Read"},
		"one line of names":     {"p.txt", strings.Repeat("Mail.Read, ", n)},
		"one line of scopes":    {"p.txt", strings.Repeat("openid ", n)},
		"no space at all":       {"p.txt", strings.Repeat("Mail.", n)},
		"dots":                  {"p.txt", strings.Repeat(". ", n)},
		"one row of many cells": {"p.md", strings.Repeat("| Mail.Read ", n)},
		"quotes in CSV":         {"p.csv", "Permission,Type\n\"" + strings.Repeat("Mail.Read,\n", n)},
		"headings":              {"p.md", strings.Repeat("# Delegated\n", n)},
		"links":                 {"p.md", strings.Repeat("[", n)},
		"tags":                  {"p.md", strings.Repeat("<", n)},
		"alternatives":          {"p.txt", "Mail.Read" + strings.Repeat("/Send", n)},
		"as long as may be":     {"p.txt", strings.Repeat("Mail.Read is not ", read.MaxText/17)},
		"stars":                 {"p.txt", strings.Repeat("*.", n)},
	} {
		t.Run(situation, func(t *testing.T) {
			if _, err := read.Bytes(catalog.Load(), s[0], []byte(s[1])); err != nil {
				t.Error(err)
			}
		})
	}
	runtime.ReadMemStats(&after)
	if after.HeapInuse > before.HeapInuse+1<<30 {
		t.Errorf("%d MB are in use", after.HeapInuse>>20)
	}
}

// sound holds whatever was read: lines that there are, names that there are.
func sound(t *testing.T, name string, raw []byte) {
	p, err := read.Bytes(catalog.Load(), name, raw)
	if err != nil {
		return
	}
	for _, m := range p.Mentions {
		_, known := catalog.Load().Permission(m.Name)
		if m.Line < 1 || m.Line > max(1, p.Lines) || !known && m.FoundBy != plan.ByFamily || m.Status == "" || m.Resource == "" {
			t.Errorf("%q: %+v of %d lines", raw, m, p.Lines)
		}
	}
	for _, u := range p.Unplaced {
		if u.Line < 1 || u.Line > max(1, p.Lines) {
			t.Errorf("%q: %+v of %d lines", raw, u, p.Lines)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"Mail.Read", "# a\n\n- `Mail.Send` (delegated)\n\n| a | b |\n|---|---|\n| User.Read(.All) | x |", "~~Mail.Read~~ Calendars.\nReadWrite", "Mail.{Read,Send} Bookings... permissions", "ａ￫.Read", "https://a/?scope=openid+Mail.Read%zz"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p.md", raw) })
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<table><tr><td rowspan=3>x<td>Mail.Read</table>", "<pre>a\nMail.Read</pre><dl><dt>a<dd>b", "<a href='https://x/?scope=Mail.Read'>", "<sup>1</sup><del>Mail.Send\n</del>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p.html", raw) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"Permission,Type\nMail.Read,Application", "a;\"b\nMail.Read\";c", "\"\"\"\n,"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p.csv", raw) })
}

func FuzzManifest(f *testing.F) {
	for _, s := range []string{`{"requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"810c84a8-4a9e-49e6-bf7d-12d183f40d01","type":"Role"}]}]}`, `{"requiredResourceAccess":[[{}]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p.json", raw) })
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":{"scopes":["Mail.Read","openid"],"x":[{"name":"Mail.Send","type":"Role"}]}}`, `[{"a":`, `{"a":[[[["Mail.Read"]]]]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p", raw) })
}

func FuzzCode(f *testing.F) {
	for _, s := range []string{"$roles = @(\n'Mail.Read'\n)\nif ($x) {\n'Mail.Send'\n}\n$a\n", "resource \"a\" {\n id = r[\"User.Read\"]\n}\n}\n}\n", "{([{([\n])}\n$\n;;\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p", raw) })
}

func FuzzTableOfSpaces(f *testing.F) {
	for _, s := range []string{"Permission      Type       Why\nCalendars.Read-     Application   a\nWrite               b\nopenid,     Delegated    c\nprofile", "||a||b||\n|-{{Mail.Read}}-|Role|\n{quote}\nMail.Send\n{quote}", "From: a\nTo: b\nDate: c\n> Mail.Read?\n\nNo."} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { sound(t, "p.txt", raw) })
}
