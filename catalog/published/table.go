package published

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

type permission struct {
	name    string
	kind    string // graph, rsc, openid, exchange or sharepoint
	schemes map[string]scheme
}

type scheme struct {
	id, title, userTitle                   string
	level                                  int
	adminConsent, hidden, enabled, unknown bool // unknown: whether an administrator must consent
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

func newTable(pub Permissions, dep Deployments) (*table, error) {
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
func describe(name string, pub permissionOf, deps []Deployment) permission {
	p := permission{name: name, kind: "graph", schemes: map[string]scheme{}}
	if pub.AuthorizationType == "RSC" {
		p.kind = "rsc"
	}
	for key, s := range pub.Schemes {
		p.schemes[key] = scheme{title: oneLine(s.Title), userTitle: notDescribed(oneLine(s.UserTitle)), level: s.Level, adminConsent: s.AdminConsent}
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

func oneLine(title string) string { return strings.Join(strings.Fields(title), " ") }

// notDescribed drops what is a description though it stands where a title belongs.
func notDescribed(title string) string {
	if strings.HasPrefix(title, "Allows ") {
		return ""
	}
	return title
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
func (t *table) addPaths(pub Permissions) error {
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
