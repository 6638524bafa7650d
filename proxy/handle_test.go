package proxy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

const (
	uploads = "POST /users/{id}/messages/{id}/attachments/createUploadSession"
	large   = 3 << 20 // of the file, in bytes
)

// begun begins an upload to a new draft, as an app, and gives its handle and the draft.
func (h *house) begun(headers ...string) (handle, draft string) {
	h.Helper()
	made := h.direct("POST", "/users/"+h.inside[0].ID+"/messages", `{"subject":"with a file"}`, "Prefer", `IdType="ImmutableId"`)
	var is struct{ ID string }
	if err := json.Unmarshal([]byte(made.body), &is); err != nil || made.status != http.StatusCreated {
		h.Fatalf("a draft: %d %s", made.status, made.body)
	}
	body := fmt.Sprintf(`{"AttachmentItem":{"attachmentType":"file","name":"plan.pdf","size":%d}}`, large)
	a := h.asks("gwk_crm", "POST", "/users/"+h.inside[0].Name+"/messages/"+is.ID+"/attachments/createUploadSession", body, headers...)
	var session struct {
		UploadURL          string
		ExpirationDateTime time.Time
		NextExpectedRanges []string
	}
	if err := json.Unmarshal([]byte(a.body), &session); err != nil || a.status != http.StatusCreated || session.ExpirationDateTime.IsZero() || len(session.NextExpectedRanges) != 1 {
		h.Fatalf("beginning: %d %s", a.status, a.body)
	}
	if strings.Contains(a.body, "authtoken") || strings.Contains(a.body, "AttachmentSessions(") || !strings.HasPrefix(session.UploadURL, h.server.URL+"/graph/handles/") {
		h.Errorf("the app is told %s", a.body)
	}
	return session.UploadURL, is.ID
}

// piece puts bytes of a file at a handle.
func (h *house) piece(key, handle string, file []byte, from, to int) answer {
	h.Helper()
	return h.asks(key, "PUT", handle, string(file[from:to]), "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(file)))
}

func content() []byte { return bytes.Repeat([]byte("0123456789abcdef"), large/16) }

// TestAFileIsUploadedBehindAHandle: an app puts a large file piece by piece, asks where it
// stands and goes on there, and the file hangs where it belongs; Microsoft's own address is
// never shown.
func TestAFileIsUploadedBehindAHandle(t *testing.T) {
	h := open(t, uploads)
	handle, draft := h.begun()
	file, half := content(), 1<<20
	if a := h.piece("gwk_crm", handle, file, 0, half); a.status != http.StatusOK || !strings.Contains(a.body, fmt.Sprint(half)) || strings.Contains(a.body, "authtoken") {
		t.Fatalf("the first piece: %d %s", a.status, a.body)
	}
	if a := h.asks("gwk_crm", "GET", handle, ""); a.status != http.StatusOK || !strings.Contains(a.body, fmt.Sprintf(`["%d"]`, half)) {
		t.Fatalf("it stands at %d %s", a.status, a.body)
	}
	if a := h.piece("gwk_crm", handle, file, half, half+1<<20); a.status != http.StatusOK {
		t.Fatalf("the second piece: %d %s", a.status, a.body)
	}
	a := h.piece("gwk_crm", handle, file, half+1<<20, large)
	to := a.header.Get("Location")
	if a.status != http.StatusCreated || !strings.HasPrefix(to, h.server.URL+"/graph/v1.0/users/"+h.inside[0].ID+"/messages") || !strings.Contains(to, "/attachments('") {
		t.Fatalf("the last piece: %d %s, %s", a.status, a.body, to)
	}
	got := h.direct("GET", "/users/"+h.inside[0].ID+"/messages/"+draft+"/attachments", "")
	var list struct {
		Value []struct {
			ID, Name     string
			ContentBytes []byte
		}
	}
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || len(list.Value) != 1 || list.Value[0].Name != "plan.pdf" || !bytes.Equal(list.Value[0].ContentBytes, file) || !strings.HasSuffix(to, "/attachments('"+list.Value[0].ID+"')") {
		t.Errorf("%v: there hang %d, and the last was called %s", err, len(list.Value), to)
	}
	if a := h.asks("gwk_crm", "GET", handle, ""); a.status != http.StatusNotFound && a.status != http.StatusUnauthorized {
		t.Errorf("afterwards it answers %d %s", a.status, a.body)
	}
	puts := 0
	err := h.rooms.Store.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Kind == graphwarden.Decided && e.Method == http.MethodPut && e.Allowed && e.App == "crm" && e.Mailbox == h.inside[0].ID && e.Path == "/v1.0/users/{mailbox}/messages/{id}/attachments/createUploadSession" {
			puts++
		}
		if strings.Contains(fmt.Sprint(e), "authtoken") {
			t.Errorf("recorded is %+v", e)
		}
		return nil
	})
	if err != nil || puts != 3 {
		t.Errorf("%v: %d pieces are on record", err, puts)
	}
}

