package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// param is one parameter that a route's query may hold.
type param struct {
	name   string
	about  string
	kind   paramKind
	oneOf  []string // what it may be; none means anything of its kind
	of     noun     // what it names; "" for what is no name
	needed bool
	least  int // of a number
	most   int // of a number; of a text, characters (0: usualText)
	sample string
}

// paramKind is what a parameter's value is.
type paramKind int

const (
	words   paramKind = iota // text on one line
	number                   // a whole number
	flag                     // true or false
	instant                  // a time with its zone, RFC 3339
	list                     // words between commas, or said again and again
)

const usualText = 1024 // characters of a text at most, if nothing else is said

// paged gives parameters with those of a list that is read page by page.
func paged(own ...param) []param {
	return append(own,
		param{name: "limit", about: "how many at most", kind: number, least: 1, most: mostPage, sample: "100"},
		param{name: "cursor", about: "where to go on: next of the page before", most: 4096})
}

// checkQuery refuses a query that holds what the route does not know, anything but
// a list twice, or a value of the wrong kind.
func checkQuery(known []param, r *http.Request) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return unescaped(r.URL.RawQuery)
	}
	for name, all := range values {
		i := slices.IndexFunc(known, func(p param) bool { return p.name == name })
		switch {
		case i < 0:
			return unknownParam(known, name)
		case len(all) > 1 && known[i].kind != list:
			return known[i].wrong("it stands there more than once")
		}
		for _, value := range all {
			if err := known[i].check(value); err != nil {
				return err
			}
		}
	}
	for _, p := range known {
		if p.needed && values.Get(p.name) == "" {
			return wrongQuery(p.name, "it is missing", "Give it: "+p.about+".")
		}
	}
	return nil
}

// unescaped names the parameter that is not written as addresses want it.
func unescaped(query string) error {
	for part := range strings.SplitSeq(query, "&") {
		if _, err := url.ParseQuery(part); err != nil {
			name, _, _ := strings.Cut(part, "=")
			return wrongQuery(shortened(strings.ToValidUTF8(name, "\ufffd")), "it is not escaped as addresses want it", "Write ; as %3B, % as %25, and between parameters &.")
		}
	}
	return wrongQuery("(the query)", "it is not written as one", "Escape what has a meaning in addresses.")
}

// checkPath refuses a part of a path that no name or id can be.
func checkPath(rt route, r *http.Request) error {
	for _, m := range inPath.FindAllStringSubmatch(rt.path(), -1) {
		value := r.PathValue(m[1])
		if value == "" || !utf8.ValidString(value) || utf8.RuneCountInString(value) > usualText || strings.ContainsFunc(value, unreadable) {
			return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.path", Field: m[1],
				Say: fmt.Sprintf("The part %s of the path is wrong: it is no name and no id.", m[1]), Do: "Write it as an answer gave it, escaped as addresses want it."}
		}
	}
	return nil
}

func unknownParam(known []param, name string) error {
	var names []string
	for _, p := range known {
		names = append(names, p.name)
	}
	do := "Leave it out; this path knows: " + strings.Join(names, ", ") + "."
	if len(names) == 0 {
		do = "Leave it out; this path knows none."
	}
	if near := nearest(name, names); near != "" {
		do = fmt.Sprintf("Did you mean %s?", near)
	}
	return wrongQuery(shortened(name), "this path does not know it", do)
}

// check refuses a value that is not of the parameter's kind.
func (p param) check(value string) error {
	if value == "" {
		return nil // as if it were not there
	}
	most := p.most
	if p.kind == number || most == 0 {
		most = usualText
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unreadable) {
		return p.wrong("it has characters that cannot be read")
	}
	if n := utf8.RuneCountInString(value); n > most {
		return wrongQuery(p.name, fmt.Sprintf("it has %d characters, more than %d", n, most), "Shorten it.")
	}
	switch p.kind {
	case number:
		n, err := strconv.Atoi(value)
		if err != nil || n < p.least || p.most > 0 && n > p.most {
			return p.wrong(fmt.Sprintf("%q is not a number %s", shortened(value), span(p.least, p.most)))
		}
	case flag:
		if value != "true" && value != "false" {
			return p.wrong(fmt.Sprintf("%q is neither true nor false", shortened(value)))
		}
	case instant:
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			why := fmt.Sprintf("%q is not a time such as 2026-03-02T08:00:00Z", shortened(value))
			if _, err := time.Parse(time.RFC3339, strings.Replace(value, " ", "+", 1)); err == nil {
				return wrongQuery(p.name, why, "Write + as %2B, which in addresses is a blank otherwise; or the time in UTC, with Z.")
			}
			return p.wrong(why)
		}
	}
	if len(p.oneOf) == 0 {
		return nil
	}
	given := []string{value}
	if p.kind == list {
		given = strings.Split(value, ",")
	}
	for _, v := range given {
		if !slices.Contains(p.oneOf, v) {
			do := "It is one of: " + strings.Join(p.oneOf, ", ") + "."
			if near := nearest(v, p.oneOf); near != "" {
				do = fmt.Sprintf("Did you mean %s?", near)
			}
			return wrongQuery(p.name, fmt.Sprintf("%q is not known", shortened(v)), do)
		}
	}
	return nil
}

func span(least, most int) string {
	if most > 0 {
		return fmt.Sprintf("from %d to %d", least, most)
	}
	return fmt.Sprintf("from %d on", least)
}

// wrong refuses a value of a parameter that can be left out, unless it is needed.
func (p param) wrong(why string) error {
	if p.needed {
		return wrongQuery(p.name, why, "Correct it.")
	}
	return wrongQuery(p.name, why)
}

// wrongQuery refuses a parameter of a query.
func wrongQuery(name, why string, do ...string) error {
	r := &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.query", Field: name,
		Say: fmt.Sprintf("The parameter %s is wrong: %s.", name, why), Do: "Correct it or leave it out."}
	if len(do) > 0 {
		r.Do = do[0]
	}
	return r
}

// shortened keeps what a caller wrote from filling our answer.
func shortened(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// unreadable are characters that no text of one line has.
func unreadable(c rune) bool {
	return c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == utf8.RuneError
}

// nearest gives the one of names that is spelt most like name; "" when none is
// near.
func nearest(name string, names []string) string {
	if len(name) > 100 {
		return ""
	}
	return meant.Word(name, names)
}
