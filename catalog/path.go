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

// deeper are the folders of folders, which may be as deep as one likes.
const deeper = "childfolders"

// mostSegments is room for the segments of nearly every path.
const mostSegments = 16

// segments takes a path apart into lower-case segments. A template and a
// concrete path of the same operation differ only where the template has
// anyID. Empty brackets stay, as the mark of a function. Keys in brackets become segments of their own, function arguments
// keep their names only, a drive path is one segment however deep, and nested
// child folders count as one.
func segments(path string) []string {
	return appendSegments(make([]string, 0, mostSegments), path)
}

// appendSegments is segments in a slice that the caller has room for. A slash inside of
// brackets parts nothing.
func appendSegments(out []string, path string) []string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimSuffix(strings.TrimPrefix(lower(path), "/"), "/")
	if path == "" {
		return nil
	}
	addressed := false // inside a drive path: root:/a/b:
	bracketed := strings.IndexByte(path, '(') >= 0
	for start := 0; start <= len(path); {
		end := len(path)
		if bracketed {
			end = start + partEnd(path[start:])
		} else if i := strings.IndexByte(path[start:], '/'); i >= 0 {
			end = start + i
		}
		part := path[start:end]
		start = end + 1
		closed := strings.HasSuffix(part, ":")
		if !addressed {
			out = appendSegment(out, part)
			addressed = closed
			continue
		}
		if last := len(out) - 1; out[last] != anyID {
			out = append(out, anyID)
		}
		if closed {
			out[len(out)-1] = anyFile
		}
		addressed = !closed
	}
	return flatten(out)
}

// partEnd is where the first slash stands that is not inside of brackets.
func partEnd(path string) int {
	depth := 0
	for i := range len(path) {
		switch path[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '/':
			if depth <= 0 {
				return i
			}
		}
	}
	return len(path)
}

// lower is a path in small letters. Keys are full of capitals, and strings.ToLower takes
// its time for each.
func lower(path string) string {
	var room [256]byte
	small := append(room[:0], path...)
	var all, changed byte
	for i, c := range small {
		all |= c
		if c-'A' <= 'Z'-'A' {
			c |= 0x20
		}
		changed |= small[i] ^ c
		small[i] = c
	}
	switch {
	case all >= 0x80:
		return strings.ToLower(path)
	case changed == 0:
		return path
	}
	return string(small)
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
	out := segs[:0]
	for i, s := range segs {
		nested := s == deeper && i+2 < len(segs) && segs[i+2] == deeper
		keyOfNested := i > 0 && segs[i-1] == deeper && i+1 < len(segs) && segs[i+1] == deeper
		if !nested && !keyOfNested {
			out = append(out, s)
		}
	}
	return out
}
