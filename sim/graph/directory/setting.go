package directory

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// settingRoutes serve the settings that hold for all groups of the tenant, made
// from the one template that is simulated (groupsetting-update,
// groupsetting-delete, group-post-settings).
func settingRoutes() []wire.Route {
	const typ, one = "groupSetting", "/groupSettings/{setting}"
	return []wire.Route{
		{Method: "GET", Path: "/groupSettings", Type: typ, Handle: listSettings},
		{Method: "POST", Path: "/groupSettings", Type: typ, Body: typ, Handle: createSetting},
		{Method: "GET", Path: one, Type: typ, Handle: onSetting(anyone, func(_ *wire.Call, d wire.Doc) (wire.Answer, error) {
			return wire.Entity(d), nil
		})},
		{Method: "PATCH", Path: one, Type: typ, Body: typ, Handle: onSetting(changeOrganization, updateSetting)},
		{Method: "DELETE", Path: one, Handle: onSetting(changeOrganization, func(c *wire.Call, d wire.Doc) (wire.Answer, error) {
			c.World.Settings.Delete(c.Tx, world.Text(d, "id"))
			return wire.Empty(http.StatusNoContent), nil
		})},
	}
}

func listSettings(c *wire.Call) (wire.Answer, error) {
	var docs []wire.Doc
	for _, d := range c.World.Settings.All(c.Tx) {
		docs = append(docs, d)
	}
	return wire.List(docs), nil
}

// onSetting finds the setting of the path for somebody who may.
func onSetting(needed right, do func(*wire.Call, wire.Doc) (wire.Answer, error)) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		d, ok := c.World.Settings.Get(c.Tx, c.Arg("setting"))
		if !ok {
			return wire.Answer{}, wire.NoResource(c.Arg("setting"))
		}
		if err := mayChange(c, needed, world.Object{}); err != nil {
			return wire.Answer{}, err
		}
		return do(c, d)
	}
}

// createSetting makes the settings; there can be one of a template.
func createSetting(c *wire.Call) (wire.Answer, error) {
	if err := mayChange(c, changeOrganization, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	if world.Text(c.Body, "templateId") != world.UnifiedTemplate {
		return wire.Answer{}, bad("Invalid value specified for property 'templateId' of resource 'GroupSetting'.")
	}
	if c.World.Settings.Len(c.Tx) > 0 {
		return wire.Answer{}, bad("A conflicting object with one or more of the specified property values is present in the directory.")
	}
	given, err := settingValues(c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Created(c.World.PutSetting(c.Tx, c.Tx.GUID(), given)), nil
}

func updateSetting(c *wire.Call, d wire.Doc) (wire.Answer, error) {
	given, err := settingValues(d)
	if err != nil {
		return wire.Answer{}, err
	}
	changed, err := settingValues(c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	for name, value := range changed {
		given[name] = value
	}
	c.World.PutSetting(c.Tx, world.Text(d, "id"), given)
	return wire.Empty(http.StatusNoContent), nil
}

// settingValues reads the values of a setting. Names that the template lacks are
// refused.
func settingValues(d wire.Doc) (map[string]string, error) {
	known := map[string]bool{}
	for _, v := range world.UnifiedDefaults() {
		known[v[0]] = true
	}
	out := map[string]string{}
	values, _ := d["values"].([]any)
	for _, v := range values {
		pair, _ := v.(wire.Doc)
		name := world.Text(pair, "name")
		if !known[name] {
			return nil, bad("The setting '%s' is not defined by the template.", name)
		}
		out[name] = world.Text(pair, "value")
	}
	return out, nil
}
