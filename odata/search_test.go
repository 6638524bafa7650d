package odata_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/odata"
)

func TestSearchesHaveOneCanonicalForm(t *testing.T) {
	situations := []struct{ name, text, want string }{
		{"a word", "pizza", "pizza"},
		{"a phrase", `"displayName:One Video"`, `"displayName:One Video"`},
		{"terms side by side are joined", `"a" "b"c`, `"a" AND "b" AND c`},
		{"AND binds more strongly", `a OR b AND c`, `a OR b AND c`},
		{"parentheses that matter stay", `(a OR b) AND c AND (d AND e)`, `(a OR b) AND c AND (d AND e)`},
		{"parentheses that do not matter go", ` ( (a) OR (b AND c) ) `, `a OR b AND c`},
		{"escapes in a phrase", `"a\"b\\c"`, `"a\"b\\c"`},
		{"words that begin like operators", `ANDroid ORder`, `ANDroid AND ORder`},
		{"a query in KQL is one phrase", `"from:adele AND subject:\"x y\""`, `"from:adele AND subject:\"x y\""`},
		{"an empty phrase", `""`, `""`},
		{"everything, as sites are listed", `*`, `*`},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			got, err := odata.ParseSearch(s.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != s.want {
				t.Errorf("prints as %s, want %s", got, s.want)
			}
			if again, err := odata.ParseSearch(got.String()); err != nil || !reflect.DeepEqual(got, again) {
				t.Errorf("%s parses to %#v, %v, want %#v", got, again, err, got)
			}
		})
	}
}

func TestSearchTermNamesItsProperty(t *testing.T) {
	for text, want := range map[string]odata.SearchTerm{
		`"displayName:Video"`: {Property: "displayName", Text: "Video", Quoted: true},
		`"10:30"`:             {Text: "10:30", Quoted: true},
		`"Video"`:             {Text: "Video", Quoted: true},
		`Video`:               {Text: "Video"},
	} {
		if got, err := odata.ParseSearch(text); err != nil || got != want {
			t.Errorf("%s: %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestSearchesThatAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                          ``,
		"spaces":                           `   `,
		"a phrase that does not end":       `"a`,
		"an escape that does not end":      `"a\`,
		"an operator without a left side":  `AND a`,
		"an operator without a right side": `a OR`,
		"two operators":                    `a AND OR b`,
		"a negation, which Graph has not":  `NOT a`,
		"a parenthesis that does not open": `a)`,
		"a parenthesis that does not end":  `(a`,
		"nothing in parentheses":           `()`,
		"a colon outside quotes":           `displayName:a`,
		"parentheses without end":          strings.Repeat("(", 100) + "a" + strings.Repeat(")", 100),
		"terms without end":                strings.Repeat("a ", 300),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := odata.ParseSearch(text)
			var syntax *odata.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("ParseSearch = %v, %v, want a *SyntaxError", s, err)
			}
		})
	}
}

func TestMatchSearch(t *testing.T) {
	doc := map[string]any{
		"displayName": "OneVideo Rollout-Team2 Nord", "description": "hello.world", "mail": "video@contoso.com",
		"proxyAddresses": []any{"SMTP:video@contoso.com", "smtp:film@contoso.com"}, "createdYear": 2026,
	}
	situations := []struct {
		name, search string
		want         bool
	}{
		{"a word of the name", `"displayName:nord"`, true},
		{"the beginning of a word", `"displayName:no"`, true},
		{"the middle of a word", `"displayName:ord"`, false},
		{"a word after a change of case", `"displayName:Video"`, true},
		{"words in any order", `"displayName:nord onevideo"`, true},
		{"a word that is split the same way", `"displayName:OneVideo"`, true},
		{"a run of symbols and letters as one word", `"displayName:rolloutteam"`, true},
		{"letters and digits apart", `"displayName:2"`, true},
		{"one word of two missing", `"displayName:nord sued"`, false},
		{"the description, joined over a symbol", `"description:helloworld"`, true},
		{"another property from its start", `"mail:VIDEO@"`, true},
		{"another property not from its start", `"mail:contoso"`, false},
		{"an element of a collection", `"proxyAddresses:smtp:film"`, true},
		{"a property that is not there", `"surname:x"`, false},
		{"a property that is no text", `"createdYear:2"`, false},
		{"no property named", `"hello"`, true},
		{"no property named, in vain", `"contoso"`, false},
		{"both", `"displayName:nord" AND "mail:video"`, true},
		{"one of both", `"displayName:sued" AND "mail:video"`, false},
		{"either", `"displayName:sued" OR "mail:video"`, true},
		{"neither", `"displayName:sued" OR "mail:x"`, false},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			search, err := odata.ParseSearch(s.search)
			if err != nil {
				t.Fatal(err)
			}
			if got := odata.MatchSearch(search, doc); got != s.want {
				t.Errorf("MatchSearch(%s) = %v", s.search, got)
			}
		})
	}
}

func FuzzParseSearch(f *testing.F) {
	for _, seed := range []string{`"a:b" AND (c OR "d\"") e`, `a OR b AND c`, `((a))`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := odata.ParseSearch(text)
		if err != nil {
			return
		}
		again, err := odata.ParseSearch(s.String())
		if err != nil || !reflect.DeepEqual(s, again) {
			t.Fatalf("%q prints as %s, which parses to %#v, %v", text, s, again, err)
		}
	})
}
