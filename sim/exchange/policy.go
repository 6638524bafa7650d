package exchange

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// policies are the cmdlets for application access policies (documentation of New-,
// Get-, Remove- and Test-ApplicationAccessPolicy; graph-facts §12.1).
func policies() []cmdlet {
	return []cmdlet{
		{name: "New-ApplicationAccessPolicy", needs: []string{"AppId", "PolicyScopeGroupId", "AccessRight"}, takes: []string{"Description"}, writes: true, run: newPolicy},
		{name: "Get-ApplicationAccessPolicy", takes: []string{"Identity"}, run: getPolicies},
		{name: "Remove-ApplicationAccessPolicy", needs: []string{"Identity"}, writes: true, confirms: true, run: removePolicy},
		{name: "Test-ApplicationAccessPolicy", needs: []string{"AppId", "Identity"}, run: testPolicy},
	}
}

func newPolicy(c *call) ([]Doc, error) {
	right := world.AccessRight("")
	for _, known := range []world.AccessRight{world.RestrictAccess, world.DenyAccess} {
		if strings.EqualFold(c.text("AccessRight"), string(known)) {
			right = known
		}
	}
	if right == "" {
		return nil, bad(bindingKind, "Cannot process argument transformation on parameter 'AccessRight'. Cannot convert value \"%s\" to type \"ApplicationAccessPolicyRight\".", c.text("AccessRight"))
	}
	scope, err := c.scopeRecipient(c.text("PolicyScopeGroupId"))
	if err != nil {
		return nil, err
	}
	var out []Doc
	for _, app := range c.texts("AppId") {
		if app != "*" && !isGUID(app) {
			return nil, bad(argumentKind, "The AppId '%s' is not a valid GUID.", app)
		}
		id := c.World.TenantID + `\` + strings.ToLower(app) + ":" + world.SID(scope.ID) + ";" + c.tx.GUID()
		p := world.AccessPolicy{App: strings.ToLower(app), Scope: scope.ID, Right: right, Description: c.text("Description")}
		for _, have := range c.World.Policies.All(c.tx) {
			if have.Until == nil && have.App == p.App && have.Scope == p.Scope {
				return nil, taken(id)
			}
		}
		if c.wet(id, world.Create) {
			c.World.PutPolicy(c.tx, id, p)
		}
		out = append(out, c.policyDoc(id, p))
	}
	return out, nil
}

// scopeRecipient finds whom a policy is for: a user, or a group that can hold
// rights. A plain distribution list cannot.
func (c *call) scopeRecipient(id string) (world.Object, error) {
	o, err := c.recipient(id)
	if err != nil {
		return o, err
	}
	if o.Type == "group" && o.Doc["securityEnabled"] != true {
		return o, bad(recipientKind, "The group '%s' isn't a security principal. The policy scope must be a mail-enabled security group or a user.", id)
	}
	return o, nil
}

func getPolicies(c *call) ([]Doc, error) {
	var out []Doc
	for id, p := range c.World.Policies.All(c.tx) {
		if p.Until == nil && (!c.has("Identity") || strings.EqualFold(id, c.text("Identity"))) {
			out = append(out, c.policyDoc(id, p))
		}
	}
	if c.has("Identity") && len(out) == 0 {
		return nil, notFound(c.text("Identity"))
	}
	return out, nil
}

func removePolicy(c *call) ([]Doc, error) {
	id := c.text("Identity")
	p, there := c.World.Policies.Get(c.tx, id)
	if !there || p.Until != nil {
		return nil, notFound(id)
	}
	if c.wet(id, world.Delete) {
		c.World.EndPolicy(c.tx, id)
	}
	return nil, nil
}

// testPolicy goes by what is written down: it says Granted before servers do
// (graph-facts §12.1).
func testPolicy(c *call) ([]Doc, error) {
	o, err := c.mailbox(c.text("Identity"))
	if err != nil {
		return nil, err
	}
	result := "Granted"
	if c.World.Blocked(c.tx, c.text("AppId"), o.ID) {
		result = "Denied"
	}
	return []Doc{{"AppId": c.text("AppId"), "Mailbox": world.Text(o.Doc, "displayName"), "MailboxId": o.ID, "MailboxSid": world.SID(o.ID), "AccessCheckResult": result}}, nil
}

func (c *call) policyDoc(id string, p world.AccessPolicy) Doc {
	scope, _ := c.World.Object(c.tx, p.Scope)
	return Doc{"Identity": id, "AppId": p.App, "AccessRight": string(p.Right), "Description": p.Description, "ScopeName": world.Text(scope.Doc, "displayName"),
		"ScopeIdentity": world.Text(scope.Doc, "displayName"), "ScopeIdentityRaw": world.SID(p.Scope) + ";" + p.Scope, "ShardType": "All", "IsValid": true, "ObjectState": "Unchanged"}
}
