package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/seal"
)

// doorkeeper knows three keys: "reader" and "writer" of the app portal in the
// tenant contoso, and "foreign" of another app in another tenant.
type doorkeeper struct{}

func (doorkeeper) Admit(_ context.Context, plain string) (graphwarden.AppKey, error) {
	switch plain {
	case "reader", "writer":
		return graphwarden.AppKey{ID: plain, App: "portal", Write: plain == "writer"}, nil
	case "foreign":
		return graphwarden.AppKey{ID: plain, App: "crm", Write: true}, nil
	}
	return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_unknown", Say: "No.", Do: "No."}
}

func (doorkeeper) Still(context.Context, graphwarden.AppKey) error { return nil }

const anna, carl = "6e7b768e-07e2-4810-8459-485f84f8f204", "11111111-44d7-43e1-9a83-5f2406dee5bd"

// hollow is an API with every route and nothing behind any: a request that reaches
// a handler's room panics, so that a test sees every one that is let through.
func hollow() *API {
	c := everything()
	c.Token, c.Staff, c.Keys, c.Rate = seal.FromString("operator"), badges{}, doorkeeper{}, 1<<30
	c.Flows = func() []flow.Flow {
		return []flow.Flow{
			{Name: "office", App: "portal", Kind: flow.Calendar(), Tenant: "contoso", People: true, Mailboxes: graphwarden.MailboxScope{{ID: anna, UPN: "anna@contoso.com"}}},
			{Name: "sales", App: "crm", Kind: flow.Calendar(), Tenant: "fabrikam", Mailboxes: graphwarden.MailboxScope{{ID: carl, UPN: "carl@fabrikam.com"}}},
		}
	}
	return New(c)
}

// try sends a request; reached says that it came through to a room.
func (f *face) attempt(method, path, key, body string) (w *httptest.ResponseRecorder, reached bool) {
	w = httptest.NewRecorder()
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	at, err := url.Parse(path)
	if err != nil {
		panic(err)
	}
	r.URL = at
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	r.Header.Set(tryHeader, "a-key-of-its-own")
	defer func() { reached = recover() != nil }()
	f.ServeHTTP(w, r)
	return w, false
}

// at fills a route's path.
func (rt route) at(tenant, mailbox string) string {
	path := strings.NewReplacer("{tenant}", tenant, "{mailbox}", mailbox, "{code}", "api.field").Replace(rt.path())
	return inPath.ReplaceAllString(path, "1")
}

func codeOf(t *testing.T, w *httptest.ResponseRecorder) (p Problem) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return p
}

