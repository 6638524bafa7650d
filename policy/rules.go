package policy

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

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
func (r *Rules) Read(file string, text []byte, apps, tenants []string) error {
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
			err = r.fits(one, valid, house{"App": apps, "Tenant": tenants})
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
func (r *Rules) fits(one rule, valid *validate.Validator, known house) error {
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

// house is what rules may name.
type house map[types.EntityType][]string

// names says which app or tenant a rule names that there is not: Cedar's own validation
// leaves that open.
func (h house) names(p *ast.Policy) (err error) {
	look := func(e types.EntityUID) {
		if list, closed := h[e.Type]; closed && !slices.Contains(list, string(e.ID)) && err == nil {
			err = fmt.Errorf("the configuration has no %s %q%s", strings.ToLower(string(e.Type)), e.ID, perhaps(string(e.ID), list))
		}
	}
	for _, scope := range []ast.IsScopeNode{p.Principal, p.Resource} {
		switch s := scope.(type) {
		case ast.ScopeTypeEq:
			look(s.Entity)
		case ast.ScopeTypeIn:
			look(s.Entity)
		case ast.ScopeTypeIsIn:
			look(s.Entity)
		}
	}
	for _, c := range p.Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			if value, is := n.(ast.NodeValue); is {
				if e, is := value.Value.(types.EntityUID); is {
					look(e)
				}
			}
			return true
		})
	}
	return err
}

func perhaps(name string, list []string) string {
	if word := meant.Word(name, list); word != "" {
		return ", did you mean " + word + "?"
	}
	return ""
}
