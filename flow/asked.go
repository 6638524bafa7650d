package flow

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Version is a version of Graph, as its paths begin.
type Version string

// The versions.
const (
	V1   Version = "v1.0"
	Beta Version = "beta"
)

// Asked is an operation that an app asks for itself, by a Graph SDK of its own: a
// method, and the template of a path below the version with {id} for each key. What
// belongs to a user begins with /users/{id}, and that {id} is the mailbox. Its path
// comes whole, as the one value "path" of its Args.
func Asked(version Version, method, template string) Operation {
	inside := template
	if rest, found := strings.CutPrefix(template, "/users/{id}"); found {
		inside = "/users/{mailbox}" + rest
	}
	o := Operation{name: method + " " + template, api: Graph, method: method, template: "/" + string(version) + inside, asked: true}
	o.shape = o.shaped()
	return o
}

// Continued is what an app does at an address that Microsoft gave it with the answer to an
// operation that it asked for: with the upload session that this began, the file or the
// progress that it led to. The address needs no token and is on a host of its own. It is
// permitted where that operation is, and is recorded under its path.
func Continued(method string, asked Operation) Operation {
	asked.name, asked.api, asked.method = method+" behind "+asked.name, Session, method
	return asked
}

// LeadsOn says whether the operation is answered with an address at which the app goes on by
// other methods: an upload session, or how far a copy is.
func (o Operation) LeadsOn() bool {
	return o.asked && o.method == http.MethodPost && (strings.HasSuffix(o.shape, "/createuploadsession") || strings.HasSuffix(o.shape, "/copy"))
}

// IsAsked says whether an app asks for the operation itself.
func (o Operation) IsAsked() bool { return o.asked }

// Shape is what operations have in common that do the same, whoever performs them
// and in whichever version: the method and the path with {id} for each key, in lower
// case. One whose subject is not in its path has none ("").
func (o Operation) Shape() string {
	if o.asked {
		return o.shape
	}
	return o.shaped()
}

func (o Operation) shaped() string {
	_, path, found := strings.Cut(strings.TrimPrefix(o.template, "/"), "/")
	if o.api != Graph || o.subject != "" || !found {
		return ""
	}
	shape := make([]byte, 0, len(o.method)+2+len(path))
	shape = append(append(shape, o.method...), ' ')
	for part := range strings.SplitSeq(path, "/") {
		shape = append(shape, '/')
		if _, is := parameter(part); is {
			part = "{id}"
		}
		shape = append(shape, strings.ToLower(part)...)
	}
	return string(shape)
}

// path gives the path that an app asked for, if it can mean nothing else than the
// template says.
func (o Operation) path(mailbox string, args Args) (string, error) {
	path := args["path"]
	given, template := segments(path), segments(o.template)[1:]
	if len(args) != 1 || len(given) != len(template) {
		return "", fmt.Errorf("building the path of %s: %q does not fit it", o.name, path)
	}
	for i, part := range template {
		name, is := parameter(part)
		word, _, call := strings.Cut(part, "(")
		wanted, _, _ := strings.Cut(given[i], "(")
		switch {
		case name == "mailbox" && (given[i] != mailbox || checkValue(name, mailbox) != nil),
			is && given[i] == "",
			!is && !call && !strings.EqualFold(given[i], part),
			call && !strings.EqualFold(wanted, word):
			return "", fmt.Errorf("building the path of %s: %q does not fit it", o.name, path)
		}
	}
	return "/" + strings.SplitN(o.template, "/", 3)[1] + path, nil
}

// Through is the kind of flow by which an app uses Graph itself: it may perform
// exactly the operations that are listed, in the flow's mailboxes.
func Through(operations []Operation) Kind { return Kind{"graph", Apps, slices.Clone(operations)} }

// Apps is the direction of a flow by which an app uses Graph itself.
const Apps Direction = "app"

// ParseAsked reads an operation as a configuration writes it: "GET
// /users/{id}/messages", with {id} for each key.
func ParseAsked(text string) (Operation, error) {
	method, template, found := strings.Cut(text, " ")
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}
	switch {
	case !found || !slices.Contains(methods, method):
		return Operation{}, fmt.Errorf("%q does not begin with one of %s and a blank", text, strings.Join(methods, ", "))
	case !strings.HasPrefix(template, "/") || strings.ContainsAny(template, " ?#%\\") || strings.Contains(template, "//"):
		return Operation{}, fmt.Errorf("%q has no path such as /users/{id}/messages", text)
	case strings.HasPrefix(strings.ToLower(template), "/me/"), strings.EqualFold(template, "/me"):
		return Operation{}, fmt.Errorf("%q is written /users/{id}%s here: which user that is, the flow says", text, template[3:])
	}
	return Asked(V1, method, template), nil
}
