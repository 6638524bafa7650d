package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// put sends bytes of a file to the address of its session.
func (x *tenant) put(address string, from, total int, piece []byte) (int, http.Header, doc) {
	x.Helper()
	return x.toSession("PUT", address, fmt.Sprintf("bytes %d-%d/%d", from, from+len(piece)-1, total), piece)
}

func (x *tenant) toSession(method, address, span string, piece []byte) (int, http.Header, doc) {
	x.Helper()
	r, err := http.NewRequestWithContext(x.Context(), method, address, bytes.NewReader(piece))
	if err != nil {
		x.Fatal(err)
	}
	if span != "" {
		r.Header.Set("Content-Range", span)
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	resp, err := x.client.Do(r)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		x.Fatal(err)
	}
	out := doc{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			x.Fatalf("%d %s", resp.StatusCode, raw)
		}
	}
	return resp.StatusCode, resp.Header, out
}

// begin begins a session for a file of a size.
func (x *tenant) begin(item string, size int) string {
	x.Helper()
	status, out := x.call("POST", item+"/attachments/createUploadSession", x.ready.Tokens.Everything, doc{"AttachmentItem": doc{"attachmentType": "file", "name": "plan.bin", "size": size}})
	address, _ := out["uploadUrl"].(string)
	if status != 201 || address == "" || fmt.Sprint(out["nextExpectedRanges"]) != "[0-]" || !strings.HasSuffix(fmt.Sprint(out["@odata.context"]), "#microsoft.graph.uploadSession") {
		x.Fatalf("%d %v", status, out)
	}
	return address
}

// hungOn lists what hangs on an item.
func (x *tenant) hungOn(item string) []doc {
	x.Helper()
	return x.mail(strings.TrimPrefix(item, "/v1.0") + "/attachments")
}

// items makes a draft and an event of the first person's, and gives their paths.
func (x *tenant) items() []string {
	x.Helper()
	user := "/v1.0/users/" + x.ready.Users[0].ID
	_, draft := x.call("POST", user+"/messages", x.ready.Tokens.Everything, doc{"subject": "Plan", "toRecipients": to(x.ready.Users[1].UserPrincipalName)})
	status, event := x.call("POST", user+"/events", x.ready.Tokens.Everything, doc{"subject": "Plan", "start": doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "UTC"},
		"end": doc{"dateTime": "2027-03-01T10:00:00", "timeZone": "UTC"}})
	if status != 201 {
		x.Fatalf("%d %v", status, event)
	}
	return []string{user + "/messages/" + draft["id"].(string), user + "/events/" + event["id"].(string)}
}

const mebi = 1 << 20

// TestALargeFileIsHungPieceByPiece on drafts and events, in order, and nothing hangs
// there before the last byte.
func TestALargeFileIsHungPieceByPiece(t *testing.T) {
	x := start(t, sim.Options{})
	file := bytes.Repeat([]byte("0123456789abcdef"), 5*mebi/16)
	for _, item := range x.items() {
		address := x.begin(item, len(file))
		if status, _, out := x.put(address, 0, len(file), file[:2*mebi]); status != 200 || fmt.Sprint(out["nextExpectedRanges"]) != "[2097152]" || out["ExpirationDateTime"] == nil {
			t.Fatalf("%d %v", status, out)
		}
		if status, _, out := x.toSession("GET", address, "", nil); status != 200 || fmt.Sprint(out["nextExpectedRanges"]) != "[2097152]" {
			t.Errorf("asked where it stands: %d %v", status, out)
		}
		for name, from := range map[string]int{"again": 0, "too far": 3 * mebi} {
			if status, _, _ := x.put(address, from, len(file), file[from:from+mebi]); status != 400 {
				t.Errorf("%s: %d", name, status)
			}
		}
		if n := len(x.hungOn(item)); n != 0 {
			t.Errorf("%d hang there before the file is whole", n)
		}
		status, header, _ := x.put(address, 2*mebi, len(file), file[2*mebi:])
		if status != 201 || !strings.Contains(header.Get("Location"), "/Attachments('") {
			t.Fatalf("%d %v", status, header)
		}
		hung := x.hungOn(item)
		if len(hung) != 1 || hung[0]["name"] != "plan.bin" || hung[0]["size"] != float64(len(file)) || !strings.Contains(header.Get("Location"), hung[0]["id"].(string)) {
			t.Fatalf("%d hang there, told was %s", len(hung), header.Get("Location"))
		}
		if status, _, _ := x.put(address, 2*mebi, len(file), file[2*mebi:]); status != 404 {
			t.Errorf("the last piece once more: %d", status)
		}
		if n := len(x.hungOn(item)); n != 1 {
			t.Errorf("%d hang there", n)
		}
	}
}

