package strict_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/graphwarden/graphwarden/strict"
)

type span time.Duration

func (s *span) UnmarshalYAML(raw []byte) error {
	var text string
	if err := yaml.Unmarshal(raw, &text); err != nil {
		return err
	}
	d, err := time.ParseDuration(text)
	*s = span(d)
	return err
}

type cloud struct {
	Name  string `yaml:"-"`
	Login string `yaml:"login" form:"origin"`
}

func (c *cloud) UnmarshalYAML(raw []byte) error {
	if yaml.Unmarshal(raw, &c.Name) == nil {
		return nil
	}
	type plain cloud
	return yaml.Unmarshal(raw, (*plain)(c))
}
func (cloud) AlsoText() {}

type room struct {
	Kind  string   `yaml:"kind" one:"big small" need:"yes"`
	Doors []string `yaml:"doors" one:"@doors"`
	Seats int      `yaml:"seats"`
}

type house struct {
	Name  string           `yaml:"name"`
	Open  bool             `yaml:"open"`
	Size  float64          `yaml:"size"`
	Since string           `yaml:"since" form:"date"`
	Wait  span             `yaml:"wait"`
	Long  *span            `yaml:"long"`
	Where cloud            `yaml:"where"`
	Hall  room             `yaml:"hall"`
	Rooms map[string]*room `yaml:"rooms"`
}

var lists = map[string][]string{"doors": {"oak", "glass"}}

func said(r *strict.Reading) string {
	var out []string
	for _, m := range r.Mistakes {
		out = append(out, fmt.Sprintf("%d:%d %s: %s", m.Line, m.Column, m.At, m.Say))
	}
	return strings.Join(out, "\n")
}

func TestWhatIsRightIsRead(t *testing.T) {
	var h house
	r := strict.Read([]byte(`# a house
name: "1"
open: true
size: 3
since: 2026-01-31
wait: 5s
long: 1h
where: near
hall: &hall {kind: big, doors: [oak, glass], seats: 3}
rooms:
  one: *hall
  two:
    <<: *hall
    kind: small
`), &h, lists)
	if len(r.Mistakes) > 0 {
		t.Fatal(said(r))
	}
	want := house{Name: "1", Open: true, Size: 3, Since: "2026-01-31", Wait: span(5 * time.Second), Long: h.Long, Where: cloud{Name: "near"},
		Hall: room{"big", []string{"oak", "glass"}, 3}, Rooms: map[string]*room{"one": {"big", []string{"oak", "glass"}, 3}, "two": {"small", []string{"oak", "glass"}, 3}}}
	if !reflect.DeepEqual(h, want) || *h.Long != span(time.Hour) {
		t.Errorf("read as %+v", h)
	}
	if p := r.Place("rooms.two.kind"); p != (strict.Place{Line: 14, Column: 5}) {
		t.Errorf("it stands at %v", p)
	}
	if p := r.Place("rooms.two.colour.of.it"); p != (strict.Place{Line: 12, Column: 3}) || r.Stands("rooms.two.colour") {
		t.Errorf("what is not there stands at %v", p)
	}
	if r := strict.Read(nil, &h, nil); len(r.Mistakes) > 0 {
		t.Errorf("an empty file: %s", said(r))
	}
}

