package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/graphwarden/graphwarden/api"
)

// contract is a face's description, as somebody else reads it: a validator that is
// not ours holds answers against it. It is closed: what it does not name may not
// be answered.
type contract struct {
	paths    map[string]map[string]operation
	compiler *jsonschema.Compiler
	mu       sync.Mutex
}

type operation struct {
	OperationID string   `json:"operationId"`
	Codes       []string `json:"x-codes"`
	Parameters  []struct {
		Name, In string
		Required bool
		Schema   struct {
			Type      any
			Format    string
			MaxLength int
			Maximum   *int
			Enum      []any
		}
	}
	RequestBody *struct {
		Content map[string]struct {
			Schema map[string]any
		}
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]any
	}
}

var contracts = struct {
	sync.Mutex
	of map[bool]*contract
}{of: map[bool]*contract{}}

func contractOf(t testing.TB, forApps bool) *contract {
	t.Helper()
	contracts.Lock()
	defer contracts.Unlock()
	if c := contracts.of[forApps]; c != nil {
		return c
	}
	raw := api.Describe(forApps)
	var document struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	closed(value.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any))
	c := &contract{paths: document.Paths, compiler: jsonschema.NewCompiler()}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", value); err != nil {
		t.Fatal(err)
	}
	contracts.of[forApps] = c
	return c
}

func closed(schemas map[string]any) {
	for _, s := range schemas {
		if s := s.(map[string]any); s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
	}
}

// find gives the operation that answers a request.
func (c *contract) find(method, path string) (template string, op operation, found bool) {
	path, _, _ = strings.Cut(path, "?")
	best := -1
	for t, ops := range c.paths {
		pattern := regexp.MustCompile(`\\\{[a-z_]+\\\}`).ReplaceAllString(regexp.QuoteMeta(t), `[^/]+`)
		o, has := ops[strings.ToLower(method)]
		literal := len(t) - strings.Count(t, "{")*100
		if has && literal > best-100000 && regexp.MustCompile("^"+pattern+"$").MatchString(path) && (template == "" || strings.Count(t, "{") < strings.Count(template, "{")) {
			best, template, op, found = literal, t, o, true
		}
	}
	return template, op, found
}

// holds says whether an answer is what the description promises.
func (c *contract) holds(t testing.TB, method, path string, w *httptest.ResponseRecorder) {
	t.Helper()
	template, op, found := c.find(method, path)
	kind, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	where := fmt.Sprintf("%s %s answered %d", method, path, w.Code)
	at := "#/components/schemas/Problem"
	if found {
		status := fmt.Sprint(w.Code)
		answer, described := op.Responses[status]
		if !described {
			status, answer = "default", op.Responses["default"]
		}
		if w.Code < 400 && !described {
			t.Errorf("%s, which is not described", where)
			return
		}
		if _, right := answer.Content[kind]; w.Body.Len() > 0 && !right {
			t.Errorf("%s as %q, which is not described", where, kind)
			return
		}
		at = "#/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(template) + "/" + strings.ToLower(method) + "/responses/" + status +
			"/content/" + strings.ReplaceAll(kind, "/", "~1") + "/schema"
	} else if w.Code < 400 {
		t.Errorf("%s, and is not described at all", where)
		return
	}
	if w.Body.Len() == 0 || kind != "application/json" && kind != "application/problem+json" {
		return
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes()))
	if err == nil {
		err = c.schema(t, strings.NewReplacer("{", "%7B", "}", "%7D").Replace(at)).Validate(value)
	}
	if err != nil {
		t.Errorf("%s, which is not as described: %v\n%s", where, err, w.Body)
	}
	if kind == "application/problem+json" && found {
		var p api.Problem
		_ = json.Unmarshal(w.Body.Bytes(), &p) // it has just been validated
		if !slices.ContainsFunc(op.Codes, func(code string) bool {
			room, all := strings.CutSuffix(code, ".*")
			return code == p.Code || all && strings.HasPrefix(p.Code, room+".")
		}) {
			t.Errorf("%s with %s, which is not among the codes of %s: %v", where, p.Code, op.OperationID, op.Codes)
		}
	}
}

func (c *contract) schema(t testing.TB, at string) *jsonschema.Schema {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	s, err := c.compiler.Compile("openapi.json" + at)
	if err != nil {
		t.Fatalf("%s: %v", at, err)
	}
	return s
}

// TestTheDescriptionsAreThoseInTheDocuments holds both descriptions against their
// copies in docs. What would break a client is named; anything else is accepted
// with -update.
func TestTheDescriptionsAreThoseInTheDocuments(t *testing.T) {
	for forApps, file := range map[bool]string{true: "../docs/openapi.json", false: "../docs/openapi-operators.json"} {
		now := api.Describe(forApps)
		then, err := os.ReadFile(file)
		if err == nil {
			for _, broken := range breaks(t, then, now) {
				t.Errorf("%s: a client of before would break: %s", file, broken)
			}
		}
		switch {
		case *update && !t.Failed():
			if err := os.WriteFile(file, now, 0o644); err != nil {
				t.Fatal(err)
			}
		case err != nil || !bytes.Equal(then, now):
			t.Errorf("%s is not what is served (%v): go test ./api -run Descriptions -update", file, err)
		}
	}
}

