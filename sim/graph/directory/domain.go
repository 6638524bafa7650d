package directory

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// domainRoutes show the tenant's domains, which are all verified. They cannot be
// changed.
func domainRoutes() []wire.Route {
	const item = "/domains/{domain}"
	return []wire.Route{
		{Method: "GET", Path: "/domains", Type: "domain", Query: listing(), Handle: func(c *wire.Call) (wire.Answer, error) {
			return wire.List(domains(c)), nil
		}},
		{Method: "GET", Path: item, Type: "domain", Query: single(), Handle: func(c *wire.Call) (wire.Answer, error) {
			d, err := domain(c)
			return wire.Entity(d), err
		}},
		{Method: "GET", Path: item + "/domainNameReferences", Type: "directoryObject", Context: "directoryObjects",
			Default: defaults(), Query: listing(), Handle: domainReferences},
	}
}

func domains(c *wire.Call) []wire.Doc {
	var docs []wire.Doc
	for i, name := range c.World.Domains() {
		docs = append(docs, wire.Doc{"id": name, "authenticationType": "Managed", "availabilityStatus": nil,
			"isAdminManaged": true, "isDefault": i == 0, "isInitial": strings.HasSuffix(name, ".onmicrosoft.com"),
			"isRoot": true, "isVerified": true, "supportedServices": []any{"Email", "OfficeCommunicationsOnline"}})
	}
	return docs
}

func domain(c *wire.Call) (wire.Doc, error) {
	for _, d := range domains(c) {
		if strings.EqualFold(world.Text(d, "id"), c.Arg("domain")) {
			return d, nil
		}
	}
	return nil, wire.NoResource(c.Arg("domain"))
}

// domainReferences lists the users and groups with a name in the domain
// (domain-list-domainnamereferences).
func domainReferences(c *wire.Call) (wire.Answer, error) {
	d, err := domain(c)
	if err != nil {
		return wire.Answer{}, err
	}
	suffix := "@" + strings.ToLower(world.Text(d, "id"))
	var found []world.Object
	for _, typ := range []string{"user", "group"} {
		for o := range c.World.ObjectsOf(c.Tx, typ) {
			names := strings.ToLower(world.Text(o.Doc, "userPrincipalName") + " " + world.Text(o.Doc, "mail") + " ")
			if strings.Contains(names, suffix+" ") {
				found = append(found, o)
			}
		}
	}
	return wire.List(described(c, found)), nil
}