// TestEveryMistakeIsFound has many at once, each with its place.
func TestEveryMistakeIsFound(t *testing.T) {
	for _, s := range []struct{ name, text, says string }{
		{"many", `naem: x
open: yes please
size: big
since: 31.1.2026
wait: long
where: {login: "http://x", logn: y}
hall:
  knd: big
  doors: [oak, glas]
  seats: "3"
rooms:
  one: {kind: bigg}
  two:
  three: [a]
  four: {seats: 1}
`, `1:1 naem: there is no such setting, did you mean name?
2:7 open: true or false belongs here
3:7 size: a number belongs here
4:8 since: "31.1.2026" is not a date such as 2027-01-31
5:7 wait: time: invalid duration "long"
6:16 where.login: "http://x" is not an origin such as https://graph.microsoft.com
6:28 where.logn: there is no such setting; there are login
8:3 hall.knd: there is no such setting, did you mean kind?
9:16 hall.doors: "glas" is neither oak nor glass, did you mean glass?
10:10 hall.seats: a whole number belongs here
12:15 rooms.one.kind: "bigg" is neither big nor small, did you mean big?
13:7 rooms.two: it is empty; leave it out, or say something
14:10 rooms.three: names with values belong here, such as "name: value"
15:9 rooms.four.kind: it is missing`},
		{"twice", "name: a\nopen: true\nname: b\n", "3:1 name: it stands here twice"},
		{"a number where text belongs", "name: 12\n", `1:7 name: text belongs here; write it in quotes: "12"`},
		{"yes where text belongs", "name: true\n", `1:7 name: text belongs here; write it in quotes: "true"`},
		{"a list where one belongs", "name: [a]\n", "1:7 name: text belongs here"},
		{"one where a list belongs", "hall: {kind: big, doors: oak}\n", "1:26 hall.doors: a list belongs here, such as [one, two]"},
		{"two documents", "name: a\n---\nname: b\n", "3:1 : a second document begins here, and one file is one document"},
		{"a list as the file", "- a\n", `1:1 : names with values belong here, such as "name: value"`},
	} {
		var h house
		if got := said(strict.Read([]byte(s.text), &h, lists)); got != s.says {
			t.Errorf("%s:\n%s\nwant\n%s", s.name, got, s.says)
		}
	}
	for _, text := range []string{"name: [a", "name: 'a", "\tname: a", "name: a\n  b: c", "a: *nobody", "{", "name: a: b", "&a name: *a", "hall: &h {<<: *h}", "name: &a *a", "hall: &h {doors: [*h]}"} {
		var h house
		if r := strict.Read([]byte(text), &h, lists); len(r.Mistakes) == 0 {
			t.Errorf("%q is taken as %+v", text, h)
		}
	}
}

func TestAValueFromElsewhereIsHeldAgainstTheSame(t *testing.T) {
	if got := strings.Join(strict.Scalars(house{}), " "); got != "hall.kind hall.seats long name open since size wait where" {
		t.Errorf("scalars are %s", got)
	}
	var h house
	for at, text := range map[string]string{"hall.kind": "small", "hall.seats": "4", "long": "2h", "name": "12", "open": "true", "since": "2026-02-01", "size": "1.5", "wait": "1s", "where": "far"} {
		if m := strict.Override(&h, at, text, lists); m != nil {
			t.Errorf("%s: %+v", at, m)
		}
	}
	if h.Hall.Kind != "small" || h.Hall.Seats != 4 || *h.Long != span(2*time.Hour) || h.Name != "12" || !h.Open || h.Size != 1.5 || h.Where.Name != "far" {
		t.Errorf("set to %+v", h)
	}
	for at, text := range map[string]string{"hall.kind": "tiny", "hall.seats": "four", "since": "today", "wait": "long", "open": "perhaps"} {
		if m := strict.Override(&h, at, text, lists); m == nil || m.At != at {
			t.Errorf("%s=%s: %+v", at, text, m)
		}
	}
}

// FuzzRead: whatever a file says, reading it ends, and what is taken without a
// mistake is what a plain decoder takes.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"name: a", "hall: &h {kind: big}\nrooms: {a: *h}", "rooms:\n  a:\n    <<: {kind: big}\n", "? a\n: b", "a: !!int 1", "name: |\n  x\n", "&a a: *a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		var h house
		r := strict.Read([]byte(text), &h, lists)
		for _, m := range r.Mistakes {
			if m.Say == "" {
				t.Errorf("%q: a mistake says nothing", text)
			}
		}
	})
}
