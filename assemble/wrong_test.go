package assemble_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/flow"
)

// described is a face's description as an integrator's program reads it.
type described struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Security    []map[string]any
		Parameters  []struct {
			Name, In string
			Required bool
			Example  any
			Schema   struct {
				Type   string
				Format string
				Enum   []any
			}
		}
		RequestBody *struct {
			Content map[string]struct {
				Schema   map[string]any
				Examples map[string]struct{ Value any }
			}
		} `json:"requestBody"`
	}
	Components struct{ Schemas map[string]map[string]any }
}

// wrong is a request of which one thing is not as the gateway knows it, and what of
// it must be named.
type wrong struct {
	operation string
	path      string // parts in place of the usual ones, as name=value&…
	query     string
	body      any
	field     string
	code      string // "" is api.field of a body, api.query of a query
}

// asker sends wrong requests to one face.
type asker struct {
	*crmApp
	at, key  string
	document described
	parts    map[string]string // of paths, as they are right
	tried    map[string]int    // by operation
}

func (c *crmApp) asker(at, key string, forApps bool, parts map[string]string) *asker {
	c.Helper()
	a := &asker{crmApp: c, at: at, key: key, parts: parts, tried: map[string]int{}}
	if err := json.Unmarshal(api.Describe(forApps), &a.document); err != nil {
		c.Fatal(err)
	}
	return a
}

var part = regexp.MustCompile(`\{([a-z_]+)\}`)

// sends sends one wrong request and holds the answer against what must be said.
func (a *asker) sends(w wrong) {
	a.Helper()
	for path, operations := range a.document.Paths {
		for method, op := range operations {
			if op.OperationID != w.operation {
				continue
			}
			own, err := url.ParseQuery(w.path)
			if err != nil {
				a.Fatal(err)
			}
			path = part.ReplaceAllStringFunc(path, func(name string) string {
				name = strings.Trim(name, "{}")
				if own.Has(name) {
					return own.Get(name)
				}
				return a.parts[name]
			})
			a.judges(w, strings.ToUpper(method), path+"?"+w.query)
			return
		}
	}
	a.Errorf("there is no operation %s", w.operation)
}

func (a *asker) judges(w wrong, method, path string) {
	a.Helper()
	a.tried[w.operation]++
	if w.code == "" {
		w.code = map[bool]string{true: "api.query", false: "api.field"}[w.body == nil]
	}
	status, no := a.ask(a.at, a.key, method, path, w.body)
	fix, _ := no["fix"].(string)
	if status < 400 || status >= 500 || no["code"] != w.code || no["field"] != w.field || fix == "" || no["detail"] == "" {
		a.Errorf("%s %s with %v: want %s of %s, answered %d %v", method, path, w.body, w.code, w.field, status, no)
	}
}

// resolved follows a reference to a schema.
func (a *asker) resolved(s map[string]any) map[string]any {
	if ref, is := s["$ref"].(string); is {
		return a.document.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")]
	}
	return s
}

// otherwise is a value that a schema does not take; none for what takes any.
func otherwise(s map[string]any) (any, bool) {
	of := fmt.Sprint(s["type"])
	switch {
	case s["type"] == nil && s["$ref"] == nil && s["anyOf"] == nil:
		return nil, false
	case strings.Contains(of, "string"):
		return map[string]any{}, true
	}
	return "нет", true
}

// spoils sends every request of the description with each needed member absent, each
// member of another type, one that nobody knows, and each parameter of its query
// wrong.
func (a *asker) spoils() {
	a.Helper()
	for _, operations := range a.document.Paths {
		for _, op := range operations {
			query := url.Values{}
			for _, p := range op.Parameters {
				if p.In == "query" && p.Required {
					query.Set(p.Name, fmt.Sprint(p.Example))
				}
			}
			for _, p := range op.Parameters {
				if p.In != "query" {
					continue
				}
				list := []string{"\x00", strings.Repeat("x", 5000)}
				if p.Schema.Type == "integer" || p.Schema.Type == "boolean" || p.Schema.Format != "" || len(p.Schema.Enum) > 0 {
					list = append(list, "nonsense", "-1")
				}
				if p.Required {
					list = append(list, "")
				}
				for _, value := range list {
					with := maps.Clone(query)
					with.Set(p.Name, value)
					a.sends(wrong{operation: op.OperationID, query: with.Encode(), body: a.usual(op.RequestBody != nil, op.OperationID), field: p.Name, code: "api.query"})
				}
			}
			if len(op.Security) == 0 || len(op.Security[0]) > 0 { // what anybody may ask takes no query at all
				a.sends(wrong{operation: op.OperationID, query: query.Encode() + "&colour=red", body: a.usual(op.RequestBody != nil, op.OperationID), field: "colour", code: "api.query"})
			}
			if op.RequestBody != nil {
				a.spoilsBody(op.OperationID, query.Encode(), a.resolved(op.RequestBody.Content["application/json"].Schema))
			}
		}
	}
}

