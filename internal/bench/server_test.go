//go:build unix

package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/graphwarden/graphwarden/internal/rig"
)

const (
	calendar = "AAMkADhmNDk2ZWFmLTg4ZTAtNGVjYi05MzBmLTlkNjM5YTU4MTBkMABGAAAAAAAVKsrTP6dDTp5ZJw="
	itemSize = 2800 // bytes of an event
)

// server gives one round of a calendar's delta over loopback (graph-facts §3.2).
// Its pages are rendered once, into files, so that it takes no room on the heap
// that is measured and next to no time.
type server struct {
	*httptest.Server
	dir   string
	pages int
	asked atomic.Int64
}

// serve renders items events in pages of size.
func serve(tb testing.TB, items, size int) *server {
	tb.Helper()
	s := &server{dir: tb.TempDir(), pages: (items + size - 1) / size}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(s.Close)
	for n := range s.pages {
		name := filepath.Join(s.dir, fmt.Sprint(n))
		if err := os.WriteFile(name, s.render(tb, n, n*size, min(items, (n+1)*size)), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// start is the address of the round's first page.
func (s *server) start() string {
	return s.URL + "/v1.0/users/" + rig.Alice + "/calendars/" + calendar + "/calendarView/delta"
}

// render writes page n, with the events [from, to).
func (s *server) render(tb testing.TB, n, from, to int) []byte {
	link, token := "@odata.nextLink", "$skiptoken"
	if n == s.pages-1 {
		link, token = "@odata.deltaLink", "$deltatoken"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"@odata.context":"%s/v1.0/$metadata#Collection(event)","%s":"%s?%s=%s%d","value":[`,
		s.URL, link, s.start(), token, strings.Repeat("R0usmcCM996atia_s", 20)+".", n+1)
	for i := from; i < to; i++ {
		if i > from {
			out.WriteByte(',')
		}
		out.Write(event(tb, i))
	}
	out.WriteString("]}")
	return out.Bytes()
}

// event gives event i with the members that Graph's delta has. Ids scatter as
// Exchange's do.
func event(tb testing.TB, i int) []byte {
	id := fmt.Sprintf("AAMkADhmNDk2ZWFmLTg4ZTAtNGVjYi05MzBmLTlkNjM5YTU4MTBkMABGAAAAAAAVKsrTP6dDTp5ZJ_%028dBwCV=", uint64(i)*0x9E3779B97F4A7C15)
	person := func(n int) map[string]any {
		return map[string]any{"emailAddress": map[string]string{"name": fmt.Sprintf("Person %d", n), "address": fmt.Sprintf("person%d@contoso.com", n)}}
	}
	at := func(hour int) map[string]string {
		return map[string]string{"dateTime": fmt.Sprintf("2026-03-%02dT%02d:00:00.0000000", i%28+1, hour), "timeZone": "UTC"}
	}
	members := map[string]any{
		"@odata.type": "#microsoft.graph.event", "@odata.etag": fmt.Sprintf(`W/"fwbYt6dCT0mAkbvo5Gn%08dXg=="`, i), "id": id,
		"createdDateTime": "2026-02-01T08:00:00.1234567Z", "lastModifiedDateTime": "2026-02-02T08:00:00.1234567Z",
		"changeKey": fmt.Sprintf("fwbYt6dCT0mAkbvo5Gn%08dXg==", i), "categories": []string{}, "iCalUId": "040000008200E00074C5B7101A82E008" + id[80:],
		"subject": fmt.Sprintf("Item %d", i), "isAllDay": false, "isCancelled": false, "showAs": "busy", "type": "singleInstance",
		"start": at(9), "end": at(10), "location": map[string]string{"displayName": "Harbour"},
		"organizer": person(0), "attendees": []any{person(i), person(i + 1)},
	}
	text := "<p>All hands are expected \"on deck\" at noon.</p>\r\n"
	var out bytes.Buffer
	for _, padding := range []int{0, itemSize} {
		padding -= out.Len() // what the first rendering left free
		members["body"] = map[string]string{"contentType": "html", "content": fill(text, max(padding, 0))}
		out.Reset()
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(members); err != nil {
			tb.Fatal(err)
		}
	}
	return bytes.TrimSpace(out.Bytes())
}

// fill repeats text until its JSON is about size bytes long.
func fill(text string, size int) string {
	return strings.Repeat(text, size/(len(strconv.Quote(text))-2))
}

// ServeHTTP gives the page that a token leads to.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	page := "0"
	if token := r.URL.Query().Get("$skiptoken"); token != "" {
		_, page, _ = strings.Cut(token, ".")
	}
	w.Header().Set("Content-Type", "application/json")
	http.ServeFile(w, r, filepath.Join(s.dir, page))
}
