package published

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// text writes the facts, one to a line, its parts separated by tabs:
//
//	P name kind {scheme id level flags title userTitle}...   a permission; its number is its position
//	L list                                         a list; its number is its position
//	O path {method letter, number of the list}...  the operations of a path, in small letters
//
// Flags: c admin consent, h hidden, e enabled, u whether an administrator must
// consent is not published. The title for users is empty where it is the same. A list is "W:1*,2+3|4;A:1*":
// by scheme the permissions, * the least marked, + what is needed as well.
func (t *table) text() []byte {
	var b bytes.Buffer
	for _, p := range t.permissions {
		fmt.Fprintf(&b, "P\t%s\t%s", p.name, p.kind)
		for _, key := range schemes() {
			s, ok := p.schemes[key.name]
			if !ok {
				continue
			}
			user := s.userTitle
			if user == s.title {
				user = ""
			}
			fmt.Fprintf(&b, "\t%s\t%s\t%d\t%s\t%s\t%s", key.letter, s.id, s.level, s.flags(), s.title, user)
		}
		b.WriteByte('\n')
	}
	for _, list := range t.lists {
		fmt.Fprintf(&b, "L\t%s\n", list)
	}
	byLetters := func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	}
	for _, path := range slices.SortedFunc(maps.Keys(t.paths), byLetters) {
		fmt.Fprintf(&b, "O\t%s", strings.ToLower(path))
		for _, method := range slices.Sorted(maps.Keys(t.paths[path])) {
			fmt.Fprintf(&b, "\t%s%d", method, t.paths[path][method])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (s scheme) flags() string {
	var f string
	if s.adminConsent {
		f += "c"
	}
	if s.hidden {
		f += "h"
	}
	if s.enabled {
		f += "e"
	}
	if s.unknown {
		f += "u"
	}
	return f
}

func formatList(byScheme openings) string {
	var parts []string
	for _, key := range schemes() {
		set := byScheme[key.name]
		if len(set) == 0 {
			continue
		}
		var items []string
		for _, o := range slices.SortedFunc(maps.Keys(set), compareOpenings) {
			item := fmt.Sprint(o.permission)
			if o.least {
				item += "*"
			}
			if o.also != "" {
				item += "+" + o.also
			}
			items = append(items, item)
		}
		parts = append(parts, key.letter+":"+strings.Join(items, ","))
	}
	return strings.Join(parts, ";")
}
