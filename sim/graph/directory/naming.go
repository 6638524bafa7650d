package directory

import (
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// validate says whether a group could take the names: 204, or 422 with what is
// wrong. The naming policy is asked first, then whether the nickname is free
// (directoryobject-validateproperties, group-validateproperties).
func validate(c *wire.Call, o world.Object) (wire.Answer, error) {
	if wrong := misnamed(c); len(wrong) > 0 {
		return wire.Answer{}, unprocessable(wrong)
	}
	if err := unique(c, o, "mailNickname", c.Body["mailNickname"], "group", "user"); err != nil {
		return wire.Answer{}, unprocessable([]any{wire.Doc{"target": "mailNickname", "code": "PropertyConflict",
			"message": "Another object with the same value for property mailNickname already exists."}})
	}
	return wire.Empty(http.StatusNoContent), nil
}

func unprocessable(details []any) error {
	p := wire.Refuse(http.StatusUnprocessableEntity, "Request_UnprocessableEntity", "The values provided contain one or more validation errors.")
	p.Extra = wire.Doc{"details": details}
	return p
}

// misnamed lists the names that break the prefix and suffix of the naming policy.
func misnamed(c *wire.Call) []any {
	prefix, suffix := c.World.NamingPolicy(c.Tx)
	if prefix == "" && suffix == "" || aboveNaming(c) {
		return nil
	}
	var wrong []any
	for _, property := range []string{"displayName", "mailNickname"} {
		name, given := c.Body[property].(string)
		if !given || strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			continue
		}
		wrong = append(wrong, wire.Doc{"target": property, "code": "MissingPrefixSuffix", "prefix": prefix, "suffix": suffix,
			"message": "Property " + property + " is missing a required prefix/suffix per your organization's Group naming requirements."})
	}
	return wrong
}

// aboveNaming says whether the names are judged for somebody whom the policy
// leaves alone: user administrators and global ones. It is judged for
// onBehalfOfUserId, or else for the caller.
func aboveNaming(c *wire.Call) bool {
	user := world.Text(c.Body, "onBehalfOfUserId")
	if user == "" {
		user = c.Caller.User
	}
	return user != "" && slices.ContainsFunc(c.World.RolesHeld(c.Tx, user), func(role string) bool {
		return role == world.GlobalAdministrator || role == world.UserAdministrator
	})
}
