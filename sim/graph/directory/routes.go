package directory

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
)

// Routes gives the family's routes.
func Routes() []wire.Route {
	return slices.Concat(
		kindRoutes(), relationRoutes(), membershipRoutes(), deltaRoutes(),
		userRoutes(), groupRoutes(), credentialRoutes(),
		assignmentRoutes(), consentRoutes(), classificationRoutes(),
		templateRoutes(), galleryRoutes(), domainRoutes(), objectRoutes(), deletedRoutes(), settingRoutes(),
	)
}
