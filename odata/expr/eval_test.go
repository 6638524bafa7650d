package expr_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// document is an event and a user in one, as encoding/json decodes it.
func document(t *testing.T) map[string]any {
	t.Helper()
	var doc map[string]any
	err := json.Unmarshal([]byte(`{
		"@odata.type": "#microsoft.graph.user", "id": "5F1C8A1E-0000-4a11-9a5e-1f2f3f4f5f6f", "displayName": "Adele Vance", "mail": null,
		"accountEnabled": true, "age": 42, "score": 2.5, "tags": ["red", "Blue"], "empty": [],
		"createdDateTime": "2026-11-21T08:00:00Z", "birthday": "1990-05-17",
		"start": {"dateTime": "2026-11-21T09:30:00.0000000", "timeZone": "UTC"},
		"importance": "high", "flags": "read, write", "wait": "PT15M", "opens": "08:00:00",
		"assignedLicenses": [{"skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "plans": ["a"]}, {"skuId": "c7df2760-2c81-4ef7-b578-5b5392b571df", "plans": []}]
	}`), &doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestMatch(t *testing.T) {
	situations := []struct {
		filter string
		want   bool
	}{
		{"displayName eq 'Adele Vance'", true},
		{"displayName eq 'adele vance'", false},
		{"DISPLAYNAME eq 'Adele Vance'", true},
		{"displayName ne 'x' and displayName gt 'Adele'", true},
		{"displayName lt 'B' and displayName le 'Adele Vance' and displayName ge 'Adele Vance'", true},
		{"startswith(displayName,'Adele') and endswith(displayName,'nce') and contains(displayName,'le V')", true},
		{"startswith(displayName,'adele')", false},
		{"startswith(tolower(displayName),'adele') and toupper(displayName) eq 'ADELE VANCE'", true},
		{"length(displayName) eq 11 and indexof(displayName,'V') eq 6 and indexof(displayName,'x') eq -1", true},
		{"substring(displayName,6) eq 'Vance' and substring(displayName,0,5) eq 'Adele' and substring(displayName,99) eq ''", true},
		{"concat(concat(displayName,'-'),trim('  x ')) eq 'Adele Vance-x'", true},
		{"mail eq null and nothing eq null", true},
		{"mail ne null", false},
		{"mail ne 'x'", true},
		{"null eq mail", true},
		{"mail gt 'a' or mail lt 'a'", false},
		{"startswith(mail,'a')", false},
		{"not startswith(mail,'a')", false}, // null stays null
		{"accountEnabled", true},
		{"accountEnabled eq true and not (accountEnabled eq false)", true},
		{"age eq 42 and age eq 42.0 and age gt 41 and age in (1,42)", true},
		{"age in (1,2)", false},
		{"age gt 42 or age lt 42 or not (age ge 42) or not (age le 42)", false},
		{"mail has microsoft.graph.f'x'", false},
		{"age add 8 eq 50 and age sub 2 eq 40 and age mul 2 eq 84 and age div 4 eq 10.5 and age mod 5 eq 2", true},
		{"nothing add 1 gt 0", false},
		{"round(score) eq 3 and floor(score) eq 2 and ceiling(score) eq 3", true},
		{"tags/any(t:t eq 'red') and tags/any(t:startswith(t,'Bl')) and not tags/any(t:t eq 'blue')", true},
		{"tags/all(t:length(t) lt 5) and tags/any()", true},
		{"tags/all(t:t eq 'red')", false},
		{"empty/any() or nothing/any() or empty/any(x:x eq 1)", false},
		{"empty/all(x:x eq 1)", true},
		{"tags/$count eq 2 and length(tags) eq 2", true},
		{"assignedLicenses/any(u:u/skuId eq cbdc14ab-D96C-4c30-b9f4-6ada7cdc1d46)", true},
		{"assignedLicenses/any(u:u/plans/any(p:p eq 'a' and u/skuId ne null))", true},
		{"assignedLicenses/any(u:u/plans/any(u:u eq 'a'))", true}, // the inner variable wins
		{"id eq 5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f", true},
		{"id eq '5f1c8a1e-0000-4a11-9a5e-1f2f3f4f5f6f'", false},
		{"createdDateTime eq 2026-11-21T09:00:00+01:00 and createdDateTime ge 2026-11-21 and createdDateTime lt 2026-11-21T08:00:00.001Z", true},
		{"2026-11-21 le createdDateTime", true},
		{"year(createdDateTime) eq 2026 and month(createdDateTime) eq 11 and day(createdDateTime) eq 21 and hour(createdDateTime) eq 8", true},
		{"minute(start/dateTime) eq 30 and second(start/dateTime) eq 0 and date(createdDateTime) eq 2026-11-21 and time(createdDateTime) eq 08:00", true},
		{"createdDateTime lt now() and now() eq 2026-11-22T00:00:00Z", true},
		{"birthday eq 1990-05-17", true},
		{"start/dateTime ge '2026-11-21T09:30' and start/dateTime lt '2026-11-21T10:00:00Z'", true},
		{"start/timeZone eq 'UTC' and start ne null", true},
		{"start/nothing/deeper eq null", true},
		{"importance eq microsoft.graph.importance'HIGH'", true},
		{"flags has microsoft.graph.f'Write' and flags has microsoft.graph.f'write,read'", true},
		{"flags has microsoft.graph.f'delete'", false},
		{"wait eq duration'PT15M' and wait lt duration'P1D' and duration'-PT1S' lt wait", true},
		{"opens le 08:00 and opens gt 07:59:59.999", true},
		{"microsoft.graph.user/displayName eq 'Adele Vance' and graph.user/age eq 42", true},
		{"microsoft.graph.group/displayName eq 'Adele Vance'", false},
		{"$it/age eq 42", true},
		{"assignedLicenses/skuId eq null", true}, // a collection has no members
		{"mail eq 'x' or age eq 42", true},
		{"startswith(mail,'a') or age eq 42", true},
		{"startswith(mail,'a') and age eq 42", false},
	}
	rules := expr.Rules{Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	for _, s := range situations {
		t.Run(s.filter, func(t *testing.T) {
			e, err := expr.Parse(s.filter)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := rules.Match(e, document(t)); err != nil || got != s.want {
				t.Errorf("Match = %v, %v, want %v", got, err, s.want)
			}
		})
	}
}

func TestDirectoryRulesFoldCase(t *testing.T) {
	for _, filter := range []string{
		"displayName eq 'ADELE vance'", "startswith(displayName,'ADELE')", "contains(displayName,'E v')",
		"displayName in ('x','ADELE VANCE')", "tags/any(t:t eq 'BLUE')", "indexof(displayName,'v') eq 6",
	} {
		e, err := expr.Parse(filter)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (expr.Rules{FoldCase: true}).Match(e, document(t)); err != nil || !got {
			t.Errorf("%s: %v, %v", filter, got, err)
		}
	}
}

func TestCastsAskForTheHierarchy(t *testing.T) {
	e, err := expr.Parse("microsoft.graph.directoryObject/age eq 42")
	if err != nil {
		t.Fatal(err)
	}
	asked := ""
	rules := expr.Rules{IsType: func(_ map[string]any, name string) bool { asked = name; return true }}
	if got, err := rules.Match(e, document(t)); err != nil || !got || asked != "microsoft.graph.directoryObject" {
		t.Errorf("%v, %v, asked %q", got, err, asked)
	}
}

func TestFiltersThatDoNotFitTheDocument(t *testing.T) {
	for filter, message := range map[string]string{
		"displayName eq 5":                    "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Double' for operator kind 'Equal'.",
		"accountEnabled eq 'true'":            "'Edm.Boolean' and 'Edm.String' for operator kind 'Equal'",
		"accountEnabled gt false":             "for operator kind 'GreaterThan'",
		"age and true":                        "for operator kind 'And'",
		"age or false":                        "for operator kind 'Or'",
		"displayName add 1 eq 2":              "for operator kind 'Add'",
		"age div 0 eq 1":                      "Division by zero",
		"start eq 'x'":                        "'Edm.ComplexType' and 'Edm.String'",
		"tags eq 'red'":                       "'Collection' and 'Edm.String'",
		"displayName has 'x'":                 "for operator kind 'Has'",
		"not displayName":                     "for operator kind 'Not'",
		"displayName":                         "must evaluate to a single boolean value",
		"tags/any(t:t)":                       "must evaluate to a single boolean value",
		"contains(age,'4')":                   "No function signature for the function with name 'contains'",
		"year(displayName) eq 1":              "No function signature",
		"concat(displayName,5) eq 'x'":        "No function signature",
		"length(age) eq 1":                    "No function signature",
		"round(displayName) eq 1":             "No function signature",
		"tolower(age) eq 'x'":                 "No function signature",
		"indexof(age,'x') eq 1":               "No function signature",
		"substring(displayName,'1') eq 'x'":   "No function signature",
		"substring(displayName,1,'2') eq 'x'": "No function signature",
		"substring(age,1) eq 'x'":             "No function signature",
		"createdDateTime gt 5":                "for operator kind 'GreaterThan'",
		"displayName gt 2026-11-21":           "'Edm.String' and 'Edm.DateTimeOffset'",
		"displayName in (5)":                  "for operator kind 'Equal'",
		"(displayName eq 5) eq true":          "for operator kind 'Equal'",
		"not (displayName eq 5)":              "for operator kind 'Equal'",
		"startswith(tolower(age),'x')":        "No function signature",
	} {
		t.Run(filter, func(t *testing.T) {
			e, err := expr.Parse(filter)
			if err != nil {
				t.Fatal(err)
			}
			got, err := expr.Rules{}.Match(e, document(t))
			var wrong *expr.TypeError
			if !errors.As(err, &wrong) || !strings.Contains(wrong.Message, message) {
				t.Errorf("Match = %v, %v, want … %s …", got, err, message)
			}
		})
	}
}

func TestCallsThatNoFilterCanHold(t *testing.T) {
	for _, c := range []expr.Call{{Func: "frobnicate"}, {Func: "now", Args: []expr.Expr{expr.Literal{}}}, {Func: "contains"}} {
		if got, err := (expr.Rules{}).Match(c, document(t)); err == nil {
			t.Errorf("%s is %v", c, got)
		}
	}
}

func TestNumbersOfEveryKind(t *testing.T) {
	e, err := expr.Parse("n gt 41.5 and n lt 43")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []any{42, int32(42), int64(42), 42.0, json.Number("42")} {
		if got, err := (expr.Rules{}).Match(e, map[string]any{"n": n}); err != nil || !got {
			t.Errorf("%T: %v, %v", n, got, err)
		}
	}
}

func TestOrder(t *testing.T) {
	docs := []map[string]any{
		{"id": "1", "name": "beta", "n": 2.0}, {"id": "2", "name": "Alpha", "n": 2.0}, {"id": "3", "n": 1.0},
		{"id": "4", "name": "alpha", "n": 3.0}, {"id": "5", "name": "2026-11-21T10:00:00Z"}, {"id": "6", "name": "2026-11-21T10:30:00+01:00"},
	}
	name, n := expr.Property{"name"}, expr.Property{"n"}
	situations := []struct {
		situation string
		rules     expr.Rules
		by        []expr.OrderItem
		want      string
	}{
		{"nulls first, capitals before small letters, timestamps by time", expr.Rules{}, []expr.OrderItem{{By: name}}, "365241"},
		{"without regard to case, stable", expr.Rules{FoldCase: true}, []expr.OrderItem{{By: name}}, "365241"},
		{"descending", expr.Rules{FoldCase: true}, []expr.OrderItem{{By: name, Desc: true}}, "124563"},
		{"by two keys", expr.Rules{FoldCase: true}, []expr.OrderItem{{By: n, Desc: true}, {By: name}}, "421365"},
		{"by nothing", expr.Rules{}, nil, "123456"},
	}
	for _, s := range situations {
		t.Run(s.situation, func(t *testing.T) {
			sorted := slices.Clone(docs)
			slices.SortStableFunc(sorted, func(a, b map[string]any) int { return s.rules.Order(s.by, a, b) })
			var got strings.Builder
			for _, d := range sorted {
				got.WriteString(d["id"].(string))
			}
			if got.String() != s.want {
				t.Errorf("order %s, want %s", &got, s.want)
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	e, err := expr.Parse("startswith(displayName,'A') and accountEnabled eq true and createdDateTime ge 2026-01-01T00:00:00Z")
	if err != nil {
		b.Fatal(err)
	}
	doc := map[string]any{"displayName": "Adele", "accountEnabled": true, "createdDateTime": "2026-11-21T08:00:00Z"}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := (expr.Rules{FoldCase: true}).Match(e, doc); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}
