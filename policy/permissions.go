package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
)

// Permissions gives the names of the least application permissions that let a
// flow of this kind perform every operation it may, sorted. They follow from the
// operations and Microsoft's table alone. One that another of them covers is left
// out: whoever reads whole events need not also be granted their outlines.
func Permissions(kind flow.Kind, c *catalog.Catalog) ([]string, error) {
	return PermissionsIn(catalog.Application, kind, c)
}

// PermissionsIn gives the least permissions of one scheme: those of an app, or
// those of a person whom it acts for.
func PermissionsIn(scheme catalog.Scheme, kind flow.Kind, c *catalog.Catalog) ([]string, error) {
	var needed []string
	for _, op := range kind.Operations() {
		if op.API() != flow.Graph || op.Own() {
			continue // a token is not obtained by a permission
		}
		known, found := lookUp(op, c)
		if !found {
			return nil, fmt.Errorf("deriving the permissions of %s: Microsoft's table does not know %s", kind.Name(), op.Name())
		}
		least, found := known.Least(scheme)
		if !found {
			return nil, fmt.Errorf("deriving the permissions of %s: no permission of the scheme %s opens %s", kind.Name(), scheme, op.Name())
		}
		needed = append(needed, least.Permission)
		for _, group := range least.AlsoRequires {
			needed = append(needed, group[0])
		}
	}
	return Uncovered(scheme, needed, c), nil
}

// Uncovered gives those of some permissions of a scheme that no other of them covers,
// sorted, each once: whoever has them can do what all of them open. Of two that cover
// each other it is the first by the alphabet.
func Uncovered(scheme catalog.Scheme, names []string, c *catalog.Catalog) []string {
	all := slices.Compact(slices.Sorted(slices.Values(names)))
	return slices.DeleteFunc(slices.Clone(all), func(narrow string) bool { return coverOf(scheme, narrow, all, c) != "" })
}

// coverOf gives the first of some permissions that stands in for a narrower one; ""
// where none does.
func coverOf(scheme catalog.Scheme, narrow string, among []string, c *catalog.Catalog) string {
	for _, wide := range among {
		if wide != narrow && c.Covers(wide, narrow, scheme) && !(c.Covers(narrow, wide, scheme) && narrow < wide) {
			return wide
		}
	}
	return ""
}

// lookUp finds an operation in the catalogue. What is done to a subscription is
// permitted by whatever opens the resource that it is about (graph-facts §4.1).
func lookUp(op flow.Operation, c *catalog.Catalog) (catalog.Operation, bool) {
	keys := strings.NewReplacer("{mailbox}", "{id}", "{user}", "{id}", "{calendar}", "{id}", "{event}", "{id}", "{message}", "{id}", "{group}", "{id}", "{subscription}", "{id}", "{principal}", "{id}", "{application}", "{id}", "{assignment}", "{id}", "{grant}", "{id}")
	if op.Subject() != "" {
		return c.Subscription(keys.Replace(op.Subject()))
	}
	return c.Operation(op.Method(), keys.Replace(strings.TrimPrefix(op.Template(), "/v1.0")))
}