// usual is the body that the description gives as an example, if there is one.
func (a *asker) usual(has bool, operation string) any {
	if !has {
		return nil
	}
	for _, operations := range a.document.Paths {
		for _, op := range operations {
			if op.OperationID == operation {
				return op.RequestBody.Content["application/json"].Examples["usual"].Value
			}
		}
	}
	return nil
}

func (a *asker) spoilsBody(operation, query string, s map[string]any) {
	a.Helper()
	properties, _ := s["properties"].(map[string]any)
	if properties == nil {
		return // any object
	}
	right, _ := a.usual(true, operation).(map[string]any)
	with := func(change func(map[string]any)) map[string]any {
		body := maps.Clone(right)
		if body == nil {
			body = map[string]any{}
		}
		change(body)
		return body
	}
	needed, _ := s["required"].([]any)
	for _, name := range needed {
		a.sends(wrong{operation: operation, query: query, body: with(func(b map[string]any) { delete(b, name.(string)) }), field: name.(string)})
	}
	for name, of := range properties {
		if value, takes := otherwise(of.(map[string]any)); takes {
			a.sends(wrong{operation: operation, query: query, body: with(func(b map[string]any) { b[name] = value }), field: name})
		}
	}
	a.sends(wrong{operation: operation, query: query, body: with(func(b map[string]any) { b["colour"] = 1 }), field: "colour"})
}

// TestEveryProblemNamesItsField sends what is wrong to a gateway that runs: all that
// the descriptions of both faces let one get wrong in form, and names, ids and values
// that are right in form and of nothing there is.
func TestEveryProblemNamesItsField(t *testing.T) {
	indoors(t, 4, func(j *journey, _ *copied) {
		j.mails(flow.Least, "")
		all := j.changed
		j.board("")
		board := j.changed
		j.changed = func() {
			all()
			board()
			j.replace("app: helpdesk", "app: crm")
			j.replace("app: switchboard", "app: crm")
		}
		c := putUpCRM(j, "")
		who := c.connects(0, nil)
		c.mayWrite(who)
		made := c.begun(who)
		token, err := os.ReadFile(filepath.Join(c.folder, "operator.token"))
		if err != nil {
			t.Fatal(err)
		}
		mailbox := j.ready.Users[0].ID
		a := c.asker(answered, c.key, true, map[string]string{"tenant": "contoso", "mailbox": mailbox, "event": made, "person": mailbox, "registration": "people",
			"account": mailbox, "sign_in": "si_none", "id": "wrt_none", "code": "api.field"})
		a.spoils()
		for _, w := range wrongsOfApps(mailbox) {
			a.sends(w)
		}
		o := c.asker(operated, strings.TrimSpace(string(token)), false, map[string]string{"tenant": "contoso", "registration": "people", "account": mailbox, "id": "1", "app": "crm", "key": "key_none", "token": "tok_none", "code": "api.field"})
		o.spoils()
		for _, w := range wrongsOfOperators() {
			o.sends(w)
		}
		for name, n := range map[string]int{"apps": total(a.tried), "operators": total(o.tried)} {
			t.Logf("%d wrong requests to %s", n, name)
		}
		a.tellsAll()
		o.tellsAll()
	})
}

func total(m map[string]int) (n int) {
	for _, k := range m {
		n += k
	}
	return n
}

// tellsAll wants every operation that takes anything to have been sent something wrong.
func (a *asker) tellsAll() {
	a.Helper()
	for path, operations := range a.document.Paths {
		for _, op := range operations {
			if (len(op.Parameters) > 0 || op.RequestBody != nil) && a.tried[op.OperationID] == 0 {
				a.Errorf("nothing wrong was sent to %s %s", op.OperationID, path)
			}
		}
	}
}

// begun has the CRM make an event, and gives its id.
func (c *crmApp) begun(who map[string]any) string {
	c.Helper()
	status, made := c.ask(answered, c.key, http.MethodPost, fmt.Sprintf("/v1/tenants/contoso/mailboxes/%s/events", who["account"]), map[string]any{"event": event("")})
	id, _ := made["event"].(string)
	if status != http.StatusCreated || id == "" {
		c.Fatalf("making an event answered %d %v", status, made)
	}
	return id
}

// event is one with another property; "" is none.
func event(name string, value ...any) map[string]any {
	at := func(hour string) map[string]any {
		return map[string]any{"dateTime": "2026-06-01T" + hour + ":00:00", "timeZone": "Europe/Berlin"}
	}
	e := map[string]any{"subject": "Review", "start": at("09"), "end": at("10")}
	if name != "" {
		e[name] = value[0]
	}
	return e
}

// mayWrite waits until the person's calendars are known, from when on the app may
// write into them.
func (c *crmApp) mayWrite(who map[string]any) {
	c.Helper()
	for range 600 {
		_, found := c.ask(answered, c.key, http.MethodGet, fmt.Sprintf("/v1/tenants/contoso/mailboxes/%s/calendars?flow=crm", who["account"]), nil)
		if list, _ := found["items"].([]any); len(list) > 0 {
			return
		}
		time.Sleep(time.Second)
	}
	c.Fatalf("the calendars of %v are not read", who)
}
