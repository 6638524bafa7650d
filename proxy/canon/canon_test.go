package canon_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// line is one line of testdata/requests.txt.
type line struct {
	canon.Incoming
	want string
}

// lines reads the corpus: what is asked by path and query alone, and what has a body.
func lines(t testing.TB) (out []line) {
	for _, name := range []string{"testdata/requests.txt", "testdata/bodies.txt"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.Lines(string(raw)) {
			text = strings.TrimSuffix(text, "\n")
			if strings.HasPrefix(text, "#") || text == "" {
				continue
			}
			asked, want, found := strings.Cut(text, " => ")
			if !found {
				t.Fatalf("%s: no verdict: %s", name, text)
			}
			l := line{canon.Incoming{Bases: []string{"https://graph.microsoft.com/v1.0/"}}, want}
			l.Method, asked, _ = strings.Cut(asked, " ")
			if name == "testdata/bodies.txt" {
				var body string
				asked, body, _ = strings.Cut(asked, " ")
				l.Body = []byte(body)
			}
			l.Path, l.Query, _ = strings.Cut(asked, "?")
			out = append(out, l)
		}
	}
	return out
}

// verdict writes what became of a request as the corpus does.
func verdict(r *canon.Request, err error) string {
	var no *graphwarden.Refusal
	switch {
	case errors.As(err, &no):
		return "!" + no.Code
	case err != nil:
		return "error: " + err.Error()
	}
	out := r.Template
	var reaches []string
	for _, one := range r.Reaches {
		text := string(one.Space) + ":" + one.Key
		if one.Tenant != "" {
			text += "@" + one.Tenant
		}
		reaches = append(reaches, text)
	}
	for _, more := range []string{strings.Join(reaches, ", "), strings.Join(r.Also, ", ")} {
		if more != "" {
			out += " | " + more
		}
	}
	for _, n := range r.Named {
		out += " + " + n.From + " " + verdict(n.Request, nil)
	}
	for _, i := range r.Items {
		in := canon.Incoming{Method: i.Method, Body: i.Body}
		in.Path, in.Query, _ = strings.Cut(i.URL, "?")
		if out += " + " + i.ID + " "; i.Fault != nil {
			out += verdict(nil, i.Fault)
			continue
		}
		out += i.Method + " " + verdict(canon.Parse(in))
		for _, on := range i.DependsOn {
			out += " after " + r.Items[on].ID
		}
	}
	return out
}

func TestEachRequestHasItsVerdict(t *testing.T) {
	for _, l := range lines(t) {
		r, err := canon.Parse(l.Incoming)
		if got := verdict(r, err); got != l.want {
			t.Errorf("%s %s?%s\n got %s\nwant %s (%v)", l.Method, l.Path, l.Query, got, l.want, err)
		}
	}
}

// TestTheFormIsItsOwnForm: what is sent, parsed once more, gives the same verdict and
// the very same text (R1).
func TestTheFormIsItsOwnForm(t *testing.T) {
	for _, l := range lines(t) {
		again(t, l.Incoming)
	}
}

const owner = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"

// again parses what a request's form says.
func again(t testing.TB, in canon.Incoming) {
	t.Helper()
	r, err := canon.Parse(in)
	if err != nil {
		return
	}
	body, err := r.Body()
	if err != nil {
		t.Fatal(err)
	}
	path, query := r.Path(owner), r.Query()
	second, err := canon.Parse(canon.Incoming{Method: in.Method, Path: path, Query: query, Body: body, Bases: in.Bases})
	if err != nil {
		t.Fatalf("%s %s?%s is sent as %s?%s, which is refused: %v", in.Method, in.Path, in.Query, path, query, err)
	}
	if second.Template != r.Template || strings.Join(second.Also, " ") != strings.Join(r.Also, " ") || len(second.Reaches) != len(r.Reaches) {
		t.Errorf("%s?%s: %s and then %s", in.Path, in.Query, verdict(r, nil), verdict(second, nil))
	}
	if second.Path(owner) != path || second.Query() != query {
		t.Errorf("%s?%s: %s?%s and then %s?%s", in.Path, in.Query, path, query, second.Path(owner), second.Query())
	}
}

// FuzzParse sends what a stranger can.
func FuzzParse(f *testing.F) {
	for _, l := range lines(f) {
		f.Add(l.Method, l.Path, l.Query, l.Body)
	}
	f.Fuzz(func(t *testing.T, method, path, query string, body []byte) {
		again(t, canon.Incoming{Method: method, Path: path, Query: query, Body: body, Bases: []string{"https://graph.microsoft.com/v1.0/"}})
	})
}

// TestCapitalsChangeNothing: a hundred random capitals of each path (R4).
func TestCapitalsChangeNothing(t *testing.T) {
	const seed = 4
	random := rand.New(rand.NewPCG(seed, seed))
	for _, l := range lines(t) {
		if strings.HasPrefix(l.want, "!") || strings.ContainsAny(l.Path, "'") {
			continue
		}
		for range 100 {
			parts := strings.Split(l.Path, "/")
			for i, part := range parts {
				if strings.Trim(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.$") == "" {
					parts[i] = strings.Map(func(r rune) rune {
						if random.IntN(2) == 0 {
							return unicode.ToUpper(r)
						}
						return unicode.ToLower(r)
					}, part)
				}
			}
			in := l.Incoming
			in.Path = strings.Join(parts, "/")
			if got := verdict(canon.Parse(in)); !strings.EqualFold(got, l.want) {
				t.Fatalf("seed %d: %s: %s, want %s", seed, in.Path, got, l.want)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	in := canon.Incoming{Method: "GET", Path: "/users/anna@contoso.com/events", Query: "$select=id,subject,start,end&$filter=isCancelled%20eq%20false&$top=50"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := canon.Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}
