package odata_test

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

func TestPathsHaveOneCanonicalForm(t *testing.T) {
	situations := []struct{ name, raw, want string }{
		{"a plain path", "/users/5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f/events", "/users/5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f/events"},
		{"no leading slash, as in a batch", "me/messages", "/me/messages"},
		{"the root", "/", "/"},
		{"nothing", "", "/"},
		{"a guest's user principal name", "/users/a_b.com%23EXT%23@t.onmicrosoft.com/events", "/users/a_b.com%23EXT%23@t.onmicrosoft.com/events"},
		{"small letters in an escape", "/users/a%23ext%23%40t.com", "/users/a%23ext%23@t.com"},
		{"a key with a slash in it", "/users/x%2Fy==/events", "/users/x%2Fy==/events"},
		{"a key in quotes", "/users('a@b.c')/events", "/users/a@b.c/events"},
		{"a key in quotes, everything escaped", "/users%28%27a%40b.c%27%29/events", "/users/a@b.c/events"},
		{"a key with a doubled quote", "/users('o''neil@b.c')", "/users/o'neil@b.c"},
		{"a key without quotes", "/users(5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f)/events", "/users/5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f/events"},
		{"a key that is spelt like a name stays in quotes", "/users('delta')/events", "/users('delta')/events"},
		{"a key that is spelt like a system segment", "/users('$count')", "/users('$count')"},
		{"a key that is spelt like a call", "/users('a(b)')", "/users('a(b)')"},
		{"a key that holds a parenthesis and a quote", "/users('a b(''c')", "/users('a%20b(''c')"},
		{"an alternate key", "/users(userPrincipalName='a@b.c')/events", "/users(userPrincipalName='a@b.c')/events"},
		{"a function without arguments", "/users/delta()", "/users/delta()"},
		{"a function with arguments", "/me/reminderView( startDateTime='2026-11-21T00:00',endDateTime='x')", "/me/reminderView(startDateTime='2026-11-21T00:00',endDateTime='x')"},
		{"a bare slash in a quoted argument", "/sites/root/getByPath(path='teams/hr')/lists", "/sites/root/getByPath(path='teams%2Fhr')/lists"},
		{"an enum as argument", "/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')", "/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')"},
		{"a qualified action", "/users/a@b.c/microsoft.graph.sendMail", "/users/a@b.c/microsoft.graph.sendMail"},
		{"a system segment in capitals", "/users/%24COUNT", "/users/$count"},
		{"a file in a folder", "/drive/root:/My%20docs/Report(1).docx:/content", "/drive/root:/My%20docs/Report(1).docx:/content"},
		{"a file that looks like a call", "/drive/root:/Report(1)", "/drive/root:/Report(1)"},
		{"a file below an item", "/drive/items/01AB!x:/a.txt:/content", "/drive/items/01AB!x:/a.txt:/content"},
		{"a key that ends in a colon but opens no file", "/drive/items('01!AB:')/children", "/drive/items('01!AB:')/children"},
		{"letters beyond ASCII", "/users/zoë@b.c", "/users/zo%C3%AB@b.c"},
		{"a percent sign", "/drive/root:/100%25%20done.txt", "/drive/root:/100%25%20done.txt"},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			p, err := odata.ParsePath(s.raw)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != s.want {
				t.Errorf("%q prints as %q, want %q", s.raw, p, s.want)
			}
			again(t, p)
		})
	}
}

// again checks that what p prints parses to p.
func again(t *testing.T, p odata.Path) {
	t.Helper()
	q, err := odata.ParsePath(p.String())
	if err != nil {
		t.Fatalf("its own canonical form %q: %v", p, err)
	}
	if len(p)+len(q) > 0 && !reflect.DeepEqual(p, q) {
		t.Fatalf("%q parses to %#v, want %#v", p, q, p)
	}
}