// sample is a body that a route takes.
func (rt route) sample(t *testing.T) string {
	t.Helper()
	if rt.in == nil {
		return ""
	}
	text, err := json.Marshal(sampleOf(reflect.TypeOf(rt.in), true, 0))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// needed is a query with what a route cannot do without.
func (rt route) needed() string {
	values := url.Values{}
	for _, p := range rt.query {
		if p.needed {
			values.Set(p.name, cmp.Or(p.sample, "x"))
		}
	}
	return values.Encode()
}

// TestWhatIsAnothersDoesNotExist is R50: every route of every face, with every kind
// of key and foreign tenants and mailboxes. It is made of the table, so that a new
// route is in it.
func TestWhatIsAnothersDoesNotExist(t *testing.T) {
	a := hollow()
	tried := 0
	for _, rt := range a.apps.table {
		body := rt.sample(t)
		want := func(key, path string, status int, codes string) {
			t.Helper()
			tried++
			w, reached := a.apps.attempt(rt.method(), path, key, body)
			if reached || w.Code != status || !strings.Contains(codes, codeOf(t, w).Code) {
				t.Errorf("%s of %s with the key %q: it reached its room: %v; %d %s", rt.method(), path, key, reached, w.Code, w.Body)
			}
		}
		if rt.who != anybody {
			want("", rt.at("contoso", anna), http.StatusUnauthorized, "api.key_missing")
			want("stranger", rt.at("contoso", anna), http.StatusUnauthorized, "api.key_unknown")
			want("operator", rt.at("contoso", anna), http.StatusUnauthorized, "api.key_unknown")
		}
		if rt.writes {
			want("reader", rt.at("contoso", anna), http.StatusForbidden, "api.key_scope")
		}
		if !strings.Contains(rt.pattern, "{tenant}") {
			continue
		}
		for _, s := range []struct{ key, tenant, mailbox string }{
			{"foreign", "contoso", anna}, {"foreign", "contoso", "anna@contoso.com"}, {"foreign", "contoso", carl},
			{"writer", "fabrikam", carl}, {"writer", "fabrikam", "carl@fabrikam.com"}, {"writer", "fabrikam", anna},
			{"writer", "nowhere", anna}, {"writer", "CONTOSO", anna}, {"writer", "", anna},
		} {
			if s.tenant == "" {
				continue
			}
			want(s.key, rt.at(s.tenant, s.mailbox), http.StatusNotFound, "api.not_there")
		}
		if strings.Contains(rt.pattern, "{mailbox}") {
			for _, mailbox := range []string{carl, "carl@fabrikam.com", "nobody@contoso.com", "..", "%2e%2e", strings.ToUpper(anna) + "x"} {
				if mailbox == ".." {
					continue // the mux cleans it away
				}
				want("writer", rt.at("contoso", mailbox), http.StatusNotFound, "api.not_there")
			}
		}
	}
	for _, rt := range a.operators.table {
		if rt.who == anybody {
			continue
		}
		for _, key := range []string{"", "writer", "foreign", "operato", "operatorx"} {
			tried++
			w, reached := a.operators.attempt(rt.method(), rt.at("contoso", anna), key, rt.sample(t))
			if reached || w.Code != http.StatusUnauthorized {
				t.Errorf("%s with the key %q: %v %d %s", rt.pattern, key, reached, w.Code, w.Body)
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d were tried", tried)
	}
	t.Logf("%d requests", tried)
}

// TestWhatIsOnesOwnIsReached shows that the matrix above is not refused for another
// reason: with the right key every request comes through to its room, or is
// answered.
func TestWhatIsOnesOwnIsReached(t *testing.T) {
	a := hollow()
	for f, key := range map[*face]string{a.apps: "writer", a.operators: "operator"} {
		for _, rt := range f.table {
			w, reached := f.attempt(rt.method(), rt.at("contoso", anna)+"?"+rt.needed(), key, rt.sample(t))
			if !reached && w.Code >= 400 {
				t.Errorf("%s: %d %s", rt.pattern, w.Code, w.Body)
			}
		}
	}
}

// spoilt is a body of which one thing is wrong.
type spoilt struct{ at, why, body string }

// spoil makes bodies of a type of which one field each is wrong in one way.
func spoil(t *testing.T, of reflect.Type, whole map[string]any) (list []spoilt) {
	t.Helper()
	put := func(at, why string, change func(map[string]any)) {
		copied := map[string]any{}
		for k, v := range whole {
			copied[k] = v
		}
		change(copied)
		text, err := json.Marshal(copied)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, spoilt{at, why, string(text)})
	}
	if of.Kind() == reflect.Map {
		return nil // it takes any fields
	}
	put("colour", "unknown", func(m map[string]any) { m["colour"] = 1 })
	for _, f := range fieldsOf(of) {
		for why, value := range wrongFor(f) {
			put(f.name, why, func(m map[string]any) { m[f.name] = value })
		}
		if f.rules.required {
			put(f.name, "missing", func(m map[string]any) { delete(m, f.name) })
		}
		inner := f.typ
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != timeType && !isAny(inner) {
			own, _ := sampleOf(inner, true, 0).(map[string]any)
			for _, s := range spoil(t, inner, own) {
				put(f.name+"."+s.at, s.why, func(m map[string]any) { m[f.name] = json.RawMessage(s.body) })
			}
		}
		if inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct && !isAny(inner) && inner.Elem() != timeType {
			own, _ := sampleOf(inner.Elem(), true, 0).(map[string]any)
			for _, s := range spoil(t, inner.Elem(), own) {
				put(f.name+"[0]."+s.at, s.why, func(m map[string]any) { m[f.name] = []any{json.RawMessage(s.body)} })
			}
		}
		put(f.name, "twice", func(m map[string]any) {})
		last := &list[len(list)-1]
		value, _ := json.Marshal(sampleOfField(f, true, 0))
		name, _ := json.Marshal(f.name)
		last.body = fmt.Sprintf("{%s:%s,%s:%s}", name, value, name, value)
	}
	return list
}

// wrongFor are values that a field does not take, by what is wrong with each.
func wrongFor(f field) map[string]any {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	most := longestText
	if f.rules.max != nil {
		most = *f.rules.max
	}
	switch {
	case isAny(t):
		return nil
	case t == timeType:
		return map[string]any{"a number": 7, "a date": "2026-03-02", "no zone": "2026-03-02T08:00:00", "words": "morgen", "the 30th of February": "2026-02-30T08:00:00Z", "a list": []any{}}
	case isText(t):
		wrong := map[string]any{"a number": 7, "yes": true, "an object": map[string]any{}, "a list": []any{"x"}, "too long": strings.Repeat("ä", most+1), "control characters": "a\x00b", "a deletion": "a\x7f"}
		if len(f.rules.oneOf) > 0 {
			wrong["another word"] = "nothing of these"
			wrong["another script"] = "читать"
		}
		switch f.rules.format {
		case "zone":
			wrong["no zone"] = "Mars/Olympus"
		case "email":
			wrong["no address"] = "anna at contoso"
		case "uuid":
			wrong["no guid"] = "6e7b768e"
		case "date", "date-time":
			wrong["no time"] = "2026-13-01"
		}
		if f.rules.min != nil && *f.rules.min > 0 {
			wrong["too short"] = ""
		}
		return wrong
	}
	switch t.Kind() {
	case reflect.Bool:
		return map[string]any{"a word": "true", "a number": 1, "nothing": []any{}}
	case reflect.Slice:
		if f.rules.max == nil {
			most = longestList
		}
		long := make([]any, most+1)
		for i := range long {
			long[i] = sampleOf(t.Elem(), true, 0)
		}
		return map[string]any{"a word": "x", "an object": map[string]any{}, "too long": long, "of lists": []any{[]any{}}}
	case reflect.Struct, reflect.Map:
		return map[string]any{"a word": "x", "a list": []any{}, "a number": 7}
	case reflect.Float64:
		return map[string]any{"a word": "7"}
	}
	wrong := map[string]any{"a word": "7", "half": 1.5, "too large": json.RawMessage("99999999999999999999"), "yes": true}
	if f.rules.max != nil {
		wrong["above"] = *f.rules.max + 1
	}
	if f.rules.min != nil {
		wrong["below"] = *f.rules.min - 1
	}
	return wrong
}

// TestEveryFieldThatIsWrongIsNamed sends every route of the table a body of which
// one thing is wrong, for every field and every way; none reaches a room.
func TestEveryFieldThatIsWrongIsNamed(t *testing.T) {
	a := hollow()
	tried := 0
	for f, key := range map[*face]string{a.apps: "writer", a.operators: "operator"} {
		for _, rt := range f.table {
			if rt.in == nil {
				continue
			}
			path := rt.at("contoso", anna) + "?" + rt.needed()
			of := reflect.TypeOf(rt.in)
			own, _ := sampleOf(of, true, 0).(map[string]any)
			list := spoil(t, of, own)
			for why, body := range map[string]string{"nothing": " ", "a list": "[]", "a word": `"x"`, "half": `{"x":`, "two": "{}{}", "not UTF-8": "{\"x\":\"\xff\"}", "marked": "\ufeff{}", "deep": strings.Repeat(`{"a":`, 3000)} {
				list = append(list, spoilt{"", why, body})
			}
			for _, s := range list {
				tried++
				w, reached := f.attempt(rt.method(), path, key, s.body)
				if reached || w.Code < 400 || w.Code >= 500 {
					t.Errorf("%s: %s is %s: it reached its room: %v; %d %.200s\n%.200s", rt.pattern, s.at, s.why, reached, w.Code, w.Body, s.body)
					continue
				}
				p := codeOf(t, w)
				if p.Fix == "" || p.Field == "" || s.at == "" && s.why == "nothing" && !strings.Contains(p.Fix, "{}") || s.at == "" && s.why == "marked" && !strings.Contains(p.Detail, "byte order mark") || s.at != "" && !strings.HasPrefix(p.Field, strings.TrimSuffix(s.at, "colour")) || s.at != "" && p.Code != "api.field" || !bytes.Contains(w.Body.Bytes(), []byte(`"detail":"The `)) {
					t.Errorf("%s: %s is %s: %.300s", rt.pattern, s.at, s.why, w.Body)
				}
			}
		}
	}
	t.Logf("%d requests", tried)
}

// TestEveryParameterThatIsWrongIsNamed does the same with queries and paths.
func TestEveryParameterThatIsWrongIsNamed(t *testing.T) {
	a := hollow()
	tried := 0
	for f, key := range map[*face]string{a.apps: "writer", a.operators: "operator"} {
		for _, rt := range f.table {
			base := rt.at("contoso", anna) + "?" + rt.needed()
			wrong := []struct{ at, query string }{{"colour", "&colour=red"}, {"%zz", "&%zz"}}
			for _, p := range rt.query {
				wrong = append(wrong, struct{ at, query string }{p.name, "&" + p.name + "=" + strings.Repeat("x", 5000)}, struct{ at, query string }{p.name, "&" + p.name + "=%00"},
					struct{ at, query string }{p.name, "&" + p.name + "=%ff"}, struct{ at, query string }{p.name, "&" + p.name + "=%7f1&" + p.name + "=1"}, struct{ at, query string }{p.name + "x", "&" + p.name + "x=1"})
				if p.kind != list {
					wrong = append(wrong, struct{ at, query string }{p.name, "&" + p.name + "=1&" + p.name + "=1"})
				}
				if p.kind != words || len(p.oneOf) > 0 {
					wrong = append(wrong, struct{ at, query string }{p.name, "&" + p.name + "=nonsense"}, struct{ at, query string }{p.name, "&" + p.name + "=-1"})
				}
			}
			for _, s := range wrong {
				tried++
				w, reached := f.attempt(rt.method(), base+s.query, key, rt.sample(t))
				if reached || w.Code != http.StatusBadRequest || codeOf(t, w).Code != "api.query" || codeOf(t, w).Field != s.at || codeOf(t, w).Fix == "" {
					t.Errorf("%s with %.60s: it reached its room: %v; %d %.300s", rt.pattern, s.query, reached, w.Code, w.Body)
				}
			}
			for _, m := range inPath.FindAllStringSubmatch(rt.path(), -1) {
				if f.apps && (m[1] == "tenant" || m[1] == "mailbox") {
					continue // there is none of that name
				}
				for _, value := range []string{"%00", "%ff", strings.Repeat("x", 1025), "a%0ab"} {
					tried++
					path := inPath.ReplaceAllString(strings.NewReplacer("{"+m[1]+"}", value, "{tenant}", "contoso", "{mailbox}", anna).Replace(rt.path()), "1")
					w, reached := f.attempt(rt.method(), path+"?"+rt.needed(), key, rt.sample(t))
					if reached || w.Code != http.StatusBadRequest || codeOf(t, w).Code != "api.path" || codeOf(t, w).Field != m[1] {
						t.Errorf("%s with %s=%.30s: %v %d %.200s", rt.pattern, m[1], value, reached, w.Code, w.Body)
					}
				}
			}
		}
	}
	t.Logf("%d requests", tried)
}

// TestATimeThatIsWrongSaysWhatToDo: what is needed cannot be left out, and a + that came
// as a blank is known as one.
func TestATimeThatIsWrongSaysWhatToDo(t *testing.T) {
	known := []param{{name: "start", kind: instant, needed: true}, {name: "from", kind: instant}}
	for query, fix := range map[string]string{
		"start=2027-03-01":                  "Correct it.",
		"start=%00":                         "Correct it.",
		"start=x&start=y":                   "Correct it.",
		"from=2027-03-01":                   "Correct it or leave it out.",
		"from=2027-03-01T08:00:00+02:00":    "Write + as %2B",
		"from=2027-03-01 08:00:00":          "Correct it or leave it out.",
		"start=2027-03-01T08:00:00%2B02:00": "",
	} {
		if !strings.Contains(query, "start=") {
			query = "start=2027-03-01T08:00:00Z&" + query
		}
		err := checkQuery(known, httptest.NewRequest("GET", "/?"+strings.ReplaceAll(query, " ", "%20"), nil))
		var no *graphwarden.Refusal
		if told := asRefusal(err, &no); told != (fix != "") || told && !strings.HasPrefix(no.Do, fix) {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// FuzzDecode: whatever is sent is taken or refused, and what is taken is what
// encoding/json reads, no more.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, `{"scope":"read","flows":["a"],"expires_days":1}`, `{"flows":null}`, `{"scope":"read","scope":"write"}`, "{\"note\":\"\xff\"}", `[`, `{"note":"\u0000"}`, `{"expires_days":1e3}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var in WantedKey
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		if err := decode(r, &in); err != nil {
			var p *graphwarden.Refusal
			if !asRefusal(err, &p) || p.Do == "" {
				t.Fatalf("%q is refused with %v", body, err)
			}
			return
		}
		var plain WantedKey
		if err := json.Unmarshal([]byte(body), &plain); err != nil || !reflect.DeepEqual(in, plain) {
			t.Fatalf("%q is read as %+v, not %+v: %v", body, in, plain, err)
		}
		if in.Scope != "" && in.Scope != "read" && in.Scope != "write" || in.ExpiresDays < 0 || in.ExpiresDays > 3650 || len(in.Flows) > 100 {
			t.Fatalf("%q is taken: %+v", body, in)
		}
	})
}

func asRefusal(err error, into **graphwarden.Refusal) bool {
	for err != nil {
		if r, is := err.(*graphwarden.Refusal); is {
			*into = r
			return true
		}
		u, is := err.(interface{ Unwrap() error })
		if !is {
			return false
		}
		err = u.Unwrap()
	}
	return false
}
