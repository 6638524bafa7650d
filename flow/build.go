package flow

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Args are the values of an operation's path parameters, by parameter name.
// The mailbox is not among them: it is judged, so it is passed by itself.
type Args map[string]string

// Build gives the concrete path, escaped, for a mailbox's object id (""
// when the operation touches none). Every parameter must have a value of its
// form and nothing may be left over, so that the path can mean nothing else
// than its template says.
func (o Operation) Build(mailbox string, args Args) (string, error) {
	if o == (Operation{}) {
		return "", fmt.Errorf("building a path: no operation")
	}
	if o.asked {
		return o.path(mailbox, args)
	}
	path, used := "", 0
	for segment := range strings.SplitSeq(strings.TrimPrefix(o.template, "/"), "/") {
		name, isParameter := parameter(segment)
		if !isParameter {
			path += "/" + segment
			continue
		}
		value := mailbox
		if name != "mailbox" {
			value = args[name]
			used++
		}
		if err := checkValue(name, value); err != nil {
			return "", fmt.Errorf("building the path of %s: %w", o.name, err)
		}
		path += "/" + url.PathEscape(value)
	}
	if used != len(args) {
		return "", fmt.Errorf("building the path of %s: %d arguments for %d parameters", o.name, len(args), used)
	}
	return path, nil
}

// About gives the operation's subject for one mailbox, e.g. "users/…/events".
func (o Operation) About(mailbox string) (string, error) {
	if err := checkValue("mailbox", mailbox); err != nil {
		return "", fmt.Errorf("building the subject of %s: %w", o.name, err)
	}
	return strings.ReplaceAll(o.subject, "{mailbox}", mailbox), nil
}

// Leads says whether a path that Microsoft wrote into a link belongs to this
// operation on the same objects. Microsoft writes a key as users('id') as well
// as users/id and names delta with its namespace; names of segments may differ
// in case, ids may not (R4, R5).
func (o Operation) Leads(path, mailbox string, args Args) bool {
	own, err := o.Build(mailbox, args)
	if err != nil {
		return false
	}
	wanted, err := url.PathUnescape(own)
	if err != nil {
		return false
	}
	given, template := segments(path), segments(o.template)
	return slices.EqualFunc(given, segments(wanted), strings.EqualFold) && idsEqual(given, segments(wanted), template)
}

// idsEqual compares the values of the parameters byte by byte.
func idsEqual(given, wanted, template []string) bool {
	for i, segment := range template {
		if _, isParameter := parameter(segment); isParameter && given[i] != wanted[i] {
			return false
		}
	}
	return true
}

// segments splits a path as plain segments, whichever key syntax it uses.
func segments(path string) []string {
	var out []string
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		segment = strings.TrimPrefix(segment, "microsoft.graph.")
		segment = strings.TrimSuffix(segment, "()")
		if name, key, found := strings.Cut(segment, "('"); found && strings.HasSuffix(key, "')") {
			out = append(out, name, strings.TrimSuffix(key, "')"))
			continue
		}
		out = append(out, segment)
	}
	return out
}

// parameter gives the name of a template segment that is a parameter.
func parameter(segment string) (string, bool) {
	name, found := strings.CutPrefix(segment, "{")
	if !found {
		return "", false
	}
	return strings.TrimSuffix(name, "}"), true
}
