package wire

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/edm"
)

// maxBody is what Graph takes in one request (graph-facts §6: 4 MB).
const maxBody = 4 << 20

// readBody reads the body by what the route wants and checks it against the
// schema.
func (k *Kernel) readBody(c *Call) error {
	if c.Method == http.MethodGet || c.Method == http.MethodDelete {
		return nil
	}
	body, err := c.plain()
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return BadRequest("The request body could not be read.")
	case len(raw) > maxBody:
		return Refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than 4 MB.")
	}
	c.Raw = raw
	if c.Route.Body == "" {
		return nil
	}
	if err := c.decode(raw); err != nil {
		return err
	}
	return k.checkBody(c)
}

// plain gives the body without its content coding. Microsoft's own Go client
// sends every body compressed, and repeats it plainly after a 415 (msgraph-sdk-design,
// CompressionHandler).
func (c *Call) plain() (io.Reader, error) {
	switch coding := strings.ToLower(strings.TrimSpace(c.Request.Header.Get("Content-Encoding"))); coding {
	case "", "identity":
		return c.Request.Body, nil
	case "gzip":
		r, err := gzip.NewReader(c.Request.Body)
		if err != nil {
			return nil, BadRequest("The request body could not be read.")
		}
		return r, nil
	default:
		return nil, Refuse(http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The content coding '%s' is not supported.", coding)
	}
}

// decode reads a JSON object. A body without a content type is not read
// (Microsoft Graph: "Entity only allows writes with a JSON Content-Type header.").
func (c *Call) decode(raw []byte) error {
	if len(strings.TrimSpace(string(raw))) == 0 {
		if c.Route.Body == Action {
			c.Body = Doc{}
			return nil
		}
		return BadRequest("Empty Payload. JSON content expected.")
	}
	kind, _, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return BadRequest("Entity only allows writes with a JSON Content-Type header.")
	}
	if err := json.Unmarshal(raw, &c.Body); err != nil || c.Body == nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || c.Body == nil {
			return BadRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
		}
		return BadRequest("Unable to read JSON request payload. A JSON object is expected.")
	}
	return nil
}

// Action as a Route's Body means that the body holds the parameters of the
// action that the path ends in.
const Action = "action"

// checkBody holds the body against Microsoft's schema.
func (k *Kernel) checkBody(c *Call) error {
	mode := edm.Create
	if c.Method == http.MethodPatch {
		mode = edm.Update
	}
	var err error
	if c.Route.Body == Action {
		if err = k.model.CheckParams(c.Route.operation, c.Body); err == nil {
			k.model.TidyParams(c.Route.operation, c.Body)
		}
	} else if err = k.model.Check(c.Route.Body, c.Body, mode); err == nil {
		k.model.Tidy(c.Route.Body, c.Body)
	}
	if err != nil {
		return Refuse(http.StatusBadRequest, edm.Code, "%s", inGraphsWords(err))
	}
	return nil
}

// inGraphsWords is what Graph says about a body that it does not read; it does
// not say where.
func inGraphsWords(err error) string {
	var body *edm.BodyError
	if errors.As(err, &body) {
		return body.Message
	}
	return err.Error()
}
