package edm

import "strings"

// Segment is one step of a path as it was written, which the caller's URL
// grammar has cut and decoded.
type Segment struct {
	Text string
	// Key is set when the text can only be a key.
	Key bool
	// Call is set when parentheses with Args followed the text; Args are the
	// names in them.
	Call bool
	Args []string
}

// Role says what a segment turned out to be.
type Role uint8

// The roles of segments.
const (
	RoleRoot      Role = iota // entity set or singleton
	RoleKey                   // key of an entity
	RoleAlternate             // entity set or navigation with an alternate key: users(userPrincipalName='x')
	RoleNav                   // navigation property
	RoleProperty              // structural property
	RoleCast                  // microsoft.graph.user
	RoleOperation             // action or function
	RoleCount                 // $count
	RoleRef                   // $ref
	RoleValue                 // $value
	RoleBatch                 // $batch
)

// Step is one resolved segment.
type Step struct {
	Role Role
	// Name is spelt as the schema spells it; a key keeps its text. Casts and
	// operations carry their qualified name.
	Name string
	// Ref is what the path addresses up to here; it is zero after an action
	// that returns nothing, and after $batch.
	Ref  Ref
	Args []string
}

// Target is what a path addresses.
type Target struct {
	Steps []Step
	// Op is the operation that the path ends in, if it does.
	Op *Operation
}

// PathError says that a path addresses nothing in the schema.
type PathError struct {
	Segment string
}

// Error is worded as Graph words it (graph-facts.md section 2.1).
func (e *PathError) Error() string {
	return "Resource not found for the segment '" + e.Segment + "'."
}

// Last returns the final step.
func (t Target) Last() Step { return t.Steps[len(t.Steps)-1] }

// Template returns the path with its keys and arguments replaced, in the form
// of Microsoft's permission table: /users/{id}/reminderView(startDateTime={value},endDateTime={value}).
// Casts keep their qualified names, operations lose theirs.
func (t Target) Template() string {
	var b strings.Builder
	for _, s := range t.Steps {
		b.WriteByte('/')
		switch s.Role {
		case RoleKey:
			b.WriteString("{id}")
			continue
		case RoleOperation:
			b.WriteString(lastName(s.Name))
		default:
			b.WriteString(s.Name)
		}
		if len(s.Args) > 0 {
			b.WriteString("(" + strings.Join(s.Args, "={value},") + "={value})")
		}
	}
	return b.String()
}

// Resolve walks a path below the API version through the schema. Names match in
// any case. The error is a *PathError. Paths of files (root:/a/b:) are not known.
func (m *Model) Resolve(path []Segment) (Target, error) {
	r := resolver{model: m}
	for _, seg := range path {
		if !r.step(seg) {
			return Target{}, &PathError{seg.Text}
		}
	}
	if len(path) == 0 {
		return Target{}, &PathError{""}
	}
	return r.target, nil
}

type resolver struct {
	model  *Model
	target Target
	at     Ref
	typ    *Type // of at, when it is structured
	closed bool  // nothing may follow
}

func (r *resolver) step(seg Segment) bool {
	switch {
	case r.closed:
		return false
	case len(r.target.Steps) == 0:
		return r.root(seg)
	case strings.HasPrefix(seg.Text, "$") && !seg.Key:
		return r.system(seg)
	case seg.Key:
		return r.key(seg)
	case r.cast(seg), r.operation(seg), r.key(seg):
		return true
	}
	return r.member(seg)
}

// add appends a step and moves to ref.
func (r *resolver) add(role Role, name string, ref Ref, args ...string) bool {
	r.target.Steps = append(r.target.Steps, Step{role, name, ref, args})
	r.target.Op = nil
	r.at = ref
	r.typ, _ = r.model.Type(ref.Type)
	return true
}

