package gate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// plan is a call that was allowed, ready to be sent.
type plan struct {
	id     string // sent as client-request-id
	call   Call
	route  Route
	target *url.URL
	owner  owner
	entry  graphwarden.Entry
	along  *along // what goes to the disk with the entry; nil: nothing

	recorded bool   // the entry is on disk, so the call's end must follow
	answered string // the id that Microsoft gave the request it answered last

	// Of a call that has a place among those of a cluster:
	life      context.Context // ends when the others have this process's places
	during    context.Context // of the call, ends with life
	stop      func()
	restUntil time.Time // until when Microsoft asked its owner to rest
}

// within gives the context that a call runs in: ctx, and no longer than its place
// is its own.
func (p *plan) within(ctx context.Context) context.Context {
	if p.life == nil {
		return ctx
	}
	if p.during == nil {
		p.during, p.stop = while(ctx, p.life)
	}
	return p.during
}

// end lets go of what a call's context held.
func (p *plan) end() {
	if p.stop != nil {
		p.stop()
	}
}

// request writes the call out, with our own serialisation of what was judged.
func (p *plan) request(ctx context.Context) (*http.Request, error) {
	body := io.Reader(http.NoBody)
	if len(p.call.Body) > 0 {
		body = bytes.NewReader(p.call.Body)
	}
	request, err := http.NewRequestWithContext(ctx, p.call.Operation.Method(), "", body)
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	if p.call.Stream != nil && p.call.Operation.API() == flow.Session {
		request.Body, request.ContentLength, request.GetBody = io.NopCloser(p.call.Stream), p.call.Length, nil
	}
	target := *p.target
	request.URL, request.Host = &target, target.Host
	for name, values := range p.call.Header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Graphwarden")
	request.Header.Set("client-request-id", p.id)
	if p.call.Operation.API() == flow.Login {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return request, nil
	}
	switch api := p.call.Operation.API(); {
	case api == flow.Session:
		p.toSession(request)
		return request, nil
	case p.call.Operation.IsAsked():
	case api == flow.Graph:
		request.Header.Add("Prefer", `IdType="ImmutableId"`)
	default:
		p.toExchange(request)
	}
	for _, value := range p.call.Prefer {
		request.Header.Add("Prefer", value)
	}
	if p.call.IfMatch != "" {
		request.Header.Set("If-Match", p.call.IfMatch)
	}
	if len(p.call.Body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// toSession says which bytes of its file an upload session is sent.
func (p *plan) toSession(request *http.Request) {
	if p.call.Range != "" {
		request.Header.Set("Content-Type", "application/octet-stream")
		request.Header.Set("Content-Range", p.call.Range)
	}
}

// toExchange says what Exchange's own module says besides: where the call is to be
// routed, and in which form the answer comes (graph-facts §12.3).
func (p *plan) toExchange(request *http.Request) {
	request.Header.Set("X-AnchorMailbox", "APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@"+p.route.Tenant.ID)
	request.Header.Set("X-CmdletName", p.call.Operation.Cmdlet())
	request.Header.Set("X-ResponseFormat", "json")
}

// address gives where the call goes: the cloud's own origin and the operation's
// own path. Of a link that Microsoft gave only the query is taken over, after its
// origin was found to be exactly the cloud's and its path the operation's on the
// same objects: a token must not follow a link to anywhere else (R15).
func address(c Call, cloud graphwarden.Cloud) (*url.URL, error) {
	if c.Operation.API() == flow.Session {
		return sessionAddress(c, cloud)
	}
	origin := cloud.Graph
	switch c.Operation.API() {
	case flow.Login:
		origin = cloud.Login
	case flow.Exchange:
		origin = cloud.Exchange
	}
	path, err := c.Operation.Build(c.Mailbox, c.Args)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(origin + path)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the cloud %q: %w", cloud.Name, err)
	}
	target.RawQuery = c.Query
	if c.Link == "" {
		return target, nil
	}
	link, err := url.Parse(c.Link)
	if err != nil {
		return nil, errForeign
	}
	if link.User != nil || link.Fragment != "" || link.Scheme+"://"+link.Host != origin {
		return nil, errForeign
	}
	if !c.Operation.Leads(link.Path, c.Mailbox, c.Args) {
		return nil, errForeign
	}
	target.RawQuery = link.RawQuery
	return target, nil
}

// sessionAddress gives where an upload session is, or what else an answer led an app to: the
// link as Microsoft gave it, which it asks not to be changed, after its origin was found to
// be one that the cloud has such things at. It holds its own right, and no token goes there.
func sessionAddress(c Call, cloud graphwarden.Cloud) (*url.URL, error) {
	if _, err := c.Operation.Build(c.Mailbox, c.Args); err != nil {
		return nil, err
	}
	link, err := url.Parse(c.Link)
	if err != nil || link.User != nil || link.Fragment != "" {
		return nil, errForeign
	}
	origin := link.Scheme + "://" + link.Host
	if !cloud.TakesUploads(origin) && !(c.Operation.IsAsked() && cloud.KeepsFiles(origin)) {
		return nil, errForeign
	}
	return link, nil
}

// requestRoom is how long an id of a request may be; Microsoft's have 36 characters.
const requestRoom = 64

// requestID is the id by which Microsoft knows a request that it answered: Graph and
// Exchange say it as request-id, Entra as x-ms-request-id (each of their pages on errors
// asks for it). What cannot be one is none: an answer writes nothing else into the ledger.
func requestID(h http.Header) string {
	id := h.Get("request-id")
	if id == "" {
		id = h.Get("x-ms-request-id")
	}
	odd := func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '.' || r == '_')
	}
	if len(id) > requestRoom || strings.ContainsFunc(id, odd) {
		return ""
	}
	return id
}
