package page_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/odata/page"
)

func TestCut(t *testing.T) {
	situations := []struct {
		name, body string
		items      []string
		next       string
		delta      string
		count      int64
	}{
		{"a page in the middle", `{"@odata.context":"c","@odata.nextLink":"https://x/?$skiptoken=a","value":[{"id":"1"},{"id":"2"}]}`,
			[]string{`{"id":"1"}`, `{"id":"2"}`}, "https://x/?$skiptoken=a", "", -1},
		{"the last page of a round, links after the items", "\n{ \"value\" : [ {\"a\" : [1, {}]} ,\ttrue ] , \"@odata.deltaLink\" : \"d\" }\r\n",
			[]string{`{"a" : [1, {}]}`, `true`}, "", "d", -1},
		{"an empty page that goes on", `{"value":[],"@odata.nextLink":"n","@odata.count":0}`, nil, "n", "", 0},
		{"a count, an escaped link and an escaped name", `{"@odata.count":12,"@odata\u002enextLink":"a\u0026b\/c","value":[]}`, nil, "a&b/c", "", 12},
		{"values of every kind", `{"value":[-0.5e-10,0,10E+2,true,false,null,"\u0aF9\n\/\b\f\r\t","eight888\\\"eight888",{},[],{"a":{"b":[[]]}}]}`,
			[]string{`-0.5e-10`, `0`, `10E+2`, `true`, `false`, `null`, `"\u0aF9\n\/\b\f\r\t"`, `"eight888\\\"eight888"`, `{}`, `[]`, `{"a":{"b":[[]]}}`}, "", "", -1},
		{"braces and quotes inside strings", `{"value":["]}\"{[", "\\"]}`, []string{`"]}\"{["`, `"\\"`}, "", "", -1},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			p := page.Page{Items: [][]byte{[]byte("left over")}}
			if err := p.Cut([]byte(s.body)); err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprintf("%s", p.Items), fmt.Sprintf("%s", s.items); got != want {
				t.Errorf("items %s, want %s", got, want)
			}
			if p.NextLink != s.next || p.DeltaLink != s.delta || p.Count != s.count {
				t.Errorf("next %q delta %q count %d", p.NextLink, p.DeltaLink, p.Count)
			}
		})
	}
}

func TestCutRefuses(t *testing.T) {
	situations := map[string]string{
		"nothing":                         ``,
		"an array":                        `[]`,
		"two values":                      `{"value":[],"value":[]}`,
		"a value that is no array":        `{"value":{}}`,
		"two next links":                  `{"value":[],"@odata.nextLink":"a","@odata.nextLink":"b"}`,
		"two next links, one in disguise": `{"value":[],"@odata.nextLink":"a","@odata.next\u004cink":"b"}`,
		"a next link that is no string":   `{"value":[],"@odata.nextLink":1}`,
		"two counts":                      `{"value":[],"@odata.count":1,"@odata.count":2}`,
		"a count below zero":              `{"value":[],"@odata.count":-1}`,
		"a count beyond 64 bits":          `{"value":[],"@odata.count":99999999999999999999}`,
		"a page cut short":                `{"value":[{"id":"1"},{"id":"2`,
		"text after the page":             `{"value":[]}x`,
		"a missing comma between items":   `{"value":[1 2]}`,
		"a comma too many":                `{"value":[1,]}`,
		"a leading zero":                  `{"value":[01]}`,
		"a bare control character":        "{\"value\":[\"a\tb\"]}",
		"an escape cut short":             `{"value":["\u12"]}`,
		"an escape that is not hex":       `{"value":["\u12G4"]}`,
		"an escape at the end":            `{"value":["\`,
		"a fraction without digits":       `{"value":[1.]}`,
		"an exponent without digits":      `{"value":[1e+]}`,
		"a minus alone":                   `{"value":[-]}`,
		"a plus":                          `{"value":[+1]}`,
		"a word that is none":             `{"value":[nul]}`,
		"a word cut short":                `{"value":[tru`,
		"a member without a colon":        `{"value" []}`,
		"a member without a name":         `{:1,"value":[]}`,
		"a name that is no string":        `{value:[]}`,
		"members without a comma":         `{"a":1 "value":[]}`,
		"a comma too many among members":  `{"value":[],}`,
		"a comma first":                   `{,"value":[]}`,
		"an object inside that is broken": `{"value":[{"a" 1}]}`,
		"a comma too many inside":         `{"value":[{"a":1,}]}`,
		"no comma inside":                 `{"value":[{"a":1 "b":2}]}`,
		"an array inside that is broken":  `{"value":[[1 2]]}`,
		"a wrong escape":                  `{"value":["\x"]}`,
		"nesting without end":             `{"value":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
	}
	for name, body := range situations {
		t.Run(name, func(t *testing.T) {
			var p page.Page
			err := p.Cut([]byte(body))
			var syntax *page.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Cut = %v, want a *SyntaxError", err)
			}
			if len(p.Items) != 0 || p.NextLink != "" || p.DeltaLink != "" {
				t.Errorf("the page holds %+v after an error", p)
			}
		})
	}
}

func TestSingleResourceIsNoPage(t *testing.T) {
	var p page.Page
	if err := p.Cut([]byte(`{"id":"1","error":{"value":[1]}}`)); !errors.Is(err, page.ErrNotPage) {
		t.Fatalf("Cut = %v, want ErrNotPage", err)
	}
}

func TestReadHead(t *testing.T) {
	situations := []struct {
		name, raw string
		want      page.Head
	}{
		{"an event", `{"@odata.etag":"W/\"x==\"","id":"AAMk","changeKey":"x==","subject":"id","start":{"id":"inner"}}`,
			page.Head{ID: "AAMk", ETag: `W/"x=="`, ChangeKey: "x=="}},
		{"a user that was deleted softly", ` {"id":"u","@removed":{"reason":"changed"}} `, page.Head{ID: "u", Removed: "changed"}},
		{"a reason among other things", `{"id":"u","@removed":{"by":[1],"reason":"deleted"}}`, page.Head{ID: "u", Removed: "deleted"}},
		{"a derived type", `{"@odata.type":"#microsoft.graph.group","id":"g"}`, page.Head{ID: "g", Type: "#microsoft.graph.group"}},
		{"null where a string could be", `{"id":"x","changeKey":null}`, page.Head{ID: "x"}},
		{"nothing", `{}`, page.Head{}},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			got, err := page.ReadHead([]byte(s.raw))
			if err != nil || got != s.want {
				t.Errorf("ReadHead = %+v, %v, want %+v", got, err, s.want)
			}
		})
	}
}

