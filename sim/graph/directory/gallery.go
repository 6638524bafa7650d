package directory

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// nonGallery is the template of applications that stand in no gallery, the one
// that is simulated (applicationtemplate-instantiate).
const nonGallery = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"

// galleryRoutes serve the gallery of applications. To read it is in no permission
// table, so only making an application out of it is served.
func galleryRoutes() []wire.Route {
	return []wire.Route{{Method: "POST", Path: "/applicationTemplates/{applicationTemplate}/instantiate", Type: "applicationServicePrincipal",
		Context: "microsoft.graph.applicationServicePrincipal", Body: wire.Action, Handle: instantiate}}
}

// instantiate registers an application from the template, with its service
// principal.
func instantiate(c *wire.Call) (wire.Answer, error) {
	if id := c.Arg("applicationTemplate"); id != nonGallery {
		return wire.Answer{}, wire.NoResource(id)
	}
	if err := mayChange(c, changeApplications, world.Object{}); err != nil {
		return wire.Answer{}, err
	}
	if err := require(c.Body, "ApplicationTemplate", "displayName"); err != nil {
		return wire.Answer{}, err
	}
	app := c.World.NewApplication(c.Tx, wire.Doc{"displayName": c.Body["displayName"], "applicationTemplateId": nonGallery})
	principal := c.World.NewServicePrincipal(c.Tx, app)
	principal = c.World.ChangeObject(c.Tx, principal, wire.Doc{"applicationTemplateId": nonGallery, "appRoleAssignmentRequired": true,
		"tags": []any{"WindowsAzureActiveDirectoryCustomSingleSignOnApplication", "WindowsAzureActiveDirectoryIntegratedApp"}})
	for _, o := range []world.Object{app, principal} {
		ownWhatIsMade(c, o)
		c.Touch("", o.ID, world.Create)
	}
	a := wire.Entity(wire.Doc{"application": public(app.Doc), "servicePrincipal": public(principal.Doc)})
	a.Status = http.StatusCreated
	return a, nil
}