// breaks names what a client that was made with the description before could not
// live with: a path, answer or property that is gone, a type that is another, a
// parameter or property of a request that is gone, needed now or narrower.
func breaks(t *testing.T, then, now []byte) (list []string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(then, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(now, &b); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, a, b any)
	walk = func(at string, a, b any) {
		switch a := a.(type) {
		case map[string]any:
			m, same := b.(map[string]any)
			if !same {
				list = append(list, at+" is gone")
				return
			}
			for name, inner := range a {
				if slices.Contains([]string{"description", "summary", "example", "examples", "info", "tags", "servers", "x-codes", "headers"}, name) {
					continue
				}
				other, there := m[name]
				if !there && slices.Contains([]string{"maxLength", "maxItems", "maximum", "minLength", "minimum", "required", "additionalProperties"}, name) {
					continue // less is asked for
				}
				walk(at+"/"+name, inner, other)
			}
			if request := strings.Contains(at, "Request") || strings.Contains(at, "/parameters/"); request {
				for _, bound := range []string{"maxLength", "maxItems", "maximum", "enum", "format"} {
					if _, had := a[bound]; !had && m[bound] != nil {
						list = append(list, at+" has a "+bound)
					}
				}
			}
		case []any:
			m, _ := b.([]any)
			switch {
			case strings.HasSuffix(at, "/parameters"):
				list = append(list, parametersBreak(at, a, m)...)
			case strings.HasSuffix(at, "/required") && strings.Contains(at, "Request/"):
				for _, name := range m {
					if !slices.Contains(a, name) {
						list = append(list, fmt.Sprintf("%s: %v is needed now", at, name))
					}
				}
			default:
				for _, value := range a {
					if !slices.ContainsFunc(m, func(other any) bool { return fmt.Sprint(other) == fmt.Sprint(value) }) {
						list = append(list, fmt.Sprintf("%s: %v is gone", at, value))
					}
				}
			}
		default:
			if fmt.Sprint(a) != fmt.Sprint(b) && !bound(at, a, b) {
				list = append(list, fmt.Sprintf("%s was %v and is %v", at, a, b))
			}
		}
	}
	walk("", a, b)
	slices.Sort(list)
	return list
}

// bound says whether a limit has only become wider.
func bound(at string, a, b any) bool {
	x, isX := a.(float64)
	y, isY := b.(float64)
	name := at[strings.LastIndex(at, "/")+1:]
	return isX && isY && (strings.HasPrefix(name, "max") && y > x || strings.HasPrefix(name, "min") && y < x) || name == "openapi" || name == "version" || name == "operationId" && a == b
}

func parametersBreak(at string, a, b []any) (list []string) {
	named := map[string]map[string]any{}
	for _, p := range b {
		p := p.(map[string]any)
		named[fmt.Sprint(p["in"], " ", p["name"])] = p
	}
	for _, p := range a {
		p := p.(map[string]any)
		key := fmt.Sprint(p["in"], " ", p["name"])
		now, there := named[key]
		switch {
		case !there:
			list = append(list, at+": "+key+" is gone")
		case p["required"] != true && now["required"] == true:
			list = append(list, at+": "+key+" is needed now")
		case fmt.Sprint(p["schema"].(map[string]any)["type"]) != fmt.Sprint(now["schema"].(map[string]any)["type"]):
			list = append(list, at+": "+key+" is of another type")
		}
		delete(named, key)
	}
	for key, p := range named {
		if p["required"] == true {
			list = append(list, at+": "+key+" is new and needed")
		}
	}
	return list
}

func TestWhatBreaksAClientIsSeen(t *testing.T) {
	now := string(api.Describe(false))
	for old, broken := range map[string]string{
		`"operationId": "listFeeds"`: `"operationId": "getFeeds"`,
		`"age_seconds": {`:           `"age": {`,
		`"/v1/skipped": {`:           `"/v1/left": {`,
	} {
		if !strings.Contains(now, old) {
			t.Fatalf("the description has no %s", old)
		}
		if list := breaks(t, []byte(now), []byte(strings.Replace(now, old, broken, 1))); len(list) == 0 {
			t.Errorf("%s for %s is not seen", broken, old)
		}
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(now), &document); err != nil {
		t.Fatal(err)
	}
	feeds := document["paths"].(map[string]any)["/v1/feeds"].(map[string]any)["get"].(map[string]any)
	feeds["parameters"] = append(feeds["parameters"].([]any), map[string]any{"name": "x", "in": "query", "required": false, "schema": map[string]any{"type": "string"}})
	more, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if list := breaks(t, []byte(now), more); len(list) > 0 {
		t.Errorf("something more breaks: %v", list)
	}
	if list := breaks(t, more, []byte(now)); len(list) != 1 {
		t.Errorf("something less: %v", list)
	}
}
