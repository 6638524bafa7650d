package directory_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestPagesDoNotShiftUnderWhatComesAndGoes: Graph's paging links are opaque
// (concepts/paging), and what is created or deleted between two pages makes
// nobody appear twice or be passed over.
func TestPagesDoNotShiftUnderWhatComesAndGoes(t *testing.T) {
	for _, query := range []string{"$top=2&$select=displayName", "$top=2&$select=displayName&$orderby=displayName&$count=true"} {
		t.Run(query, func(t *testing.T) {
			b := start(t)
			make := func(name string) string {
				r := b.Must(201, "app", "POST /groups", `{"displayName":"`+name+`","mailEnabled":false,"mailNickname":"`+strings.ReplaceAll(name, " ", "")+`","securityEnabled":true}`)
				return r.Body["id"].(string)
			}
			ids := map[string]string{}
			for _, name := range []string{"Page B", "Page C", "Page D", "Page E", "Page F"} {
				ids[name] = make(name)
			}
			const eventual = "ConsistencyLevel: eventual"
			var seen []string
			next := "/groups?" + query
			for n := 0; next != ""; n++ {
				r := b.Must(200, "app", "GET "+next, "", eventual)
				seen = append(seen, names(r)...)
				link, _ := r.Body["@odata.nextLink"].(string)
				if _, next, _ = strings.Cut(link, "/v1.0"); next == "" {
					break
				}
				if n == 0 {
					token, err := url.QueryUnescape(link[strings.Index(link, "skiptoken=")+len("skiptoken="):])
					if err != nil || len(token) < 20 {
						t.Errorf("token %q can be read", token)
					}
				}
				for _, name := range seen { // whom the page showed goes, and somebody comes before them
					if id := ids[name]; id != "" && len(ids) > 2 {
						b.Must(204, "app", "DELETE /groups/"+id, "")
						delete(ids, name)
						break
					}
				}
				make("Page A " + string(rune('0'+n)))
			}
			var once []string
			for _, name := range seen {
				if slices.Contains(once, name) {
					t.Errorf("%s stands on two pages", name)
				}
				once = append(once, name)
			}
			for name := range ids {
				if !slices.Contains(seen, name) {
					t.Errorf("%s stands on no page: %v", name, seen)
				}
			}
			b.Must(400, "app", "GET /groups?$top=2&$skiptoken=2", "")
		})
	}
}
