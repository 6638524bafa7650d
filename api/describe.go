package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Edition is the version of the API that the description gives. The first number
// is that of the path, /v1; the second grows when something is added.
const Edition = "1.3.0"

func (a *API) describeRoutes() []route {
	return []route{{pattern: "GET /v1/openapi.json", name: "describe", about: "the description of this face of the API, OpenAPI 3.1", who: anybody,
		out: map[string]any{}, fresh: true, answer: a.describe}}
}

// describe answers with the description of the face that is asked.
func (a *API) describe(r *http.Request) (any, error) {
	return json.RawMessage(Describe(asked(r).face.apps)), nil
}

// Describe gives the description of a face, OpenAPI 3.1 in JSON. It is made of
// the table of routes, and says the same however a server is configured.
func Describe(forApps bool) []byte {
	a := everyRoute()
	f := a.operators
	if forApps {
		f = a.apps
	}
	text, err := json.MarshalIndent(f.document(), "", "  ")
	if err != nil {
		panic("writing the description: " + err.Error()) // it holds nothing but what JSON can write
	}
	return append(text, '\n')
}

var inPath = regexp.MustCompile(`\{([a-z_]+)\}`)

func (f *face) document() map[string]any {
	paths := map[string]any{}
	s := newSchemas()
	var tags []any
	for _, rt := range f.table {
		path, _ := paths[rt.path()].(map[string]any)
		if path == nil {
			path = map[string]any{}
			paths[rt.path()] = path
		}
		path[strings.ToLower(rt.method())] = f.operation(rt, s)
		tag := map[string]any{"name": rt.tag(), "description": tagWords(rt.tag())}
		if !slices.ContainsFunc(tags, func(t any) bool { return t.(map[string]any)["name"] == rt.tag() }) {
			tags = append(tags, tag)
		}
	}
	s.answers.Of(Problem{})
	scheme := map[string]any{"type": "http", "scheme": "bearer", "bearerFormat": "gwop_…", "description": "An operator's token: a personal one, or the owner's from the file operator.token beside the database."}
	title, server := "Graphwarden for operators", "http://127.0.0.1:8081"
	if f.apps {
		scheme["bearerFormat"], scheme["description"] = "gwk_…", "An app's key, made with: graphwarden apps key create APP; or a token that its tenant issued it for Graphwarden's API, where the configuration says so."
		title, server = "Graphwarden for apps", "http://127.0.0.1:8082"
	}
	return map[string]any{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": map[string]any{"title": title, "version": Edition, "summary": "The guarded way between your applications and Microsoft 365",
			"description": "Times are RFC 3339 in UTC. Every \"no\" is a problem document (RFC 9457) with a stable code that docs/errors.md explains. " +
				"Lists are read page by page: next of one page is the cursor of the following.",
			"license": map[string]any{"name": "Apache 2.0", "identifier": "Apache-2.0"},
			"contact": map[string]any{"name": "Graphwarden", "url": Documents + "api" + ".md"}},
		"servers":    []any{map[string]any{"url": server, "description": "this server, as configured when nothing is said"}},
		"security":   []any{map[string]any{"bearer": []any{}}},
		"tags":       tags,
		"paths":      paths,
		"components": map[string]any{"schemas": s.components(), "securitySchemes": map[string]any{"bearer": scheme}, "headers": f.headers()},
	}
}

func (f *face) headers() map[string]any {
	integer := map[string]any{"type": "integer"}
	all := map[string]any{
		"RequestId":          map[string]any{"description": "The id of the request, as the log names it.", "schema": map[string]any{"type": "string"}},
		"RateLimitLimit":     map[string]any{"description": "How many requests may come at once.", "schema": integer},
		"RateLimitRemaining": map[string]any{"description": "How many are left.", "schema": integer},
		"RateLimitReset":     map[string]any{"description": "After how many seconds all are there again.", "schema": integer},
		"RetryAfter":         map[string]any{"description": "After how many seconds to ask again.", "schema": integer},
		"ETag":               map[string]any{"description": "The version of the answer, for If-None-Match.", "schema": map[string]any{"type": "string"}},
	}
	if !f.apps {
		delete(all, "RateLimitLimit")
		delete(all, "RateLimitRemaining")
		delete(all, "RateLimitReset")
	}
	return all
}

func (f *face) operation(rt route, s schemas) map[string]any {
	op := map[string]any{"operationId": rt.name, "summary": capital(rt.about), "tags": []any{rt.tag()}, "x-codes": f.codes(rt)}
	if rt.who == anybody {
		op["security"] = []any{map[string]any{}}
	}
	op["description"] = capital(rt.about) + "."
	if f.apps && rt.writes {
		op["description"] = capital(rt.about) + ". The key must be one that may write."
	}
	var params []any
	for _, m := range inPath.FindAllStringSubmatch(rt.path(), -1) {
		params = append(params, map[string]any{"name": m[1], "in": "path", "required": true, "description": pathWords(m[1]), "schema": map[string]any{"type": "string", "maxLength": usualText, "minLength": 1}})
	}
	for _, p := range rt.query {
		params = append(params, p.described())
	}
	if f.apps && (rt.method() == http.MethodPost && !rt.repeats.keyless() || rt.repeats == own && rt.writes) {
		params = append(params, map[string]any{"name": tryHeader, "in": "header", "required": rt.method() == http.MethodPost,
			"description": "A key of the request's own, such as a UUID. The same request with the same key happens once.",
			"schema":      map[string]any{"type": "string", "minLength": 1, "maxLength": 255}})
	}
	if rt.matches {
		params = append(params, map[string]any{"name": "If-Match", "in": "header", "required": false,
			"description": "The version (ETag) that is known; if another is there, the flow's policy for conflicts decides.", "schema": map[string]any{"type": "string", "maxLength": 200}})
	}
	if len(params) > 0 {
		op["parameters"] = params
	}
	if rt.in != nil {
		t := reflect.TypeOf(rt.in)
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{
			"schema": s.requests.Describe(t), "examples": map[string]any{"usual": map[string]any{"value": sampleOf(t, true, 0)}}}}}
	}
	if rt.takes != "" {
		op["requestBody"] = map[string]any{"required": true, "content": map[string]any{rt.takes: map[string]any{"schema": map[string]any{"type": "string", "format": "binary"}}}}
	}
	op["responses"] = f.responses(rt, s)
	return op
}

