package exchange

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/opath"
)

// scopes are the cmdlets for management scopes (documentation of New-, Get-, Set-
// and Remove-ManagementScope).
func scopes() []cmdlet {
	return []cmdlet{
		{name: "New-ManagementScope", needs: []string{"Name", "RecipientRestrictionFilter"}, writes: true, run: newScope},
		{name: "Get-ManagementScope", takes: []string{"Identity"}, run: getScopes},
		{name: "Set-ManagementScope", needs: []string{"Identity"}, takes: []string{"Name", "RecipientRestrictionFilter"}, writes: true, run: setScope},
		{name: "Remove-ManagementScope", needs: []string{"Identity"}, writes: true, confirms: true, run: removeScope},
	}
}

func newScope(c *call) ([]Doc, error) {
	s := world.ManagementScope{Name: c.text("Name"), Filter: c.text("RecipientRestrictionFilter"), GUID: c.tx.GUID()}
	if err := checkName(s.Name); err != nil {
		return nil, err
	}
	if err := checkFilter(s.Filter); err != nil {
		return nil, err
	}
	if c.World.Scopes.Has(c.tx, strings.ToLower(s.Name)) {
		return nil, taken(s.Name)
	}
	if c.wet(s.Name, world.Create) {
		c.World.PutScope(c.tx, s)
	}
	return []Doc{scopeDoc(s)}, nil
}

// checkName holds a name to its 64 characters.
func checkName(name string) error {
	if len([]rune(name)) > 64 {
		return bad(validKind, "The length of the property is too long. The maximum length is 64 and the length of the value provided is %d.", len([]rune(name)))
	}
	return nil
}

func checkFilter(text string) error {
	f, err := opath.Parse(text)
	if err != nil {
		return bad(argumentKind, "Invalid filter syntax. For a description of the filter parameter syntax see the command help. \"%s\": %v.", text, err)
	}
	for _, property := range f.Properties() {
		if !world.RecipientProperty(property) {
			return bad(argumentKind, "\"%s\" is not a recognized filterable property. For a complete list of filterable properties see the command help.", property)
		}
	}
	return nil
}

func getScopes(c *call) ([]Doc, error) {
	if c.has("Identity") {
		s, err := c.scope(c.text("Identity"))
		if err != nil {
			return nil, err
		}
		return []Doc{scopeDoc(s)}, nil
	}
	var out []Doc
	for _, s := range c.World.Scopes.All(c.tx) {
		out = append(out, scopeDoc(s))
	}
	return out, nil
}

// setScope changes the filter. A scope cannot be renamed while this simulator
// keeps assignments by its name.
func setScope(c *call) ([]Doc, error) {
	s, err := c.scope(c.text("Identity"))
	if err != nil {
		return nil, err
	}
	if c.has("Name") && !strings.EqualFold(c.text("Name"), s.Name) {
		c.Log.Warn("not simulated, refused", "cmdlet", "Set-ManagementScope", "parameter", "Name")
		return nil, bad(bindingKind, "A parameter cannot be found that matches parameter name 'Name'.")
	}
	if c.has("RecipientRestrictionFilter") {
		if err := checkFilter(c.text("RecipientRestrictionFilter")); err != nil {
			return nil, err
		}
		s.Filter = c.text("RecipientRestrictionFilter")
	}
	if c.wet(s.Name, world.Update) {
		c.World.PutScope(c.tx, s)
	}
	return nil, nil
}

func removeScope(c *call) ([]Doc, error) {
	s, err := c.scope(c.text("Identity"))
	if err != nil {
		return nil, err
	}
	for _, a := range c.World.Assignments.All(c.tx) {
		if strings.EqualFold(a.Scope, s.Name) && a.Until == nil {
			return nil, bad("Microsoft.Exchange.Management.RbacTasks.CannotRemoveScopeWithAssignments",
				"The management scope \"%s\" can't be removed because it's being used by the role assignment \"%s\".", s.Name, a.Name)
		}
	}
	if c.wet(s.Name, world.Delete) {
		c.World.Scopes.Delete(c.tx, strings.ToLower(s.Name))
	}
	return nil, nil
}

func (c *call) scope(id string) (world.ManagementScope, error) {
	if s, ok := c.World.Scopes.Get(c.tx, strings.ToLower(id)); ok {
		return s, nil
	}
	for _, s := range c.World.Scopes.All(c.tx) {
		if strings.EqualFold(s.GUID, id) {
			return s, nil
		}
	}
	return world.ManagementScope{}, notFound(id)
}

func scopeDoc(s world.ManagementScope) Doc {
	return Doc{"Name": s.Name, "Identity": s.Name, "Id": s.Name, "Guid": s.GUID, "RecipientFilter": s.Filter, "RecipientRoot": "", "Exclusive": false,
		"ScopeRestrictionType": "RecipientScope", "ServerFilter": "", "DatabaseFilter": "", "IsValid": true, "ObjectState": "Unchanged"}
}
