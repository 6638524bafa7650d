package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// maxBatch is the number of requests in one batch (graph-facts §2.4).
const maxBatch = 20

// batchItem is one request of a $batch.
type batchItem struct {
	ID        string            `json:"id"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
	DependsOn []string          `json:"dependsOn"`
}

// batch runs the requests of a $batch one after the other, each as if it had
// come alone (graph-facts §2.4).
func (k *Kernel) batch(c *Call) (Answer, error) {
	var in struct {
		Requests []batchItem `json:"requests"`
	}
	if err := json.Unmarshal(c.Raw, &in); err != nil || in.Requests == nil {
		return Answer{}, BadRequest("Invalid batch payload format.")
	}
	if err := checkBatch(in.Requests); err != nil {
		return Answer{}, err
	}
	status := map[string]int{}
	responses := make([]any, 0, len(in.Requests))
	for _, item := range in.Requests {
		response := k.batchOne(c, item, status)
		status[item.ID] = response["status"].(int)
		responses = append(responses, response)
	}
	// A batch answer is not an OData resource and has no context.
	body, err := json.Marshal(Doc{"responses": responses})
	if err != nil {
		return Answer{}, err
	}
	return Answer{Status: http.StatusOK, Raw: body, ContentType: "application/json"}, nil
}

func checkBatch(items []batchItem) error {
	if len(items) > maxBatch {
		return Refuse(http.StatusBadRequest, "MaximumValueExceeded", "Number of batch request steps exceeds the maximum value of %d.", maxBatch)
	}
	seen := map[string]bool{}
	for _, i := range items {
		switch {
		case i.ID == "" || i.Method == "" || i.URL == "":
			return BadRequest("Write request id, method and url must be specified for every batch request.")
		case seen[strings.ToLower(i.ID)]:
			return BadRequest("Request id '%s' has to be unique in a batch.", i.ID)
		}
		seen[strings.ToLower(i.ID)] = true
		for _, d := range i.DependsOn {
			if !seen[strings.ToLower(d)] {
				return BadRequest("Request '%s' depends on '%s', which is not an earlier request of the batch.", i.ID, d)
			}
		}
	}
	return nil
}

// batchOne runs one request of a batch.
func (k *Kernel) batchOne(c *Call, item batchItem, status map[string]int) Doc {
	for _, d := range item.DependsOn {
		if status[d] >= 400 || status[d] == 0 {
			return problemItem(c, item.ID, Refuse(http.StatusFailedDependency, "FailedDependency", "Dependency '%s' failed.", d))
		}
	}
	r, err := c.batchRequest(item)
	if err != nil {
		return problemItem(c, item.ID, err)
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	k.entry.ServeHTTP(w, r)
	return batchAnswer(item.ID, w)
}

// batchRequest makes the request that an item of a batch stands for, with the
// outer request's token.
func (c *Call) batchRequest(item batchItem) (*http.Request, *Problem) {
	target, err := url.Parse(item.URL)
	switch {
	case err != nil || target.IsAbs() || target.Host != "":
		return nil, BadRequest("Invalid batch request url '%s'.", item.URL)
	case strings.EqualFold(strings.Trim(target.Path, "/"), "$batch"):
		return nil, BadRequest("Nested batch requests are not supported.")
	}
	body, problem := item.content()
	if problem != nil {
		return nil, problem
	}
	version := c.Base[strings.LastIndexByte(c.Base, '/'):]
	path := version + "/" + strings.TrimPrefix(item.URL, "/")
	r, err := http.NewRequestWithContext(c.Request.Context(), strings.ToUpper(item.Method), path, bytes.NewReader(body))
	if err != nil {
		return nil, BadRequest("Invalid batch request url '%s'.", item.URL)
	}
	for name, value := range item.Headers {
		r.Header.Set(name, value)
	}
	r.Host = c.Request.Host
	r.Header.Set("Authorization", c.Request.Header.Get("Authorization"))
	if p := c.Request.Header.Get("X-Forwarded-Proto"); p != "" {
		r.Header.Set("X-Forwarded-Proto", p)
	}
	if r.Header.Get("client-request-id") == "" {
		r.Header.Set("client-request-id", c.ClientRequestID)
	}
	return r, nil
}

// content gives an item's body as it would travel alone: JSON as it stands, a
// string as the bytes that it encodes.
func (i batchItem) content() ([]byte, *Problem) {
	if len(i.Body) == 0 || string(i.Body) == "null" {
		return nil, nil
	}
	kind := ""
	for name, value := range i.Headers {
		if strings.EqualFold(name, "Content-Type") {
			kind = value
		}
	}
	if kind == "" {
		return nil, BadRequest("Write request '%s' does not contain Content-Type header or body.", i.ID)
	}
	if i.Body[0] != '"' {
		return i.Body, nil
	}
	var encoded string
	if err := json.Unmarshal(i.Body, &encoded); err != nil {
		return nil, BadRequest("Invalid body in batch request '%s'.", i.ID)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, BadRequest("The body of batch request '%s' is not base64.", i.ID)
	}
	return raw, nil
}

func batchAnswer(id string, w *recorder) Doc {
	headers := Doc{}
	for _, name := range []string{"Content-Type", "Retry-After", "Location", "Etag", "Cache-Control"} {
		if v := w.header.Get(name); v != "" {
			headers[name] = v
		}
	}
	out := Doc{"id": id, "status": w.status, "headers": headers}
	raw := w.body.Bytes()
	switch {
	case len(raw) == 0:
	case strings.HasPrefix(w.header.Get("Content-Type"), "application/json"):
		out["body"] = json.RawMessage(raw)
	case strings.HasPrefix(w.header.Get("Content-Type"), "text/plain"):
		out["body"] = string(raw)
	default:
		out["body"] = base64.StdEncoding.EncodeToString(raw)
	}
	return out
}

// recorder keeps the answer to one request of a batch.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is the answer's header.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write keeps a part of the body.
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func problemItem(c *Call, id string, p *Problem) Doc {
	return Doc{"id": id, "status": p.Status, "headers": Doc{"Content-Type": "application/json"}, "body": p.envelope(c)}
}
