package directory

import (
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// templateRoutes show the directory roles that can be activated.
func templateRoutes() []wire.Route {
	return []wire.Route{
		{Method: "GET", Path: "/directoryRoleTemplates", Type: "directoryRoleTemplate", Query: wire.Offers{Directory: true},
			Handle: func(*wire.Call) (wire.Answer, error) {
				var docs []wire.Doc
				for _, t := range world.RoleTemplates() {
					docs = append(docs, templateDoc(t))
				}
				return wire.List(docs), nil
			}},
		{Method: "GET", Path: "/directoryRoleTemplates/{template}", Type: "directoryRoleTemplate", Query: wire.Offers{Directory: true},
			Handle: func(c *wire.Call) (wire.Answer, error) {
				t, ok := world.RoleTemplateOf(c.Arg("template"))
				if !ok {
					return wire.Answer{}, wire.NoResource(c.Arg("template"))
				}
				return wire.Entity(templateDoc(t)), nil
			}},
	}
}

func templateDoc(t world.RoleTemplate) wire.Doc {
	return wire.Doc{"id": t.ID, "deletedDateTime": nil, "displayName": t.Name, "description": t.Description}
}

// activateRole makes a directory role out of its template
// (directoryrole-post-directoryroles).
func activateRole(c *wire.Call, set wire.Doc) (world.Object, error) {
	if err := require(set, "DirectoryRole", "roleTemplateId"); err != nil {
		return world.Object{}, err
	}
	id := world.Text(set, "roleTemplateId")
	t, ok := world.RoleTemplateOf(id)
	if !ok {
		return world.Object{}, wire.NoResource(id)
	}
	if err := unique(c, world.Object{}, "roleTemplateId", t.ID, "directoryRole"); err != nil {
		return world.Object{}, err
	}
	return c.World.ActivateRole(c.Tx, t), nil
}