// TestAnUploadCanBeGivenUp: DELETE ends the session at Microsoft.
func TestAnUploadCanBeGivenUp(t *testing.T) {
	h := open(t, uploads)
	handle, _ := h.begun()
	if a := h.asks("gwk_crm", "DELETE", handle, ""); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := h.piece("gwk_crm", handle, content(), 0, 1<<10); a.status < 400 {
		t.Errorf("it takes more: %d %s", a.status, a.body)
	}
}

// TestAHandleIsGoodForItsAppOnly, unchanged, with a key that may, for as long as session,
// flow and mailbox are there. What is refused does not come to Microsoft.
func TestAHandleIsGoodForItsAppOnly(t *testing.T) {
	h := open(t, uploads)
	handle, _ := h.begun()
	file := content()
	flipped := func(at int) string {
		b := []byte(handle)
		at = len(b) - 1 - at
		b[at] = "AB"[map[bool]int{true: 1}[b[at] == 'A']]
		return string(b)
	}
	was := h.rooms.Flow
	for _, one := range []struct {
		name, key, method, at, want string
		status                      int
		change                      func()
	}{
		{name: "another app", key: "gwk_erp", want: "proxy.handle", status: 403},
		{name: "a key that nobody has", key: "gwk_nobody", want: "api.key_unknown", status: 401},
		{name: "a key that reads", key: "gwk_reads", want: "api.key_scope", status: 403},
		{name: "a key for another flow", key: "gwk_other", want: "proxy.no_flow", status: 403},
		{name: "its last letter is another", at: flipped(0), want: "proxy.handle", status: 403},
		{name: "a letter in it is another", at: flipped(40), want: "proxy.handle", status: 403},
		{name: "it goes on", at: handle + "/x", want: "proxy.handle", status: 403},
		{name: "it has a query", at: handle + "?a=b", want: "proxy.handle", status: 403},
		{name: "none", at: h.server.URL + "/graph/handles/", want: "proxy.handle", status: 403},
		{name: "POST", method: "POST", want: "proxy.method", status: 405},
		{name: "the session is over", change: func() { h.later = 2 * time.Hour }, want: "proxy.handle_old", status: 404},
		{name: "the flow lists it no more", change: func() { h.rooms.Flow.Kind = flow.Through(nil) }, want: "proxy.handle_old", status: 404},
		{name: "the flow has another registration", change: func() { h.rooms.Flow.Registration = "another" }, want: "proxy.handle_old", status: 404},
		{name: "the flow is gone", change: func() { h.rooms.Flow.Name = "another" }, want: "proxy.handle_old", status: 404},
		{name: "the mailbox has left", change: func() { h.rooms.Flow.Mailboxes = was.Mailboxes[1:] }, want: "proxy.handle_old", status: 404},
	} {
		h.later, h.rooms.Flow = 0, was
		if one.change != nil {
			one.change()
		}
		key, method, at := one.key, one.method, one.at
		if key == "" {
			key = "gwk_crm"
		}
		if method == "" {
			method = "PUT"
		}
		if at == "" {
			at = handle
		}
		a := h.asks(key, method, at, string(file[:1<<10]), "Content-Range", fmt.Sprintf("bytes 0-%d/%d", 1<<10-1, large))
		if a.status != one.status || a.code() != one.want {
			t.Errorf("%s: %d %s", one.name, a.status, a.body)
		}
	}
	h.later, h.rooms.Flow = 0, was
	if a := h.asks("gwk_crm", "GET", handle, ""); a.status != http.StatusOK || !strings.Contains(a.body, `["0"]`) {
		t.Errorf("Microsoft was sent something: %d %s", a.status, a.body)
	}
}