func (r *resolver) root(seg Segment) bool {
	if strings.EqualFold(seg.Text, "$batch") && !seg.Key && !seg.Call {
		r.closed = true
		return r.add(RoleBatch, "$batch", Ref{})
	}
	root, ok := r.model.Root(seg.Text)
	if !ok || seg.Key {
		return false
	}
	return r.enter(RoleRoot, root.Name, root.Ref, seg)
}

// enter adds a set or a property, with the alternate key behind it if there is one.
func (r *resolver) enter(role Role, name string, ref Ref, seg Segment) bool {
	if !seg.Call {
		return r.add(role, name, ref)
	}
	t, ok := r.model.Type(ref.Type)
	if !ok || !ref.Collection || len(seg.Args) != 1 {
		return false
	}
	for _, key := range append(t.AlternateKeys(), t.Keys()...) {
		if strings.EqualFold(key, seg.Args[0]) {
			return r.add(RoleAlternate, name, Ref{ref.Type, false}, key)
		}
	}
	return false
}

// system handles the segments that OData defines.
func (r *resolver) system(seg Segment) bool {
	last := r.target.Last()
	r.closed = true
	switch strings.ToLower(seg.Text) {
	case "$count":
		return r.at.Collection && r.add(RoleCount, "$count", Ref{"Edm.Int32", false})
	case "$ref":
		return last.isReference(r.target) && r.add(RoleRef, "$ref", r.at)
	case "$value":
		return !r.at.Collection && r.at.Type != "" && r.add(RoleValue, "$value", Ref{"Edm.Stream", false})
	}
	return false
}

// isReference reports whether $ref may follow: a navigation, or a key behind one.
func (s Step) isReference(t Target) bool {
	if s.Role == RoleKey && len(t.Steps) > 1 {
		s = t.Steps[len(t.Steps)-2]
	}
	return s.Role == RoleNav
}

// key takes the segment as the key of an entity in a collection. What is
// qualified with Graph's namespace is a cast or an operation that is not there.
func (r *resolver) key(seg Segment) bool {
	if !seg.Key && hasPrefixFold(seg.Text, Namespace) {
		return false
	}
	if !r.at.Collection || r.typ == nil || !r.typ.Entity || seg.Call {
		return false
	}
	return r.add(RoleKey, seg.Text, Ref{r.at.Type, false})
}

func (r *resolver) cast(seg Segment) bool {
	if !strings.Contains(seg.Text, ".") || r.typ == nil || seg.Call {
		return false
	}
	t, ok := r.model.Type(seg.Text)
	if !ok || !t.IsDerivedFrom(r.typ) {
		return false
	}
	return r.add(RoleCast, t.Name, Ref{t.Name, r.at.Collection})
}

func (r *resolver) operation(seg Segment) bool {
	if _, _, member := r.memberNamed(seg.Text); member && !r.at.Collection {
		return false
	}
	op, ok := r.model.Operation(seg.Text, r.at, seg.Args...)
	if !ok || op.Action && seg.Call && len(seg.Args) > 0 {
		return false
	}
	args := make([]string, len(seg.Args))
	for i, a := range seg.Args {
		p, _ := op.Param(a)
		args[i] = p.Name
	}
	ref := Ref{}
	if op.Returns != nil {
		ref = *op.Returns
	}
	r.closed = op.Returns == nil
	r.add(RoleOperation, op.Name, ref, args...)
	r.target.Op = op
	return true
}

func (r *resolver) memberNamed(name string) (string, Ref, bool) {
	if r.typ == nil {
		return "", Ref{}, false
	}
	return r.typ.Member(name)
}

// member takes the segment as a property of what the path addresses.
func (r *resolver) member(seg Segment) bool {
	name, ref, ok := r.memberNamed(seg.Text)
	if !ok || r.at.Collection {
		return false
	}
	role := RoleProperty
	if _, nav := r.typ.Navigation(name); nav {
		role = RoleNav
	}
	return r.enter(role, name, ref, seg)
}
