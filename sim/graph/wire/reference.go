package wire

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/sim/world"
)

// Reference reads the body of a request to a $ref: {"@odata.id": "…"}.
func (c *Call) Reference() (string, error) {
	var body struct {
		ID string `json:"@odata.id"`
	}
	if err := json.Unmarshal(c.Raw, &body); err != nil || body.ID == "" {
		return "", Refuse(http.StatusBadRequest, "Request_BadRequest", "A value without a reference was found: the body must be an object with '@odata.id'.")
	}
	return body.ID, nil
}

// Referred finds the directory object that a reference leads to: the last key of
// a URL or of a path.
func (c *Call) Referred(ref string) (world.Object, error) {
	at := ref
	for _, version := range []string{"/v1.0", "/beta"} {
		if _, below, found := strings.Cut(ref, version); found {
			at = below
		}
	}
	path, err := odata.ParsePath(at)
	if err != nil || len(path) < 2 || strings.Contains(at, "://") {
		return world.Object{}, Refuse(http.StatusBadRequest, "Request_BadRequest", "Invalid URL format specified in @odata.bind or @odata.id: '%s'.", ref)
	}
	key := path[len(path)-1].Text
	if o, ok := c.World.Object(c.Tx, key); ok {
		return o, nil
	}
	if o, ok := c.World.User(c.Tx, key); ok {
		return o, nil
	}
	return world.Object{}, NoResource(key)
}
