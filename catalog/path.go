package catalog

import (
	"slices"
	"strings"
)

// anyID stands for every key in a path, anyFile for a drive or site path that
// ends in a colon.
const (
	anyID   = "{}"
	anyFile = "{}:"
)

// segments takes a path apart into lower-case segments. A template and a
// concrete path of the same operation differ only where the template has
// anyID. Empty brackets stay, as the mark of a function. Keys in brackets become segments of their own, function arguments
// keep their names only, a drive path is one segment however deep, and nested
// child folders count as one.
func segments(path string) []string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(path), "/"), "/")
	if path == "" {
		return nil
	}
	out := make([]string, 0, 12)
	addressed := false // inside a drive path: root:/a/b:
	for part := range parts(path) {
		if addressed {
			closed := strings.HasSuffix(part, ":")
			if last := len(out) - 1; out[last] != anyID {
				out = append(out, anyID)
			}
			if closed {
				out[len(out)-1] = anyFile
			}
			addressed = !closed
			continue
		}
		out = appendSegment(out, part)
		addressed = strings.HasSuffix(part, ":")
	}
	return flatten(out)
}

// parts yields what stands between slashes, a slash inside brackets aside.
func parts(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, depth := 0, 0
		for i := range len(path) {
			switch path[i] {
			case '(':
				depth++
			case ')':
				depth--
			case '/':
				if depth > 0 {
					continue
				}
				if !yield(path[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(path[start:])
	}
}

func appendSegment(out []string, part string) []string {
	switch {
	case part == "" || part == "root:":
		return append(out, part)
	case strings.HasSuffix(part, ":"):
		return append(out, anyFile)
	case part[0] == '{' && part[len(part)-1] == '}':
		return append(out, anyID)
	}
	open := strings.IndexByte(part, '(')
	if open < 0 || part[len(part)-1] != ')' {
		return append(out, part)
	}
	word, arguments := part[:open], part[open+1:len(part)-1]
	switch {
	case arguments == "":
		return append(out, part)
	case !strings.Contains(arguments, "="):
		return append(out, word, anyID)
	}
	signature := word + "(" + argumentNames(arguments) + ")"
	switch signature {
	case "applications(appid)", "applications(uniquename)", "serviceprincipals(appid)",
		"devices(deviceid)", "directoryroles(roletemplateid)", "groups(uniquename)":
		return append(out, word, anyID) // an alternate key is a key
	}
	return append(out, signature)
}

// argumentNames keeps the names of "a={x},b={y}", ordered.
func argumentNames(arguments string) string {
	names := make([]string, 0, 4)
	for argument := range strings.SplitSeq(arguments, ",") {
		word, _, named := strings.Cut(argument, "=")
		if named {
			names = append(names, strings.TrimSpace(word))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// flatten treats a child folder of a child folder as a child folder.
func flatten(segs []string) []string {
	const child = "childfolders"
	out := segs[:0]
	for i, s := range segs {
		deeper := s == child && i+2 < len(segs) && segs[i+2] == child
		keyOfDeeper := i > 0 && segs[i-1] == child && i+1 < len(segs) && segs[i+1] == child
		if !deeper && !keyOfDeeper {
			out = append(out, s)
		}
	}
	return out
}
