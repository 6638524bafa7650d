package exchange

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// principals are the cmdlets for Exchange's pointers to service principals
// (documentation of New-, Get- and Remove-ServicePrincipal).
func principals() []cmdlet {
	return []cmdlet{
		{name: "New-ServicePrincipal", needs: []string{"AppId", "ObjectId"}, takes: []string{"DisplayName"}, writes: true, run: newPrincipal},
		{name: "Get-ServicePrincipal", takes: []string{"Identity", "ResultSize"}, run: getPrincipals},
		{name: "Remove-ServicePrincipal", needs: []string{"Identity"}, writes: true, confirms: true, run: removePrincipal},
		{name: "Test-ServicePrincipalAuthorization", needs: []string{"Identity"}, takes: []string{"Resource"}, run: testAuthorization},
	}
}

// newPrincipal takes any object id: Exchange does not ask Entra, and a wrong one
// fails later, silently (graph-facts §12.2).
func newPrincipal(c *call) ([]Doc, error) {
	app, object := c.text("AppId"), c.text("ObjectId")
	for name, id := range map[string]string{"AppId": app, "ObjectId": object} {
		if !isGUID(id) {
			return nil, bad(argumentKind, "The value of the parameter %s is not a valid GUID.", name)
		}
	}
	for _, p := range c.World.Referred.All(c.tx) {
		if strings.EqualFold(p.AppID, app) || strings.EqualFold(p.ObjectID, object) {
			return nil, taken(app)
		}
	}
	p := world.ExchangePrincipal{AppID: strings.ToLower(app), ObjectID: strings.ToLower(object), DisplayName: c.text("DisplayName"), GUID: c.tx.GUID()}
	if c.wet(p.ObjectID, world.Create) {
		c.World.Referred.Put(c.tx, p.AppID, p)
	}
	return []Doc{principalDoc(p)}, nil
}

func getPrincipals(c *call) ([]Doc, error) {
	if c.has("Identity") {
		p, err := c.principal(c.text("Identity"))
		if err != nil {
			return nil, err
		}
		return []Doc{principalDoc(p)}, nil
	}
	var out []Doc
	for _, p := range c.World.Referred.All(c.tx) {
		out = append(out, principalDoc(p))
	}
	return c.limit(out), nil
}

func removePrincipal(c *call) ([]Doc, error) {
	p, err := c.principal(c.text("Identity"))
	if err != nil {
		return nil, err
	}
	if c.wet(p.ObjectID, world.Delete) {
		for _, a := range c.World.Assignments.All(c.tx) {
			if a.Principal == p.ObjectID && a.Name != "" {
				c.World.EndAssignment(c.tx, a.Name)
			}
		}
		c.World.Referred.Delete(c.tx, p.AppID)
	}
	return nil, nil
}

// principal finds a pointer by whatever identifies it.
func (c *call) principal(id string) (world.ExchangePrincipal, error) {
	for _, p := range c.World.Referred.All(c.tx) {
		for _, own := range []string{p.AppID, p.ObjectID, p.GUID, p.DisplayName} {
			if own != "" && strings.EqualFold(own, id) {
				return p, nil
			}
		}
	}
	return world.ExchangePrincipal{}, notFound(id)
}

func principalDoc(p world.ExchangePrincipal) Doc {
	return Doc{"AppId": p.AppID, "ObjectId": p.ObjectID, "DisplayName": p.DisplayName, "Guid": p.GUID, "Name": p.ObjectID, "Identity": p.ObjectID, "Id": p.ObjectID,
		"ObjectState": "Unchanged", "IsValid": true}
}

// testAuthorization says what a service principal may do by roles of Exchange's
// own, and whether a mailbox is in scope. It goes by what is written down, not by
// what servers remember (graph-facts §12.2).
func testAuthorization(c *call) ([]Doc, error) {
	p, err := c.principal(c.text("Identity"))
	if err != nil {
		return nil, err
	}
	mailbox := ""
	if c.has("Resource") {
		o, err := c.mailbox(c.text("Resource"))
		if err != nil {
			return nil, err
		}
		mailbox = o.ID
	}
	var out []Doc
	for _, a := range c.World.Assignments.All(c.tx) {
		if a.Principal != p.ObjectID || a.Until != nil {
			continue
		}
		d := Doc{"RoleName": a.Role, "GrantedPermissions": strings.Join(world.ExchangeRole(a.Role), ", "), "AllowedResourceScope": "Organization",
			"ScopeType": "Organization", "InScope": "Not Run"}
		switch {
		case a.Scope != "":
			d["AllowedResourceScope"], d["ScopeType"] = a.Scope, "CustomRecipientScope"
		case a.Group != "":
			d["AllowedResourceScope"], d["ScopeType"] = a.Group, "Group"
		}
		if mailbox != "" {
			d["InScope"] = map[bool]string{true: "True", false: "False"}[c.World.Covers(c.tx, a, mailbox, true)]
		}
		out = append(out, d)
	}
	return out, nil
}

// isGUID says whether s is a GUID as Microsoft writes ids.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range []byte(strings.ToLower(s)) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (r == '-') || !dash && !strings.ContainsRune("0123456789abcdef", rune(r)) {
			return false
		}
	}
	return true
}