// TestAPieceSaysWhichBytesItIs, and is as long as it says.
func TestAPieceSaysWhichBytesItIs(t *testing.T) {
	h := open(t, uploads)
	handle, _ := h.begun()
	for span, want := range map[string]string{
		"": "proxy.range", "bytes 0-3": "proxy.range", "bytes 0-3/*": "proxy.range", "bytes=0-3/3145728": "proxy.range", "bytes 0-4/3145728": "proxy.range", "bytes 0-2/3145728": "proxy.range",
		"bytes 3-0/3145728": "proxy.range", "bytes 0-3/3": "proxy.range", "bytes 0-3/3145728\tx": "proxy.range", "bytes -1-3/3145728": "proxy.range",
		"bytes 0-9999999999999999999/99999999999999999999": "proxy.range", "bytes 0-62914559/99999999": "proxy.large", "bytes 0-3/3145728, bytes 4-7/3145728": "proxy.range",
	} {
		if a := h.asks("gwk_crm", "PUT", handle, "file", "Content-Range", span); a.code() != want || a.status < 400 || a.status >= 500 {
			t.Errorf("%q: %d %s", span, a.status, a.body)
		}
	}
	if a := h.asks("gwk_crm", "PUT", handle, "file", "Content-Range", "bytes 0-3/3145728", "Content-Encoding", "gzip"); a.code() != "proxy.range" {
		t.Errorf("packed: %d %s", a.status, a.body)
	}
	if a := h.asks("gwk_crm", "GET", handle, "file"); a.code() != "proxy.range" {
		t.Errorf("a body: %d %s", a.status, a.body)
	}
	// What is in order for the proxy and not for Microsoft, Microsoft says.
	if a := h.asks("gwk_crm", "PUT", handle, "file", "Content-Range", "bytes 4-7/3145728"); a.status != http.StatusBadRequest || a.code() != "" {
		t.Errorf("out of order: %d %s", a.status, a.body)
	}
}

const (
	fileItem    = "GET /users/{id}/drive/items/{id}"
	fileContent = "GET /users/{id}/drive/items/{id}/content"
	fileCopy    = "POST /users/{id}/drive/items/{id}/copy"

	theirs = "https://contoso-my.sharepoint.com/_layouts/15/download.aspx?UniqueId=1&tempauth=secret"
)

