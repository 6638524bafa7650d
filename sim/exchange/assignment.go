package exchange

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// assignments are the cmdlets for roles given to apps (documentation of New-,
// Get- and Remove-ManagementRoleAssignment, parameter set App).
func assignments() []cmdlet {
	return []cmdlet{
		{name: "New-ManagementRoleAssignment", needs: []string{"Role", "App"}, takes: []string{"Name", "CustomResourceScope", "RecipientGroupScope", "Force"}, writes: true, run: newAssignment},
		{name: "Get-ManagementRoleAssignment", takes: []string{"Identity", "RoleAssignee", "Role", "RoleAssigneeType"}, run: getAssignments},
		{name: "Remove-ManagementRoleAssignment", needs: []string{"Identity"}, takes: []string{"Force"}, writes: true, confirms: true, run: removeAssignment},
	}
}

func newAssignment(c *call) ([]Doc, error) {
	p, err := c.principal(c.text("App"))
	if err != nil {
		return nil, err
	}
	a := world.ExchangeAssignment{Principal: p.ObjectID, Role: roleName(c.text("Role")), Name: c.text("Name")}
	if a.Role == "" {
		return nil, notFound(c.text("Role"))
	}
	if err := c.scopeOf(&a); err != nil {
		return nil, err
	}
	if a.Name == "" {
		a.Name = c.freeName(a.Role + "-" + p.ObjectID)
	}
	if err := checkName(a.Name); err != nil {
		return nil, err
	}
	if _, there := c.World.Assignment(c.tx, a.Name); there {
		return nil, taken(a.Name)
	}
	if c.wet(a.Name, world.Create) {
		c.World.PutAssignment(c.tx, a)
	}
	return []Doc{c.assignmentDoc(a)}, nil
}

// scopeOf takes the scope that a new assignment names: one at most.
func (c *call) scopeOf(a *world.ExchangeAssignment) error {
	switch {
	case c.has("CustomResourceScope") && c.has("RecipientGroupScope"):
		return bad(bindingKind, "Parameter set cannot be resolved using the specified named parameters.")
	case c.has("CustomResourceScope"):
		s, err := c.scope(c.text("CustomResourceScope"))
		a.Scope = s.Name
		return err
	case c.has("RecipientGroupScope"):
		g, err := c.group(c.text("RecipientGroupScope"))
		a.Group = g.ID
		return err
	}
	return nil
}

// roleName gives an application role in its spelling, or "".
func roleName(name string) string {
	for _, permission := range []string{"Mail.Read", "Mail.ReadBasic", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read", "MailboxSettings.ReadWrite",
		"Calendars.Read", "Calendars.ReadWrite", "Contacts.Read", "Contacts.ReadWrite", "Mail Full Access", "Exchange Full Access"} {
		if role := "Application " + permission; strings.EqualFold(role, name) {
			return role
		}
	}
	return ""
}

// freeName is the name that Exchange gives an assignment by itself.
func (c *call) freeName(name string) string {
	name = string([]rune(name)[:min(len([]rune(name)), 60)])
	for n := 0; ; n++ {
		free := name
		if n > 0 {
			free = fmt.Sprintf("%s-%d", name, n)
		}
		if _, there := c.World.Assignment(c.tx, free); !there {
			return free
		}
	}
}

func getAssignments(c *call) ([]Doc, error) {
	assignee := ""
	if c.has("RoleAssignee") {
		p, err := c.principal(c.text("RoleAssignee"))
		if err != nil {
			return nil, err
		}
		assignee = p.ObjectID
	}
	var out []Doc
	for _, a := range c.World.Assignments.All(c.tx) {
		named := !c.has("Identity") || strings.EqualFold(a.Name, c.text("Identity"))
		role := !c.has("Role") || strings.EqualFold(a.Role, c.text("Role"))
		if a.Until == nil && a.Name != "" && named && role && (assignee == "" || a.Principal == assignee) {
			out = append(out, c.assignmentDoc(a))
		}
	}
	if c.has("Identity") && len(out) == 0 {
		return nil, notFound(c.text("Identity"))
	}
	return out, nil
}

func removeAssignment(c *call) ([]Doc, error) {
	a, there := c.World.Assignment(c.tx, c.text("Identity"))
	if !there {
		return nil, notFound(c.text("Identity"))
	}
	if c.wet(a.Name, world.Delete) {
		c.World.EndAssignment(c.tx, a.Name)
	}
	return nil, nil
}

func (c *call) assignmentDoc(a world.ExchangeAssignment) Doc {
	kind := "Organization"
	switch {
	case a.Scope != "":
		kind = "CustomRecipientScope"
	case a.Group != "":
		kind = "Group"
	}
	return Doc{"Name": a.Name, "Identity": a.Name, "Id": a.Name, "Guid": world.StableID(0, "assignment", a.Name), "Role": a.Role, "App": a.Principal,
		"RoleAssignee": a.Principal, "RoleAssigneeName": a.Principal, "RoleAssigneeType": "ServicePrincipal", "Enabled": true,
		"CustomResourceScope": a.Scope, "RecipientGroupScope": a.Group, "RecipientWriteScope": kind, "RecipientReadScope": kind,
		"RoleAssignmentDelegationType": "Regular", "IsValid": true, "ObjectState": "Unchanged"}
}
