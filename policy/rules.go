package policy

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/meant"
)

// schemaOfRules is what rules may speak of, in Cedar's schema language.
const schemaOfRules = `
entity App;
entity Tenant;
entity Mailbox in [Tenant] = { "name": String };
action "read", "write" appliesTo {
  principal: [App],
  resource: [Mailbox, Tenant],
  context: {
    "flow": String,
    "method": String,
    "operation": String,
    "version": String,
    "at": datetime,
    "weekday": Long,
    "network"?: ipaddr,
    "person"?: String,
  }
};
`

// Rules are what operators forbid besides, in Cedar (cedarpolicy.com). A nil *Rules
// forbids nothing.
type Rules struct{ list []rule }

// rule is one forbid.
type rule struct {
	name   string // its @id, or its file and line
	place  string // "night.cedar:3"
	policy *cedar.Policy
}

// All gives the rules in the form that Cedar asks for.
func (r *Rules) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, one := range r.list {
			if !yield(cedar.PolicyID(one.name), one.policy) {
				return
			}
		}
	}
}

// Read adds the rules of a file, or says what is wrong with it and where: every
// mistake, joined. A rule forbids; that something is permitted only flows say. What a
// rule names must be among apps and tenants, and what it asks in the schema, so that
// none is silently without effect.
func (r *Rules) Read(file string, text []byte, known Known) error {
	list, err := cedar.NewPolicyListFromBytes(file, text)
	if err != nil {
		return fmt.Errorf("%s: it is not Cedar: %w", file, err)
	}
	var written schema.Schema
	if err := written.UnmarshalCedar([]byte(schemaOfRules)); err != nil {
		return fmt.Errorf("writing the schema of rules: %w", err)
	}
	resolved, err := written.Resolve()
	if err != nil {
		return fmt.Errorf("resolving the schema of rules: %w", err)
	}
	valid := validate.New(resolved)
	var wrongs []error
	for _, p := range list {
		at := p.Position()
		one := rule{place: fmt.Sprintf("%s:%d", file, at.Line), policy: p}
		if one.name, err = named(one.place, p); err == nil {
			err = r.fits(one, valid, known)
		}
		if err != nil {
			wrongs = append(wrongs, fmt.Errorf("%s:%d:%d: %w", file, at.Line, at.Column, err))
			continue
		}
		r.list = append(r.list, one)
	}
	return errors.Join(wrongs...)
}

// named is what a rule is called: what @id says, or where it stands.
func named(place string, p *cedar.Policy) (string, error) {
	name := place
	for key, value := range p.Annotations() {
		if key != "id" {
			return "", fmt.Errorf("there is no annotation @%s; there is @id", key)
		}
		if name = string(value); name == "" || len(name) > 80 || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }) {
			return "", errors.New("@id is a name of up to 80 characters on one line")
		}
	}
	return name, nil
}

// fits says what is wrong with a rule.
func (r *Rules) fits(one rule, valid *validate.Validator, known Known) error {
	if one.policy.Effect() != cedar.Forbid {
		return errors.New("a rule only forbids: what is permitted, the flows of the configuration say")
	}
	if i := slices.IndexFunc(r.list, func(had rule) bool { return had.name == one.name }); i >= 0 {
		return fmt.Errorf("the rule at %s is called %q, too", r.list[i].place, one.name)
	}
	written := (*ast.Policy)(one.policy.AST())
	if err := valid.Policy(one.name, written); err != nil {
		return err
	}
	return known.names(written)
}

// Known is what rules may name; Operations are as Operations gives them.
type Known struct{ Apps, Tenants, Flows, Operations []string }

// words are what an attribute of a call can be; nil: anything.
func (k Known) words(attribute string) []string {
	switch attribute {
	case "flow":
		return k.Flows
	case "operation":
		return k.Operations
	case "method":
		return []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}
	case "version":
		return []string{string(flow.V1), string(flow.Beta)}
	}
	return nil
}

// objectID is what a mailbox is called in rules.
var objectID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// names says what a rule names that there is not, or that is never so: Cedar's own
// validation leaves that open.
func (k Known) names(p *ast.Policy) (err error) {
	wrong := func(no error) {
		if err == nil {
			err = no
		}
	}
	for _, scope := range []ast.IsScopeNode{p.Principal, p.Resource} {
		switch s := scope.(type) {
		case ast.ScopeTypeEq:
			wrong(k.entity(s.Entity))
		case ast.ScopeTypeIn:
			wrong(k.entity(s.Entity))
		case ast.ScopeTypeIsIn:
			wrong(k.entity(s.Entity))
		}
	}
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			switch x := n.(type) {
			case ast.NodeValue:
				if e, is := x.Value.(types.EntityUID); is {
					wrong(k.entity(e))
				}
			case ast.NodeTypeEquals:
				wrong(k.compared(x.Left, x.Right))
				wrong(k.compared(x.Right, x.Left))
			case ast.NodeTypeNotEquals:
				wrong(k.compared(x.Left, x.Right))
				wrong(k.compared(x.Right, x.Left))
			case ast.NodeTypeContains:
				if set, is := x.Left.(ast.NodeTypeSet); is {
					for _, element := range set.Elements {
						wrong(k.compared(x.Right, element))
					}
				}
			case ast.NodeTypeLike:
				wrong(k.like(x))
			}
			return true
		})
	}
	return err
}

// entity refuses an app, a tenant or a mailbox that there cannot be.
func (k Known) entity(e types.EntityUID) error {
	name := string(e.ID)
	list := map[types.EntityType][]string{"App": k.Apps, "Tenant": k.Tenants}[e.Type]
	switch {
	case e.Type == "Mailbox" && !objectID.MatchString(name):
		return fmt.Errorf("a mailbox is called by its object id, in small letters, and not %q; by its name it is found as resource.name", name)
	case list != nil && !slices.Contains(list, name):
		return fmt.Errorf("the configuration has no %s %q%s", strings.ToLower(string(e.Type)), name, perhaps(name, list))
	}
	return nil
}

// compared refuses a comparison of an attribute with a text that it never is.
func (k Known) compared(attribute, with ast.IsNode) error {
	name := accessed(attribute)
	value, is := with.(ast.NodeValue)
	text, plain := value.Value.(types.String)
	if name == "" || !is || !plain {
		return nil
	}
	if name == "name" {
		if strings.ToLower(string(text)) != string(text) {
			return fmt.Errorf("resource.name is in small letters, and never %q", text)
		}
		return nil
	}
	if words := k.words(name); words != nil && !slices.Contains(words, string(text)) {
		return fmt.Errorf("context.%s is never %q%s", name, text, perhaps(string(text), words))
	}
	return nil
}

// like refuses a pattern that nothing matches.
func (k Known) like(x ast.NodeTypeLike) error {
	name := accessed(x.Arg)
	pattern := string(x.Value.MarshalCedar())
	if name == "name" && strings.ToLower(pattern) != pattern {
		return fmt.Errorf("resource.name is in small letters, and never like %s", pattern)
	}
	words := k.words(name)
	if words != nil && !slices.ContainsFunc(words, func(w string) bool { return x.Value.Match(types.String(w)) }) {
		return fmt.Errorf("context.%s is never like %s", name, pattern)
	}
	return nil
}

// accessed is the attribute that a node reads, "" for any other node.
func accessed(n ast.IsNode) string {
	if a, is := n.(ast.NodeTypeAccess); is {
		return string(a.Value)
	}
	return ""
}

func perhaps(name string, list []string) string {
	if word := meant.Word(name, list); word != "" {
		return ", did you mean " + word + "?"
	}
	return ""
}