// TestAnUploadSessionEnds when it is cancelled, and when its time is over.
func TestAnUploadSessionEnds(t *testing.T) {
	x := start(t, sim.Options{})
	item := x.items()[0]
	piece := make([]byte, mebi)
	cancelled, late := x.begin(item, 4*mebi), x.begin(item, 4*mebi)
	for _, address := range []string{cancelled, late} {
		if status, _, _ := x.put(address, 0, 4*mebi, piece); status != 200 {
			t.Fatalf("%d", status)
		}
	}
	if status, _, _ := x.toSession("DELETE", cancelled, "", nil); status != 204 {
		t.Errorf("cancelled: %d", status)
	}
	x.steer("/sim/clock", doc{"advance": "2h"})
	for _, address := range []string{cancelled, late} {
		if status, _, _ := x.put(address, mebi, 4*mebi, piece); status != 404 {
			t.Errorf("%d", status)
		}
	}
}

// TestWhatAnUploadSessionRefuses names the code of each refusal.
func TestWhatAnUploadSessionRefuses(t *testing.T) {
	x := start(t, sim.Options{})
	items := x.items()
	code := func(out doc) string { return fmt.Sprint(out["error"].(doc)["code"]) }
	for name, c := range map[string]struct {
		item   doc
		status int
		code   string
	}{
		"no file":   {doc{"attachmentType": "item", "name": "x", "size": 4 * mebi}, 400, "ErrorPropertyValidationFailure"},
		"no name":   {doc{"attachmentType": "file", "size": 4 * mebi}, 400, "ErrorPropertyValidationFailure"},
		"small":     {doc{"attachmentType": "file", "name": "x", "size": 3*mebi - 1}, 400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize"},
		"too large": {doc{"attachmentType": "file", "name": "x", "size": 150*mebi + 1}, 413, "ErrorAttachmentSizeLimitExceeded"},
	} {
		for _, item := range items {
			if status, out := x.call("POST", item+"/attachments/createUploadSession", x.ready.Tokens.Everything, doc{"AttachmentItem": c.item}); status != c.status || code(out) != c.code {
				t.Errorf("%s: %d %v", name, status, out)
			}
		}
	}
	for i, item := range items {
		status, _ := x.call("POST", item+"/attachments/createUploadSession", x.token("calendar"), doc{"AttachmentItem": doc{"attachmentType": "file", "name": "x", "size": 4 * mebi}})
		if want := []int{403, 201}[i]; status != want {
			t.Errorf("with the right to calendars: %d, want %d", status, want)
		}
	}
	address := x.begin(items[0], 4*mebi)
	foreign := address[:strings.Index(address, "authtoken=")] + "authtoken=guessed"
	for name, c := range map[string]struct {
		address, span string
		length        int
		status        int
	}{
		"a guessed token":  {foreign, "bytes 0-0/4194304", 1, 401},
		"no range":         {address, "", 1, 400},
		"another total":    {address, "bytes 0-0/4194305", 1, 400},
		"past the end":     {address, "bytes 0-4194304/4194304", 1, 400},
		"another length":   {address, "bytes 0-1/4194304", 1, 400},
		"more than 4 MB":   {address, "bytes 0-4194303/4194304", 4*mebi + 1, 413},
		"nobody's session": {strings.Replace(address, "AttachmentSessions('", "AttachmentSessions('x", 1), "bytes 0-0/4194304", 1, 404},
	} {
		if status, _, out := x.toSession("PUT", c.address, c.span, make([]byte, c.length)); status != c.status {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	if status, _ := x.call("PUT", strings.TrimPrefix(address, x.origin), x.ready.Tokens.Everything, nil); status != 401 {
		t.Errorf("with a bearer token: %d", status)
	}
}

// TestAMessageHas35MBAtMost with all that hangs on it.
func TestAMessageHas35MBAtMost(t *testing.T) {
	x := start(t, sim.Options{})
	for _, item := range x.items() {
		last := 0
		for _, size := range []int{20 * mebi, 16 * mebi} {
			address := x.begin(item, size)
			for from := 0; from < size; from += 4 * mebi {
				last, _, _ = x.put(address, from, size, make([]byte, 4*mebi))
			}
		}
		if last != 413 || len(x.hungOn(item)) != 1 {
			t.Errorf("%d, and %d hang there", last, len(x.hungOn(item)))
		}
	}
}

// TestAnUploadGoesOnAfterTheSimulatorDied: what it took is in its journal.
func TestAnUploadGoesOnAfterTheSimulatorDied(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	x := start(t, sim.Options{Journal: journal})
	item := x.items()[0]
	address := x.begin(item, 4*mebi)
	x.put(address, 0, 4*mebi, bytes.Repeat([]byte{1}, 3*mebi))
	if err := x.halt(); err != nil {
		t.Fatal(err)
	}
	x = start(t, sim.Options{Journal: journal})
	if status, _, out := x.toSession("GET", address, "", nil); status != 200 || fmt.Sprint(out["nextExpectedRanges"]) != "[3145728]" {
		t.Fatalf("%d %v", status, out)
	}
	if status, _, _ := x.put(address, 3*mebi, 4*mebi, bytes.Repeat([]byte{2}, mebi)); status != 201 {
		t.Fatalf("%d", status)
	}
	if hung := x.hungOn(item); len(hung) != 1 || hung[0]["size"] != float64(4*mebi) {
		t.Errorf("%d", len(hung))
	}
}