func (p param) described() map[string]any {
	schema := map[string]any{"type": "string", "maxLength": usualText}
	if p.most > 0 {
		schema["maxLength"] = p.most
	}
	switch p.kind {
	case number:
		schema = map[string]any{"type": "integer", "minimum": p.least}
		if p.most > 0 {
			schema["maximum"] = p.most
		}
	case flag:
		schema = map[string]any{"type": "boolean"}
	case instant:
		schema = map[string]any{"type": "string", "format": "date-time"}
	}
	if len(p.oneOf) > 0 && p.kind != list {
		schema = map[string]any{"type": "string", "enum": p.oneOf}
	}
	out := map[string]any{"name": p.name, "in": "query", "required": p.needed, "description": capital(p.about) + ".", "schema": schema}
	if p.kind == list {
		items := map[string]any{"type": "string"}
		if len(p.oneOf) > 0 {
			items["enum"] = p.oneOf
		}
		out["schema"] = map[string]any{"type": "array", "maxItems": 100, "items": items}
	}
	if n, err := strconv.Atoi(p.sample); err == nil && p.kind == number {
		out["example"] = n
	} else if p.kind == list && p.sample != "" {
		out["example"] = []string{p.sample}
	} else if p.sample != "" {
		out["example"] = p.sample
	}
	return out
}

func (f *face) responses(rt route, s schemas) map[string]any {
	head := map[string]any{"X-Request-Id": ref("headers", "RequestId")}
	if f.apps && rt.who != anybody {
		for name, of := range map[string]string{"RateLimit-Limit": "RateLimitLimit", "RateLimit-Remaining": "RateLimitRemaining", "RateLimit-Reset": "RateLimitReset"} {
			head[name] = ref("headers", of)
		}
	}
	good := map[string]any{"description": "It is done.", "headers": head}
	if rt.out != nil {
		t := reflect.TypeOf(rt.out)
		kind, description := "application/json", "What was asked for."
		if rt.stream != nil {
			kind, description = "application/x-ndjson", "Lines of JSON, each of this form; an empty line is a sign of life."
		}
		if rt.events != nil {
			kind, description = "text/event-stream", "Server-sent events, whose data are of this form; a comment is a sign of life. Last-Event-ID goes on after an event."
		}
		content := map[string]any{"schema": s.answers.Describe(t)}
		if t.Kind() != reflect.Map {
			content["examples"] = map[string]any{"usual": map[string]any{"value": sampleOf(t, false, 0)}}
		}
		good["description"], good["content"] = description, map[string]any{kind: content}
	}
	if rt.raw != nil {
		good["description"], good["content"] = "What was asked for.", map[string]any{rt.kind: map[string]any{"schema": map[string]any{"type": "string"}}}
	}
	out := map[string]any{strconv.Itoa(rt.usual()): good}
	if rt.fresh {
		tagged := maps.Clone(head)
		tagged["ETag"] = ref("headers", "ETag")
		good["headers"] = tagged
		out["304"] = map[string]any{"description": "It is as it was: the version in If-None-Match.", "headers": tagged}
	}
	for _, status := range f.refusals(rt) {
		what := map[string]any{"description": capital(strings.ToLower(http.StatusText(status))) + ".", "headers": head,
			"content": map[string]any{"application/problem+json": map[string]any{"schema": s.answers.Of(Problem{})}}}
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			waits := maps.Clone(head)
			waits["Retry-After"] = ref("headers", "RetryAfter")
			what["headers"] = waits
		}
		out[strconv.Itoa(status)] = what
	}
	for status, other := range rt.also {
		content := map[string]any{"application/json": map[string]any{"schema": s.answers.Of(other)}}
		if status >= http.StatusBadRequest {
			content["application/problem+json"] = map[string]any{"schema": s.answers.Of(Problem{})}
		}
		out[strconv.Itoa(status)] = map[string]any{"description": capital(strings.ToLower(http.StatusText(status))) + ".", "headers": head, "content": content}
	}
	out["default"] = map[string]any{"description": "Anything else that is refused.", "headers": head,
		"content": map[string]any{"application/problem+json": map[string]any{"schema": s.answers.Of(Problem{})}}}
	return out
}

func ref(of, name string) map[string]any {
	return map[string]any{"$ref": fmt.Sprintf("#/components/%s/%s", of, name)}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