func TestPathsThatCouldBeReadTwoWaysAreRefused(t *testing.T) {
	situations := map[string]string{
		"an empty segment":                     "/users//x",
		"an empty segment first":               "//users",
		"an empty segment in quotes":           "/users('a//b')",
		"a dot":                                "/users/./x",
		"two dots":                             "/users/../me",
		"two dots at the end":                  "/users/..",
		"two dots as a key":                    "/users('..')/me",
		"two dots before a slash in a key":     "/users('..%2Fme')",
		"an escaped dot":                       "/users/%2e%2e/me",
		"an escaped slash around dots":         "/users/%2f..%2fme",
		"escaped slashes side by side":         "/users/a%2F%2Fb",
		"a double escape":                      "/users/%252e%252e/me",
		"a double escape of a harmless letter": "/users/%2541@b.c",
		"a backslash":                          `/users\x`,
		"an escaped backslash":                 "/users/a%5Cb",
		"a NUL":                                "/users/a%00b",
		"a line break":                         "/users/a%0d%0ab",
		"a raw control character":              "/users/a\x01b",
		"a control character beyond ASCII":     "/users/a%C2%85b",
		"overlong UTF-8":                       "/users/%c0%ae%c0%ae/me",
		"a lone byte":                          "/users/%ff",
		"a broken escape":                      "/users/a%2",
		"a query":                              "/users?x",
		"a fragment":                           "/users#x",
		"a slash at the end":                   "/users/",
		"a key where a name must be":           "/a@b.c/events",
		"an escaped slash in a name":           "/users%2Fx/events",
		"a key after a key":                    "/users/a@b/c@d",
		"a key in quotes after a key":          "/users/a@b('c')",
		"an unknown system segment":            "/users/$links",
		"an empty key":                         "/users('')",
		"a key of null":                        "/users(null)",
		"two keys without names":               "/users('a','b')",
		"the same argument twice":              "/me/f(a='x',A='y')",
		"an argument without a value":          "/me/f(a=)",
		"an argument that is an alias":         "/me/f(a=@p)",
		"a bare word as argument":              "/me/f(a=b)",
		"a quote that does not end":            "/users('a",
		"a quote that swallows the path":       "/users('a/events",
		"text after the parenthesis":           "/users('a')b/events",
		"a comma too many":                     "/me/f(a='x',)",
		"a path without end":                   "/me" + strings.Repeat("/a", 5000),
		"too many segments":                    "/me" + strings.Repeat("/a", 70),
	}
	for name, raw := range situations {
		t.Run(name, func(t *testing.T) {
			p, err := odata.ParsePath(raw)
			var syntax *odata.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("ParsePath(%q) = %v, %v, want a *SyntaxError", raw, p, err)
			}
			if syntax.Param != "path" || syntax.Message == "" || syntax.Pos < 0 || syntax.Pos > len(raw) {
				t.Errorf("error %#v", syntax)
			}
		})
	}
}

func TestKeysKeepTheirCaseAndNamesDoNotCare(t *testing.T) {
	p, err := odata.ParsePath("/USERS/A@b.C/Microsoft.Graph.SENDMAIL")
	if err != nil {
		t.Fatal(err)
	}
	if !p[0].Is("users") || p[1].Is("a@b.c") || p[1].Text != "A@b.C" || !p[2].Is("sendMail") {
		t.Errorf("%#v", p)
	}
	q, err := odata.ParsePath("/users/x@y/graph.user")
	if err != nil || !q[2].Is("microsoft.graph.user") || q[2].Is("microsoft.graph.security.user") {
		t.Errorf("%#v, %v", q, err)
	}
}

func TestArgumentsAreFoundInAnyCase(t *testing.T) {
	p, err := odata.ParsePath("/me/reminderView(startDateTime='a''b',count=5)")
	if err != nil {
		t.Fatal(err)
	}
	start, ok := p[1].Args.Get("STARTDATETIME")
	if !ok || start != (expr.Literal{Kind: expr.String, Text: "a'b"}) {
		t.Errorf("startDateTime = %#v, %v", start, ok)
	}
	if n, ok := p[1].Args.Get("count"); !ok || n.Kind != expr.Number {
		t.Errorf("count = %#v, %v", n, ok)
	}
	if _, ok := p[1].Args.Get("end"); ok {
		t.Error("found an argument that is not there")
	}
}

var doubleEscape = regexp.MustCompile("%25[0-9a-f]{2}")

// FuzzParsePath holds the promise that the proxy rests on: what is accepted has
// one spelling, and that spelling hides nothing.
func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{
		"/users/a_b.com%23EXT%23@t.onmicrosoft.com/events", "/users('o''neil')/x", "/me/f(a='x/y',b=5)", "/drive/root:/a b(1):/content",
		"/users(userPrincipalName='x')/$count", "/users/%2f..%2f", "/users('$count')", "items('a:')/b", "/x/a%252e", "/drive/items/{id}:/a:b/c:",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		p, err := odata.ParsePath(raw)
		if err != nil {
			return
		}
		again(t, p)
		low := strings.ToLower(p.String())
		for _, bad := range []string{"//", "/./", "/../", "%2e", "%5c", "%00", "%0a", "%0d", "?", "#", "\\"} {
			if strings.Contains(low, bad) {
				t.Fatalf("%q is accepted as %q, which holds %q", raw, p, bad)
			}
		}
		if doubleEscape.MatchString(low) {
			t.Fatalf("%q is accepted as %q, which is escaped twice", raw, p)
		}
		if strings.HasSuffix(low, "/..") || strings.HasSuffix(low, "/.") {
			t.Fatalf("%q is accepted as %q", raw, p)
		}
		for _, s := range p {
			if s.Kind == odata.Name && strings.ContainsAny(s.Text, "/#%?") {
				t.Fatalf("%q has the name %q", raw, s.Text)
			}
		}
	})
}

func BenchmarkParsePath(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		p, err := odata.ParsePath("/users/a_b.com%23EXT%23@t.onmicrosoft.com/calendars/AAMkAGI2TGuLAAA=/calendarView/delta()")
		if err != nil || p.String() == "" {
			b.Fatal(err)
		}
	}
}
