package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schemes are the three schemes with the letter that stands for each in the
// facts, in the order in which they are written.
func schemes() [3]struct{ name, letter string } {
	return [3]struct{ name, letter string }{
		{"DelegatedWork", "W"}, {"DelegatedPersonal", "P"}, {"Application", "A"},
	}
}

// letter stands for a method in the facts.
func letter(method string) (string, error) {
	switch method {
	case "GET":
		return "G", nil
	case "POST":
		return "P", nil
	case "PATCH":
		return "U", nil
	case "PUT":
		return "R", nil
	case "DELETE":
		return "D", nil
	}
	return "", fmt.Errorf("unknown method %q", method)
}

// additional lists the permissions that are in neither source. OpenID scopes:
// the description list in the same repository as the sources. Exchange Online:
// Microsoft's guides to registering an application for EWS and for app-only
// Exchange Online PowerShell.
func additional() []permission {
	delegated := func(name, kind, id string) permission {
		return permission{name, kind, map[string]scheme{"DelegatedWork": {id: id, enabled: true}}}
	}
	application := func(name, kind, id string) permission {
		return permission{name, kind, map[string]scheme{"Application": {id: id, enabled: true, adminConsent: true}}}
	}
	return []permission{
		delegated("email", "openid", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"),
		delegated("offline_access", "openid", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182"),
		delegated("openid", "openid", "37f7f235-527c-4136-accd-4a02d197296e"),
		delegated("profile", "openid", "14dad69e-099b-42c9-810b-d002981feec1"),
		delegated("EWS.AccessAsUser.All", "exchange", "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5"),
		application("Exchange.ManageAsApp", "exchange", "dc50a0fb-09a3-484d-be87-e023b12c6440"),
		application("full_access_as_app", "exchange", "dc890d15-9560-4a4c-9b7f-a736ec74ec40"),
	}
}

type permission struct {
	name    string
	kind    string // graph, rsc, openid or exchange
	schemes map[string]scheme
}

type scheme struct {
	id, title                     string
	level                         int
	adminConsent, hidden, enabled bool
}

// table is what is written: permissions in the order of their names, the
// distinct lists of permissions that open an operation, and for each path the
// list of each method.
type table struct {
	permissions []permission
	index       map[string]int
	lists       []string
	listIndex   map[string]int
	paths       map[string]map[string]int // path -> method letter -> list
}

func newTable(pub map[string]publishedPermission, dep map[string][]deployment) (*table, error) {
	t := &table{index: map[string]int{}, listIndex: map[string]int{}, paths: map[string]map[string]int{}}
	names := map[string]bool{}
	for name := range pub {
		names[name] = true
	}
	for name := range dep {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if perm := describe(name, pub[name], dep[name]); len(perm.schemes) > 0 {
			t.index[name] = len(t.permissions)
			t.permissions = append(t.permissions, perm)
		}
	}
	t.permissions = append(t.permissions, additional()...)
	return t, t.addPaths(pub)
}

// noID stands in the provisioning list where a permission has no id yet.
const noID = "00000000-0000-0000-0000-000000000000"

// describe joins what both sources say about one permission. A permission that
// is only provisioned, and not in the public cloud, has no scheme.
func describe(name string, pub publishedPermission, deps []deployment) permission {
	p := permission{name: name, kind: "graph", schemes: map[string]scheme{}}
	if pub.AuthorizationType == "RSC" {
		p.kind = "rsc"
	}
	for key, s := range pub.Schemes {
		p.schemes[key] = scheme{title: strings.Join(strings.Fields(s.Title), " "), level: s.Level, adminConsent: s.AdminConsent}
	}
	for _, d := range deps {
		if d.ID == noID {
			d.ID = ""
		}
		if !d.public() || d.ID == "" && len(pub.Schemes) == 0 {
			continue
		}
		s, known := p.schemes[d.Scheme]
		if !known {
			s.adminConsent = true // unpublished: assume the stricter
		}
		s.id, s.hidden, s.enabled = d.ID, d.Hidden, d.Enabled
		p.schemes[d.Scheme] = s
	}
	// Personal accounts consent to the same id as work accounts.
	if personal, ok := p.schemes["DelegatedPersonal"]; ok && personal.id == "" {
		work := p.schemes["DelegatedWork"]
		personal.id, personal.hidden, personal.enabled = work.id, work.hidden, work.enabled
		p.schemes["DelegatedPersonal"] = personal
	}
	return p
}

// opening is one permission's part in opening an operation in one scheme.
type opening struct {
	permission int
	least      bool
	also       string // permissions of which one is needed as well, joined by |
}

// operation is a method, by its letter, on a path.
type operation struct{ path, method string }

// openings are, by scheme, the permissions that open an operation.
type openings map[string]map[opening]bool

// addPaths turns the published sets, which are by permission, round: for each
// operation and scheme the permissions that open it. Resource-specific consent
// never opens an operation tenant-wide and is left out.
func (t *table) addPaths(pub map[string]publishedPermission) error {
	operations := map[operation]openings{}
	for name, p := range pub {
		if p.AuthorizationType == "RSC" {
			continue
		}
		for _, set := range p.PathSets {
			if err := t.addSet(operations, t.index[name], set); err != nil {
				return fmt.Errorf("reading %s: %w", name, err)
			}
		}
	}
	t.intern(operations)
	return nil
}

func (t *table) addSet(operations map[operation]openings, permission int, set pathSet) error {
	for path, value := range set.Paths {
		least, also, err := marks(value)
		if err != nil {
			return fmt.Errorf("path %s: %w", path, err)
		}
		joined, err := t.join(also)
		if err != nil {
			return fmt.Errorf("path %s: %w", path, err)
		}
		for _, method := range set.Methods {
			letter, err := letter(method)
			if err != nil {
				return fmt.Errorf("path %s: %w", path, err)
			}
			op := operation{path, letter}
			if operations[op] == nil {
				operations[op] = openings{}
			}
			for _, s := range set.SchemeKeys {
				if operations[op][s] == nil {
					operations[op][s] = map[opening]bool{}
				}
				operations[op][s][opening{permission, least[s], joined}] = true
			}
		}
	}
	return nil
}

func compareOpenings(a, b opening) int {
	return cmp.Or(cmp.Compare(a.permission, b.permission), cmp.Compare(a.rank(), b.rank()), strings.Compare(a.also, b.also))
}

// rank puts the mark of the least first.
func (o opening) rank() int {
	if o.least {
		return 0
	}
	return 1
}

func (t *table) join(also []string) (string, error) {
	var numbers []string
	for _, name := range also {
		i, ok := t.index[name]
		if !ok {
			return "", fmt.Errorf("unknown permission %q", name)
		}
		numbers = append(numbers, fmt.Sprint(i))
	}
	return strings.Join(numbers, "|"), nil
}

// intern numbers the distinct lists in the order in which the paths need them.
func (t *table) intern(operations map[operation]openings) {
	ops := slices.SortedFunc(maps.Keys(operations), func(a, b operation) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.method, b.method))
	})
	for _, op := range ops {
		list := formatList(operations[op])
		i, ok := t.listIndex[list]
		if !ok {
			i = len(t.lists)
			t.listIndex[list] = i
			t.lists = append(t.lists, list)
		}
		if t.paths[op.path] == nil {
			t.paths[op.path] = map[string]int{}
		}
		t.paths[op.path][op.method] = i
	}
}
