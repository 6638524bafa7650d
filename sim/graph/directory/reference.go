package directory

import (
	"encoding/json"
	"strings"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// reference reads the body of a request to a $ref: {"@odata.id": "…"}.
func reference(c *wire.Call) (string, error) {
	var body struct {
		ID string `json:"@odata.id"`
	}
	if err := json.Unmarshal(c.Raw, &body); err != nil || body.ID == "" {
		return "", bad("A value without a reference was found: the body must be an object with '@odata.id'.")
	}
	return body.ID, nil
}

// referred finds the object that a reference leads to: the last key of a URL or
// of a path.
func referred(c *wire.Call, ref string) (world.Object, error) {
	at := ref
	for _, version := range []string{"/v1.0", "/beta"} {
		if _, below, found := strings.Cut(ref, version); found {
			at = below
		}
	}
	path, err := odata.ParsePath(at)
	if err != nil || len(path) < 2 || strings.Contains(at, "://") {
		return world.Object{}, bad("Invalid URL format specified in @odata.bind or @odata.id: '%s'.", ref)
	}
	key := path[len(path)-1].Text
	if o, ok := c.World.Object(c.Tx, key); ok {
		return o, nil
	}
	if o, ok := c.World.User(c.Tx, key); ok {
		return o, nil
	}
	return world.Object{}, wire.NoResource(key)
}
