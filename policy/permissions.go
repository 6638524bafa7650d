package policy

import (
	"fmt"
	"net/http"
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

// Together gives the least permissions of one scheme that let several kinds of flow do
// all that they may, where what is granted serves every one of them: those that each
// needs, without what another of them covers, and without what is needed only to read
// what others that are needed anyway open. Who reads the whole directory need not be
// granted the reading of its apps besides.
func Together(scheme catalog.Scheme, kinds []flow.Kind, c *catalog.Catalog) ([]string, error) {
	var names []string
	var operations []flow.Operation
	for _, kind := range kinds {
		needed, err := PermissionsIn(scheme, kind, c)
		if err != nil {
			return nil, err
		}
		names, operations = append(names, needed...), append(operations, kind.Operations()...)
	}
	names = Uncovered(scheme, names, c)
	for _, name := range slices.Clone(names) {
		rest := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
		if !slices.ContainsFunc(operations, func(op flow.Operation) bool {
			return slices.Contains(Served(op, scheme, names, c), name) && !readsBy(op, scheme, rest, c)
		}) {
			names = rest
		}
	}
	return names, nil
}

// readsBy says whether an operation only reads, and some permissions open it. Who may
// write by a permission is not taken from what another opens besides: Microsoft's table
// lists some readers where only writers write.
func readsBy(op flow.Operation, scheme catalog.Scheme, held []string, c *catalog.Catalog) bool {
	return op.Method() == http.MethodGet && Served(op, scheme, held, c) != nil
}

// Enough says whether one permission opens every one of some operations, which only
// read.
func Enough(permission string, operations []flow.Operation, scheme catalog.Scheme, c *catalog.Catalog) bool {
	return len(operations) > 0 && !slices.ContainsFunc(operations, func(op flow.Operation) bool { return !readsBy(op, scheme, []string{permission}, c) })
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
