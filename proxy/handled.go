package proxy

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// largestPiece is how much of a file one request may carry: less than 60 MiB
// ("driveItem: createUploadSession").
const largestPiece = 60 << 20

// Which bytes of a file a piece is, and which an app wants (RFC 9110, sections 14.4 and 14.2).
var (
	pieceOf = regexp.MustCompile(`^bytes (\d{1,18})-(\d{1,18})/(\d{1,18})$`)
	wants   = regexp.MustCompile(`^bytes=(\d{1,18}-\d{0,18}|-\d{1,18})$`)
)

// follow answers a request to one of the proxy's handles. What goes on to Microsoft are the
// address that it stands for, the bytes of a file and which they are, and no token; nothing
// is read that was not judged before.
func (p *Proxy) follow(w http.ResponseWriter, r *http.Request, token string) error {
	key, err := p.admit(r)
	if err != nil {
		return err
	}
	ctx := gate.BeginBy(gate.KnownBy(r.Context(), key.ID), p.config.Now().Add(p.longest))
	a := &asked{key: key, from: r}
	call, sort, err := p.handled(a, r, token)
	if err != nil {
		return p.noted(ctx, a, call, err)
	}
	if call.Stream != nil {
		long := p.lasting(w)
		long.reader, call.Stream = call.Stream, long
	}
	answer, err := p.config.Gate.Do(ctx, call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if sort == download {
		return p.hand(w, a, call, answer)
	}
	return p.answer(w, a, call, answer)
}

// handled says what is to be called for a request to a handle.
func (p *Proxy) handled(a *asked, r *http.Request, token string) (call gate.Call, sort string, err error) {
	h, err := p.release(a.key.App, token)
	if err != nil {
		return call, "", err
	}
	a.version, a.base, a.method, a.header = h.Version, origin(r)+Prefix+string(h.Version), r.Method, r.Header
	op := flow.Asked(h.Version, h.Method, h.Template)
	call = gate.Call{App: a.key.App, Flow: h.Flow, Mailbox: h.Mailbox, Operation: op}
	if !slices.Contains(takes(h.Sort), r.Method) {
		return call, "", &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.method",
			Say: "This address takes " + strings.Join(takes(h.Sort), ", ") + ".", Do: "Use one of these methods, in capitals."}
	}
	call.Operation = flow.Continued(r.Method, op)
	if a.person, err = person(r.Header); err != nil {
		return call, "", err
	}
	if a.flow, err = p.good(a.key, a.person, h); err != nil {
		return call, "", err
	}
	if call.Operation.Writes() && !a.key.Write {
		return call, "", onlyReads()
	}
	a.tenant = p.config.Tenants[a.flow.Tenant]
	a.form = &canon.Request{Method: h.Method, Template: h.Template} // what is answered has no list, and no event
	if h.Sort == upload {
		a.until = h.Until
	}
	call.Args, call.Link, call.Looks = flow.Args{"path": h.Path}, h.Theirs, r.Method == http.MethodGet
	if err = bytesOf(r, &call); err != nil {
		return call, "", err
	}
	return call, h.Sort, nil
}

// bytesOf says which bytes of a file come, or are wanted.
func bytesOf(r *http.Request, call *gate.Call) error {
	bad := func(field, say, do string) error {
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.range", Field: field, Say: say, Do: do}
	}
	call.Header = http.Header{}
	if r.Method != http.MethodPut {
		switch values := r.Header.Values("Range"); {
		case r.ContentLength != 0:
			return bad("", "A body does not go with "+r.Method+".", "Leave it out.")
		case len(values) > 1 || len(values) == 1 && !wants.MatchString(values[0]):
			return bad("Range", "Range is not bytes=FIRST-LAST.", "Ask for one run of bytes, or for all.")
		case len(values) == 1:
			call.Header.Set("Range", values[0])
		}
		return nil
	}
	values := r.Header.Values("Content-Range")
	if len(values) != 1 || !pieceOf.MatchString(values[0]) {
		return bad("Content-Range", "Content-Range is not bytes FIRST-LAST/TOTAL.", "Say which bytes of the file the body is.")
	}
	found := pieceOf.FindStringSubmatch(values[0])
	var n [3]int64
	for i := range n {
		n[i], _ = strconv.ParseInt(found[i+1], 10, 64) // 18 digits fit
	}
	switch length := n[1] - n[0] + 1; {
	case n[1] < n[0] || n[1] >= n[2]:
		return bad("Content-Range", "These are no bytes of the file.", "Count from 0, and to TOTAL less one.")
	case length >= largestPiece:
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.large", Say: "The piece is not shorter than 60 MiB.", Do: "Send the file in smaller pieces."}
	case r.ContentLength != length || packing(r.Header) != "":
		return bad("Content-Length", "The body has another length than Content-Range says, none, or is packed.", "Send the bytes as they are, with their length.")
	default:
		call.Range, call.Stream, call.Length = values[0], r.Body, length
	}
	return nil
}

// handedWith are the headers of a file that an app is given with it.
var handedWith = [...]string{"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Content-Disposition", "Etag", "Last-Modified", "Retry-After"}

// hand passes a file on as it comes. Where it is only said that it is elsewhere, that is
// another address that needs no token.
func (p *Proxy) hand(w http.ResponseWriter, a *asked, call gate.Call, answer *gate.Answer) error {
	for _, name := range handedWith {
		if values := answer.Header[name]; len(values) > 0 {
			w.Header()[name] = values
		}
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if answer.Status/100 == 3 {
		if err := p.leadOn(w, a, call, answer); err != nil {
			return err
		}
	}
	w.WriteHeader(answer.Status)
	return p.pour(w, call, answer)
}

// pour passes a body on.
func (p *Proxy) pour(w http.ResponseWriter, call gate.Call, answer *gate.Answer) error {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if _, err := io.CopyBuffer(struct{ io.Writer }{p.lasting(w)}, answer.Body, *buffer); err != nil { // ReadFrom would take one of its own
		return p.broke(call, err)
	}
	return nil
}

// broke tells of an answer that ended before its end.
func (p *Proxy) broke(call gate.Call, err error) error {
	p.config.Log.Warn("an answer of the proxy broke off", "app", call.App, "operation", call.Operation.Name(), "reason", err)
	return &broken{err}
}

// stillness is how long nothing may move while a body is on its way.
const stillness = time.Minute

// lasting passes a body that may take longer than the server gives an ordinary one: for as
// long as it moves.
type lasting struct {
	reader  io.Reader
	writer  io.Writer
	control *http.ResponseController
	now     func() time.Time
	last    time.Time // when more time was given
}

// lasting makes one for what is written to w, which begins now.
func (p *Proxy) lasting(w http.ResponseWriter) *lasting {
	return &lasting{writer: w, control: http.NewResponseController(w), now: p.config.Now, last: p.config.Now()}
}

// Read reads on.
func (l *lasting) Read(into []byte) (int, error) {
	l.more()
	return l.reader.Read(into)
}

// Write writes on.
func (l *lasting) Write(piece []byte) (int, error) {
	l.more()
	return l.writer.Write(piece)
}

// more gives more time, where some of it has gone by: what is short is left as the server has
// it. What is held for a batch has no time of its own.
func (l *lasting) more() {
	now := l.now()
	if now.Sub(l.last) < stillness/10 {
		return
	}
	l.last = now
	_ = errors.Join(l.control.SetReadDeadline(now.Add(stillness)), l.control.SetWriteDeadline(now.Add(2*stillness)))
}