func TestReadHeadRefuses(t *testing.T) {
	situations := map[string]string{
		"a string":                      `"x"`,
		"two ids":                       `{"id":"a","id":"b"}`,
		"two ids, one in disguise":      `{"id":"a","\u0069d":"b"}`,
		"an id that is a number":        `{"id":1}`,
		"removed without a reason":      `{"id":"a","@removed":{}}`,
		"removed with two reasons":      `{"@removed":{"reason":"deleted","reason":"changed"}}`,
		"removed that is not an object": `{"@removed":"deleted"}`,
		"text after the item":           `{"id":"a"}{}`,
	}
	for name, raw := range situations {
		t.Run(name, func(t *testing.T) {
			if h, err := page.ReadHead([]byte(raw)); err == nil {
				t.Errorf("ReadHead accepted it as %+v", h)
			}
		})
	}
}

func TestCutAllocatesNothingPerItem(t *testing.T) {
	body := bigPage(200)
	var p page.Page
	if err := p.Cut(body); err != nil || len(p.Items) != 200 {
		t.Fatal(len(p.Items), err)
	}
	if n := testing.AllocsPerRun(20, func() { _ = p.Cut(body) }); n > 5 {
		t.Errorf("%v allocations for a page of 200 items", n)
	}
}

// FuzzCut holds the cutter against encoding/json: both accept the same pages
// and find the same items.
func FuzzCut(f *testing.F) {
	f.Add([]byte(`{"value":[{"id":"1"},2,"x\u0041"],"@odata.nextLink":"n","@odata.count":3}`))
	f.Add([]byte(`{"value":[[[]],-0.5e+1,null,true],"@odata.deltaLink":"d\n"}`))
	f.Add([]byte(`{"a":{"b":"\ud800"},"value":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p page.Page
		err := p.Cut(data)
		var want struct {
			Value json.RawMessage `json:"value"`
		}
		valid := json.Valid(data)
		if err == nil {
			if !valid {
				t.Fatalf("accepted what is not JSON")
			}
			var members map[string]json.RawMessage
			if err := json.Unmarshal(data, &members); err != nil {
				t.Fatal(err)
			}
			want.Value = members["value"]
			var items []json.RawMessage
			if err := json.Unmarshal(want.Value, &items); err != nil {
				t.Fatal(err)
			}
			if len(items) != len(p.Items) {
				t.Fatalf("%d items, want %d", len(p.Items), len(items))
			}
			for i := range items {
				if !bytes.Equal(items[i], p.Items[i]) {
					t.Fatalf("item %d is %s, want %s", i, p.Items[i], items[i])
				}
			}
			return
		}
		// Refused: then it is not JSON, or the wrapped form is refused for what
		// a page must be, which TestCutRefuses lists. Wrapping it as an item
		// separates the two.
		wrapped := append(append([]byte(`{"value":[`), data...), `]}`...)
		if err := p.Cut(wrapped); err != nil && valid && depth(data) < 200 {
			t.Fatalf("refused JSON: %v", err)
		}
	})
}

// depth is an upper bound of the nesting of data.
func depth(data []byte) int { return bytes.Count(data, []byte("[")) + bytes.Count(data, []byte("{")) }

func FuzzReadHead(f *testing.F) {
	f.Add([]byte(`{"id":"1","@removed":{"reason":"deleted"},"x":[1,{"id":2}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := page.ReadHead(data)
		if err != nil {
			return
		}
		var want struct {
			ID        string `json:"id"`
			ETag      string `json:"@odata.etag"`
			ChangeKey string `json:"changeKey"`
			Type      string `json:"@odata.type"`
			Removed   struct {
				Reason string `json:"reason"`
			} `json:"@removed"`
		}
		var exact map[string]json.RawMessage
		if err := json.Unmarshal(data, &exact); err != nil {
			t.Fatalf("accepted what is not JSON: %v", err)
		}
		for name, into := range map[string]any{"id": &want.ID, "@odata.etag": &want.ETag, "changeKey": &want.ChangeKey, "@odata.type": &want.Type} {
			if raw, ok := exact[name]; ok {
				if err := json.Unmarshal(raw, into); err != nil {
					t.Fatal(err)
				}
			}
		}
		if h.ID != want.ID && want.ID != "" || h.ETag != want.ETag && want.ETag != "" {
			t.Fatalf("%+v, want %+v", h, want)
		}
	})
}

// bigPage makes a page of n events of about 2.5 kB each.
func bigPage(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users('x')/calendarView","value":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"@odata.etag":"W/\"DwAAABYAAAB2t4%06d==\"","id":"AAMkAGI2TGuLAAA%08d%s","createdDateTime":"2026-11-21T10:00:00.0000000Z","lastModifiedDateTime":"2026-11-21T10:00:00.0000000Z","changeKey":"DwAAABYAAAB2t4%06d==","categories":[],"transactionId":null,"originalStartTimeZone":"W. Europe Standard Time","originalEndTimeZone":"W. Europe Standard Time","iCalUId":"040000008200E00074C5B7101A82E008%08d","reminderMinutesBeforeStart":15,"isReminderOn":true,"hasAttachments":false,"subject":"Weekly review of the project %d","bodyPreview":%q,"importance":"normal","sensitivity":"normal","isAllDay":false,"isCancelled":false,"isOrganizer":true,"responseRequested":true,"seriesMasterId":null,"showAs":"busy","type":"singleInstance","webLink":"https://outlook.office365.com/owa/?itemid=AAMk&exvsurl=1&path=/calendar/item","onlineMeetingUrl":null,"isOnlineMeeting":false,"onlineMeetingProvider":"unknown","allowNewTimeProposals":true,"isDraft":false,"hideAttendees":false,"recurrence":null,"responseStatus":{"response":"organizer","time":"0001-01-01T00:00:00Z"},"body":{"contentType":"html","content":%q},"start":{"dateTime":"2026-11-23T09:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-11-23T10:00:00.0000000","timeZone":"UTC"},"location":{"displayName":"Room 4","locationType":"default","uniqueIdType":"private"},"locations":[],"attendees":[{"type":"required","status":{"response":"none","time":"0001-01-01T00:00:00Z"},"emailAddress":{"name":"Adele Vance","address":"adelev@contoso.com"}}],"organizer":{"emailAddress":{"name":"Megan Bowen","address":"meganb@contoso.com"}}}`,
			i, i, strings.Repeat("A", 120), i, i, i, strings.Repeat("The agenda of the meeting. ", 8), "<html><body>\r\n"+strings.Repeat("<div class=\"p\">lorem ipsum</div>\r\n", 12)+"</body></html>")
	}
	b.WriteString(`],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users/x/calendarView/delta?$skiptoken=abc"}`)
	return b.Bytes()
}

func BenchmarkCut(b *testing.B) {
	body := bigPage(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var p page.Page
	for b.Loop() {
		if err := p.Cut(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCutAndReadHeads(b *testing.B) {
	body := bigPage(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var p page.Page
	for b.Loop() {
		if err := p.Cut(body); err != nil {
			b.Fatal(err)
		}
		for _, raw := range p.Items {
			if _, err := page.ReadHead(raw); err != nil {
				b.Fatal(err)
			}
		}
	}
}
