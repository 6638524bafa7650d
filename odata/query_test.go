package odata_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

func TestQueriesHaveOneCanonicalForm(t *testing.T) {
	situations := []struct{ name, raw, want string }{
		{"nothing", "", ""},
		{"empty pieces", "&&$top=5&", "$top=5"},
		{"options in any order and case", "$TOP=5&%24Select=id, displayName&$Filter=a+EQ+1", "$select=id,displayName&$filter=a%20eq%201&$top=5"},
		{"options without the dollar sign", "select=id&top=3&orderBy=displayName ASC,start/dateTime DESC", "$select=id&$orderby=displayName,start/dateTime%20desc&$top=3"},
		{"parameters of Graph's own, in order", "endDateTime=2026-11-28T00:00:00%2B01:00&$count=TRUE&startDateTime=2026-11-21", "$count=true&endDateTime=2026-11-28T00:00:00%2B01:00&startDateTime=2026-11-21"},
		{"a plus is a space", "q=a+b%2Bc", "q=a%20b%2Bc"},
		{"an annotation as parameter", "@microsoft.graph.conflictBehavior=rename", "@microsoft.graph.conflictBehavior=rename"},
		{"a parameter without a value", "includeHiddenFolders", "includeHiddenFolders="},
		{"an empty delta token", "$deltatoken=", "$deltatoken="},
		{"opaque tokens", "$skipToken=a%26b%3D%23;c&$deltatoken=latest", "$skiptoken=a%26b=%23;c&$deltatoken=latest"},
		{"an expansion with options", "$expand=manager($levels=MAX;$select=id,displayName),extensions", "$expand=manager($levels=max;$select=id,displayName),extensions"},
		{"an expansion with options in another order, without dollar signs", "$expand=attachments( top = 1 ;select= id )", "$expand=attachments($select=id;$top=1)"},
		{"an expansion with a filter that holds everything", "$expand=singleValueExtendedProperties($filter=id eq 'String {0-0}; (x) Name ''A'',%26')", "$expand=singleValueExtendedProperties($filter=id%20eq%20'String%20%7B0-0%7D;%20(x)%20Name%20''A'',%26')"},
		{"an expansion in an expansion", "$expand=a($expand=b($expand=c;$orderby=d desc);$search=\"x;)\")", "$expand=a($expand=b($expand=c;$orderby=d%20desc);$search=%22x;)%22)"},
		{"expansions as deep as is allowed", "$expand=" + strings.Repeat("a($expand=", 7) + "b" + strings.Repeat(")", 7), "$expand=" + strings.Repeat("a($expand=", 7) + "b" + strings.Repeat(")", 7)},
		{"a cast in an expansion", "$expand=microsoft.graph.itemattachment/item", "$expand=microsoft.graph.itemattachment/item"},
		{"references only", "$expand=members/$ref,*", "$expand=members/$ref,*"},
		{"a search", `$search="displayName:Video" AND ("mail:a\"b" OR x)`, "$search=%22displayName:Video%22%20AND%20(%22mail:a%5C%22b%22%20OR%20x)"},
		{"everything selected", "$select=*", "$select=*"},
		{"an expanded count", "$expand=members/$count($filter=a eq 1)", "$expand=members/$count($filter=a%20eq%201)"},
		{"a format", "$format=application/json;odata.metadata=none", "$format=application/json;odata.metadata=none"},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			q, err := odata.ParseQuery(s.raw)
			if err != nil {
				t.Fatal(err)
			}
			if q.String() != s.want {
				t.Errorf("%q prints as\n%q, want\n%q", s.raw, q, s.want)
			}
			sameAgain(t, q)
		})
	}
}

// sameAgain checks that what q prints parses to q.
func sameAgain(t *testing.T, q *odata.Query) {
	t.Helper()
	r, err := odata.ParseQuery(q.String())
	if err != nil {
		t.Fatalf("its own canonical form %q: %v", q, err)
	}
	if !reflect.DeepEqual(q, r) {
		t.Fatalf("%q parses to %#v, want %#v", q, r, q)
	}
}