// TestAFileIsReadBehindAHandle: neither the address in an item, nor the one that its content
// is said to be at, nor that of a copy under way is shown, and each can be followed.
func TestAFileIsReadBehindAHandle(t *testing.T) {
	h := open(t, fileItem, fileContent, fileCopy)
	var at []gate.Call
	h.gives = func(c gate.Call) *gate.Answer {
		at = append(at, c)
		say := func(status int, body string, heads ...string) *gate.Answer {
			a := &gate.Answer{Status: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
			for i := 0; i < len(heads); i += 2 {
				a.Header.Set(heads[i], heads[i+1])
			}
			return a
		}
		switch method, path := c.Operation.Method(), c.Operation.Template(); {
		case c.Operation.API() == flow.Session && strings.HasSuffix(path, "/copy"):
			return say(202, `{"status":"inProgress","percentageComplete":27.8}`, "Content-Type", "application/json", "Location", theirs+"&again")
		case c.Operation.API() == flow.Session:
			return say(206, "{\"@x.downloadUrl\":\"kept\"}", "Content-Type", "application/json", "Content-Range", "bytes 2-4/9", "Set-Cookie", "FedAuth=secret")
		case method == "POST":
			return say(202, "", "Location", theirs)
		case strings.HasSuffix(path, "/content"):
			return say(302, "", "Location", theirs)
		}
		return say(200, `{"id":"01A","@microsoft.graph.downloadUrl":"`+theirs+`","children":[{"@content.downloadUrl":"`+theirs+`"}],"name":"@microsoft.graph.downloadUrl"}`, "Content-Type", "application/json")
	}
	h.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	way := "/users/" + h.inside[0].ID + "/drive/items/01A"
	seen := []string{}
	told := h.asks("gwk_crm", "GET", way, "")
	var is struct {
		URL      string `json:"@microsoft.graph.downloadUrl"`
		Children []struct {
			URL string `json:"@content.downloadUrl"`
		}
		Name string
	}
	if err := json.Unmarshal([]byte(told.body), &is); err != nil || len(is.Children) != 1 || is.Name != "@microsoft.graph.downloadUrl" {
		t.Fatalf("%v: %s", err, told.body)
	}
	elsewhere := h.asks("gwk_crm", "GET", way+"/content", "")
	copying := h.asks("gwk_crm", "POST", way+"/copy", `{"name":"b.pdf"}`)
	if elsewhere.status != 302 || copying.status != 202 {
		t.Fatalf("%d %s, %d %s", elsewhere.status, elsewhere.body, copying.status, copying.body)
	}
	seen = append(seen, is.URL, is.Children[0].URL, elsewhere.header.Get("Location"), copying.header.Get("Location"))
	for i, handle := range seen {
		if !strings.HasPrefix(handle, h.server.URL+"/graph/handles/") || strings.Contains(handle, "tempauth") {
			t.Fatalf("%d is shown as %s", i, handle)
		}
		a := h.asks("gwk_crm", "GET", handle, "", "Range", "bytes=2-4")
		last := at[len(at)-1]
		if last.Link != theirs || last.Header.Get("Range") != "bytes=2-4" || last.Mailbox != h.inside[0].ID || last.Operation.API() != flow.Session {
			t.Errorf("%d: the gate is asked %+v", i, last)
		}
		for name, values := range a.header {
			if strings.Contains(strings.Join(values, ""), "secret") {
				t.Errorf("%d: %s is %s", i, name, values)
			}
		}
		if i == 3 {
			if a.status != 202 || !strings.Contains(a.body, "27.8") || !strings.HasPrefix(a.header.Get("Location"), h.server.URL+"/graph/handles/") {
				t.Errorf("the monitor: %d %s %s", a.status, a.body, a.header)
			}
			continue
		}
		if a.status != 206 || a.body != `{"@x.downloadUrl":"kept"}` || a.header.Get("Content-Range") != "bytes 2-4/9" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d: %d %s %s", i, a.status, a.body, a.header)
		}
		for _, bad := range []string{"bytes=1-2,4-5", "bytes=x", "items=1-2", "bytes=-"} {
			if a := h.asks("gwk_crm", "GET", handle, "", "Range", bad); a.code() != "proxy.range" {
				t.Errorf("%s: %d %s", bad, a.status, a.body)
			}
		}
		if a := h.asks("gwk_crm", "PUT", handle, "x"); a.code() != "proxy.method" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := h.asks("gwk_erp", "GET", handle, ""); a.code() != "proxy.handle" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	h.later = 61 * time.Minute
	if a := h.asks("gwk_crm", "GET", seen[0], ""); a.code() != "proxy.handle_old" {
		t.Errorf("after an hour: %d %s", a.status, a.body)
	}
}

// endless gives a number of bytes, and looks at the memory in use now and then.
type endless struct {
	left, seen int64
	peak       *uint64
}

func (e *endless) Read(into []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(into)), e.left)
	e.left -= n
	if e.seen += n; e.seen >= 24<<20 {
		e.seen = 0
		*e.peak = max(*e.peak, inUse())
	}
	return int(n), nil
}

