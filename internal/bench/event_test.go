//go:build linux

package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// itemSize is how many bytes an event has.
const itemSize = 2800

// event gives event i with the members that Graph's delta has. Ids scatter as
// Exchange's do.
func event(i int) []byte {
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
		"sensitivity": "normal", "start": at(9), "end": at(10), "location": map[string]string{"displayName": "Harbour"},
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
			panic(err) // maps of strings can be encoded
		}
	}
	return bytes.TrimSpace(out.Bytes())
}

// eventID is the id in an event's text.
func eventID(raw []byte) string {
	var e struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		panic(err)
	}
	return e.ID
}

// fill repeats text until its JSON is about size bytes long.
func fill(text string, size int) string {
	return strings.Repeat(text, size/(len(strconv.Quote(text))-2))
}

func TestEventsAreAsLargeAsTheBarSays(t *testing.T) {
	if n := len(event(12345)); n < itemSize-100 || n > itemSize {
		t.Errorf("an event has %d bytes, want about %d", n, itemSize)
	}
}