func TestQueryFields(t *testing.T) {
	q, err := odata.ParseQuery("$top=0&$skip=20&$count=false&startDateTime=x&$orderby=a,b/c desc&$expand=m($levels=3;$top=1)&$skiptoken=s")
	if err != nil {
		t.Fatal(err)
	}
	if q.Top == nil || *q.Top != 0 || q.Skip == nil || *q.Skip != 20 || q.Count == nil || *q.Count || q.DeltaToken != nil || *q.SkipToken != "s" {
		t.Errorf("%+v", q)
	}
	if v, ok := q.Param("STARTdatetime"); !ok || v != "x" {
		t.Errorf("startDateTime = %q, %v", v, ok)
	}
	if _, ok := q.Param("endDateTime"); ok {
		t.Error("found a parameter that is not there")
	}
	if want := []expr.OrderItem{{By: expr.Property{"a"}}, {By: expr.Property{"b", "c"}, Desc: true}}; !reflect.DeepEqual(q.OrderBy, want) {
		t.Errorf("orderby %v", q.OrderBy)
	}
	if e := q.Expand[0]; e.Levels != 3 || e.Options.Top == nil || e.Path.String() != "m" {
		t.Errorf("expand %+v", e)
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	var many strings.Builder
	for i := range 65 {
		fmt.Fprintf(&many, "p%d=1&", i)
	}
	situations := []struct{ name, raw, param, message string }{
		{"an unknown option", "$top=1&$apply=x", "$apply", "not supported"},
		{"an option twice", "$top=1&$top=2", "$top", "more than once"},
		{"an option twice, in another case", "$select=id&$SELECT=mail", "$SELECT", "more than once"},
		{"an option twice, once escaped", "$expand=a&%24expand=b", "$expand", "more than once"},
		{"an option twice, once without the dollar sign", "$filter=a eq 1&filter=b eq 1", "filter", "more than once"},
		{"a parameter twice", "startDateTime=a&startdatetime=b", "startdatetime", "more than once"},
		{"too many parameters", many.String(), "query", "more than 64"},
		{"a query without end", "a=" + strings.Repeat("x", 20000), "query", "longer than"},
		{"a parameter without a name", "=x", "query", "name"},
		{"a name with a space", "$top%20=5", "query", "name"},
		{"an alias", "@p=5", "query", "name"},
		{"a broken escape", "a=%zz", "a", "escape"},
		{"a NUL", "$filter=a%00", "$filter", "control character"},
		{"overlong UTF-8", "a=%c0%ae", "a", "UTF-8"},
		{"a negative top", "$top=-1", "$top", "Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer value."},
		{"a top beyond 32 bits", "$top=2147483648", "$top", "Invalid value"},
		{"a signed top", "$top=%2B1", "$top", "Invalid value"},
		{"a count that is neither", "$count=yes", "$count", "Valid values are 'true, false'."},
		{"an empty select", "$select=", "$select", "not valid in a $select or $expand expression"},
		{"a comma too many", "$select=id,,mail", "$select", "Term 'id,,mail' is not valid"},
		{"a list without end", "$select=" + strings.Repeat("a,", 600) + "a", "$select", "not valid"},
		{"a select that is no path", "$select=id/", "$select", "not valid"},
		{"an order that is no direction", "$orderby=a up", "$orderby", "Syntax error at position 0 in 'a up'."},
		{"an order by everything", "$orderby=*", "$orderby", "Syntax error"},
		{"a filter that breaks off", "$filter=a eq", "$filter", "Expression expected at position 4 in 'a eq'."},
		{"a search with a bare colon", "$search=displayName:Video", "$search", "Syntax error: character ':' is not valid at position 11 in 'displayName:Video'."},
		{"an expansion that does not close", "$expand=a($select=b", "$expand", "')' or operator expected"},
		{"an expansion that closes twice", "$expand=a($select=b))", "$expand", "Syntax error"},
		{"an expansion with a quote that does not end", "$expand=a($filter=b eq 'c)", "$expand", "unterminated"},
		{"an expansion with a double quote that does not end", `$expand=a($search="c\`, "$expand", "unterminated"},
		{"an expansion with an empty option", "$expand=a()", "$expand", "not valid"},
		{"an expansion with text behind it", "$expand=a($top=1)b", "$expand", "not valid"},
		{"an unknown option in an expansion", "$expand=a($apply=x)", "$expand", "'$apply' is not supported in an $expand."},
		{"a paging token in an expansion", "$expand=a($skiptoken=x)", "$expand", "not supported in an $expand"},
		{"an option twice in an expansion", "$expand=a($top=1;TOP=2)", "$expand", "more than once"},
		{"levels of nothing", "$expand=a($levels=0)", "$expand", "$levels"},
		{"levels outside an expansion", "$levels=1", "$levels", "not supported"},
		{"a wrong filter in an expansion", "$expand=a($filter=b xx 1)", "$filter", "Syntax error at position 2 in 'b xx 1'."},
		{"expansions without end", "$expand=" + strings.Repeat("a($expand=", 9) + "b" + strings.Repeat(")", 9), "$expand", "Recursion depth"},
		{"an empty format", "$format=", "$format", "Syntax error"},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			_, err := odata.ParseQuery(s.raw)
			var syntax *odata.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("ParseQuery = %v, want a *SyntaxError", err)
			}
			if syntax.Param != s.param || !strings.Contains(syntax.Message, s.message) {
				t.Errorf("%s: %s; want %s: … %s …", syntax.Param, syntax.Message, s.param, s.message)
			}
		})
	}
}

// TestDocumentedQueriesParse holds the grammar against the queries of
// Microsoft's documentation, which lie beside the repository where the project
// is developed.
func TestDocumentedQueriesParse(t *testing.T) {
	f, err := os.Open("../../shared/graph/examples.jsonl.gz")
	if os.IsNotExist(err) {
		t.Skip("the documented examples are not there: expected in ../shared/graph beside the repository")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	queries := 0
	for lines := json.NewDecoder(z); lines.More(); {
		var example struct {
			ID      string
			Request struct{ URL string }
		}
		if err := lines.Decode(&example); err != nil {
			t.Fatal(err)
		}
		_, raw, found := strings.Cut(example.Request.URL, "?")
		if !found {
			continue
		}
		queries++
		q, err := odata.ParseQuery(raw)
		if err != nil {
			t.Errorf("%s: %s: %v", example.ID, raw, err)
			continue
		}
		sameAgain(t, q)
	}
	if queries < 50 {
		t.Errorf("only %d queries found", queries)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{
		"$select=id, displayName&$filter=startswith(a,'b')+and+not(c eq null)&startDateTime=x",
		"$expand=a($levels=max;$select=b,c;$filter=d eq 'e;f'),g/$ref&$top=1&$skip=2&$count=true",
		`$search="displayName:Video" OR ("a\"b" AND c)&$orderby=a desc,b`,
		"$filter=assignedLicenses/any(u:u/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)&$deltatoken=&%24skiptoken=x%3D",
		"$expand=a($search=\"x;)\";$orderby=b)&@a.b=c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := odata.ParseQuery(raw)
		if err != nil {
			return
		}
		sameAgain(t, q)
	})
}

func BenchmarkParseQuery(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		q, err := odata.ParseQuery("$select=id,subject,start,end&$filter=start/dateTime ge '2026-11-21T00:00' and isCancelled eq false&$orderby=start/dateTime&$top=50")
		if err != nil || q.String() == "" {
			b.Fatal(err)
		}
	}
}