// inUse is how much memory the process really holds on to.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestAGigabyteTakesNoMemory: files go up in large pieces and down in one, and 32 MB are
// never held of them (R20).
func TestAGigabyteTakesNoMemory(t *testing.T) {
	size := int64(1 << 30)
	if testing.Short() {
		size = 128 << 20
	}
	const piece = 50 << 20
	h := open(t, uploads, fileItem)
	handle, _ := h.begun()
	var peak uint64
	var up int64
	h.gives = func(c gate.Call) *gate.Answer {
		answer := &gate.Answer{Status: 200, Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: http.NoBody}
		switch {
		case c.Operation.API() != flow.Session:
			answer.Header.Set("Content-Type", "application/json")
			answer.Body = io.NopCloser(strings.NewReader(`{"@microsoft.graph.downloadUrl":"` + theirs + `"}`))
		case c.Operation.Method() == "PUT":
			peaks := &endless{left: c.Length, peak: &peak}
			n, err := io.Copy(io.Discard, io.TeeReader(c.Stream, counting{peaks}))
			if up += n; err != nil || n != c.Length {
				answer.Status = 500
			}
		default:
			answer.Body = io.NopCloser(&endless{left: size, peak: &peak})
		}
		return answer
	}
	before := inUse()
	for from := int64(0); from < size; from += piece {
		to := min(from+piece, size)
		r, err := http.NewRequestWithContext(t.Context(), "PUT", handle, io.LimitReader(zeros{}, to-from))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = to - from
		r.Header.Set("Authorization", "Bearer gwk_crm")
		r.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, size))
		w, err := h.server.Client().Do(r)
		if err != nil || w.StatusCode != 200 {
			t.Fatalf("%d: %v, %v", from, err, w)
		}
		w.Body.Close()
	}
	var is map[string]string
	if err := json.Unmarshal([]byte(h.asks("gwk_crm", "GET", "/users/"+h.inside[0].ID+"/drive/items/01A", "").body), &is); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", is["@microsoft.graph.downloadUrl"], nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer gwk_crm")
	w, err := h.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	down, err := io.Copy(io.Discard, w.Body)
	if err != nil || down != size || up != size {
		t.Errorf("%v: %d bytes up, %d down", err, up, down)
	}
	t.Logf("%d MB each way; at most %.1f MB more in use", size>>20, float64(int64(peak)-int64(before))/(1<<20))
	if int64(peak)-int64(before) > 32<<20 {
		t.Errorf("%d MB are held", (int64(peak)-int64(before))>>20)
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(into []byte) (int, error) { return len(into), nil }

// counting looks at the memory as often as what it counts.
type counting struct{ of *endless }

func (c counting) Write(p []byte) (int, error) { return c.of.Read(p) }

// patiently is an answer whose server gives time.
type patiently struct {
	*httptest.ResponseRecorder
	reads, writes []time.Time
}

// SetReadDeadline takes down how long the request may take.
func (p *patiently) SetReadDeadline(t time.Time) error {
	p.reads = append(p.reads, t)
	return nil
}

// SetWriteDeadline takes down how long the answer may take.
func (p *patiently) SetWriteDeadline(t time.Time) error {
	p.writes = append(p.writes, t)
	return nil
}

// slowly takes a while for each piece.
type slowly struct {
	pieces int
	takes  func()
}

func (s *slowly) Read(into []byte) (int, error) {
	if s.pieces--; s.pieces < 0 {
		return 0, io.EOF
	}
	s.takes()
	return 1, nil
}

// TestWhatMovesMayTakeLong: a file that comes or goes slowly is given more time for as long as
// it moves; what is quick is left to the server's own.
func TestWhatMovesMayTakeLong(t *testing.T) {
	h := open(t, uploads, fileItem)
	handle, _ := h.begun()
	step := time.Duration(0)
	h.gives = func(c gate.Call) *gate.Answer {
		if c.Stream != nil {
			_, _ = io.Copy(io.Discard, c.Stream)
		}
		return &gate.Answer{Status: 200, Header: http.Header{"Content-Type": {"application/octet-stream"}}, Body: io.NopCloser(&slowly{3, func() { h.later += step }})}
	}
	for _, each := range []time.Duration{0, 7 * time.Second} {
		step = each
		for _, method := range []string{"GET", "PUT"} {
			r := httptest.NewRequestWithContext(t.Context(), method, handle, nil)
			r.RequestURI = r.URL.Path
			r.Header.Set("Authorization", "Bearer gwk_crm")
			if method == "PUT" {
				r.Body, r.ContentLength = io.NopCloser(&slowly{4, func() { h.later += step }}), 4
				r.Header.Set("Content-Range", "bytes 0-3/4")
			}
			w := &patiently{ResponseRecorder: httptest.NewRecorder()}
			h.proxy.ServeHTTP(w, r)
			given := map[bool]int{true: 3, false: 0}[each > 0]
			if method == "PUT" && each > 0 {
				given += 4
			}
			if w.Code != 200 || len(w.reads) != given || len(w.writes) != given {
				t.Errorf("%s, %s each: %d, time was given %d and %d times, want %d", method, each, w.Code, len(w.reads), len(w.writes), given)
			}
		}
	}
}
