package proxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/odata/page"
)

// broken is an answer that ended before its end, when its beginning was handed on.
type broken struct{ cause error }

func (b *broken) Error() string { return "an answer broke off: " + b.cause.Error() }

// Unwrap gives what it broke off by.
func (b *broken) Unwrap() error { return b.cause }

// buffers are what answers go through on their way.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// stream is what somebody has put there, a file's or a message's, and nothing of Microsoft's
// own writing.
var stream = edm.Ref{Type: "Edm.Stream"}

// answer hands Microsoft's answer on as it comes, its links sealed and the addresses that
// need no token held. What somebody has put into a file is handed on as it is, whatever it
// calls itself: no link in it is Microsoft's.
func (p *Proxy) answer(w http.ResponseWriter, a *asked, call gate.Call, answer *gate.Answer) error {
	show(w.Header(), answer.Header)
	if err := p.leadOn(w, a, call, answer); err != nil {
		return err
	}
	isJSON := strings.HasPrefix(strings.ToLower(answer.Header.Get("Content-Type")), "application/json")
	if a.form.Answer.Type == session && answer.Status < http.StatusBadRequest {
		var err error
		if a.until, err = endOf(answer); err != nil || a.until.IsZero() || !isJSON {
			return p.broke(call, errors.Join(errors.New("an upload session is not what it should be"), err))
		}
	}
	w.WriteHeader(answer.Status)
	var links *linkWriter
	out := io.Writer(p.lasting(w))
	if a.form.Answer != stream && isJSON {
		links = &linkWriter{to: out, own: p.owns(a, call), session: !a.until.IsZero()}
		out = links
	}
	var err error
	if told := a.form.Private(); !a.flow.ShowsPrivate && told.Tells && answer.Status < http.StatusBadRequest {
		err = mask(out, answer.Body, a.form.Answer, links != nil)
	} else {
		buffer := buffers.Get().(*[]byte)
		_, err = io.CopyBuffer(struct{ io.Writer }{out}, answer.Body, *buffer) // ReadFrom would take one of its own
		buffers.Put(buffer)
	}
	if err == nil && links != nil {
		err = links.end()
	}
	if err != nil {
		return p.broke(call, err)
	}
	return nil
}

// session is what is answered where an upload session begins.
const session = edm.Namespace + "uploadSession"

// longestSession is how long that may be.
const longestSession = 64 << 10

// endOf says when the upload session ends that is answered. The answer can be read again.
func endOf(answer *gate.Answer) (until time.Time, err error) {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, longestSession))
	if err != nil {
		return until, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(raw), answer.Body}
	var is struct{ ExpirationDateTime time.Time }
	err = json.Unmarshal(raw, &is)
	return is.ExpirationDateTime, err
}

// leadOn says where something else is that an answer leads to, as the proxy's own address: a
// path of Graph's as it is, what hangs on a message or an event by its path, and what needs
// no token by a handle. Nothing else is told.
func (p *Proxy) leadOn(w http.ResponseWriter, a *asked, call gate.Call, answer *gate.Answer) error {
	to := answer.Header.Get("Location")
	own, graph := strings.CutPrefix(to, a.tenant.Cloud.Graph+"/"+string(a.version)+"/")
	sort, until := "", p.config.Now()
	switch attached := hung.FindStringSubmatch(to); {
	case to == "":
		return nil
	case graph:
		w.Header().Set("Location", a.base+"/"+own)
		return nil
	case answer.Status == http.StatusCreated && attached != nil && call.Operation.API() == flow.Session:
		w.Header().Set("Location", a.base+strings.TrimSuffix(call.Args["path"], "/createUploadSession")+attached[1])
		return nil
	case answer.Status == http.StatusAccepted:
		sort, until = monitor, until.Add(monitorsFor)
	case answer.Status/100 == 3:
		sort, until = download, until.Add(filesFor)
	default:
		return nil
	}
	own, err := p.hold(a, call, sort, to, until)
	if err == nil {
		w.Header().Set("Location", own)
	}
	return err
}

// hung is the end of the address of an attachment that an upload session has made ("Attach
// large files to Outlook messages or events").
var hung = regexp.MustCompile(`/Attachments(\('[A-Za-z0-9_=-]+'\))$`)

// owns writes links of Microsoft's anew. An answer that is no list has none that continues
// it.
func (p *Proxy) owns(a *asked, call gate.Call) func(member, theirs string, within bool) (string, error) {
	return func(member, theirs string, within bool) (string, error) {
		switch list, next := strings.CutSuffix(member, page.NextLink); {
		case isDownload(member):
			return p.hold(a, call, download, theirs, p.config.Now().Add(filesFor))
		case !a.until.IsZero() && strings.EqualFold(member, uploadURL):
			return p.hold(a, call, upload, theirs, a.until)
		case !within && a.form.Answer.Collection:
			return p.close(a, call, a.form.Query(), theirs)
		case within && next:
			return p.closeWithin(a, call, list, theirs)
		}
		return nowhere(a, call), nil
	}
}

// statuses is the table from a refusal's kind to the status and the code that Graph's
// SDKs know (graph-facts §2.1).
func statuses() map[graphwarden.Kind]struct {
	status int
	code   string
} {
	type pair = struct {
		status int
		code   string
	}
	return map[graphwarden.Kind]pair{
		graphwarden.Invalid:         {http.StatusBadRequest, "BadRequest"},
		graphwarden.Denied:          {http.StatusForbidden, "ErrorAccessDenied"},
		graphwarden.Unauthenticated: {http.StatusUnauthorized, "InvalidAuthenticationToken"},
		graphwarden.Unknown:         {http.StatusNotFound, "ResourceNotFound"},
		graphwarden.Conflict:        {http.StatusConflict, "Conflict"},
		graphwarden.Credential:      {http.StatusServiceUnavailable, "ServiceUnavailable"},
		graphwarden.Unreachable:     {http.StatusServiceUnavailable, "ServiceUnavailable"},
		graphwarden.Storage:         {http.StatusServiceUnavailable, "ServiceUnavailable"},
	}
}

// told says by which status and which code of Graph's a refusal is answered.
func told(no *graphwarden.Refusal) (status int, code string) {
	of := statuses()[no.Kind]
	status, code = of.status, of.code
	switch no.Code {
	case "proxy.method":
		status = http.StatusMethodNotAllowed
	case "proxy.large":
		status, code = http.StatusRequestEntityTooLarge, "RequestEntityTooLarge"
	case "proxy.batch_long":
		code = "MaximumValueExceeded"
	case "proxy.link_old": // as Microsoft says that a delta's state is gone (graph-facts §1)
		status, code = http.StatusGone, "syncStateNotFound"
	case "proxy.handle_old": // as Microsoft says that an upload session is gone
		code = "itemNotFound"
	case "proxy.range":
		code = "invalidRange"
	case "proxy.depends":
		status, code = http.StatusFailedDependency, "FailedDependency"
	}
	return status, code
}

// refuse says in Graph's own form why a request does not pass, so that SDKs raise
// their usual error. What is Graphwarden's own stands in innerError, with a page at the
// origin where the proxy was asked for a path.
func (p *Proxy) refuse(w http.ResponseWriter, origin, path string, err error) {
	var later *graphwarden.Later
	var hasty *hasty
	var no *graphwarden.Refusal
	status, code, say, own := http.StatusServiceUnavailable, "ServiceUnavailable", "Graphwarden cannot let requests through at the moment.", "proxy.unavailable"
	inner := map[string]string{}
	after := func(wait time.Duration) {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(wait.Seconds()+0.999))))
	}
	switch {
	case errors.As(err, &hasty):
		after(hasty.wait)
		status, code, say, own = http.StatusTooManyRequests, "TooManyRequests", "This key has been refused more often than it may ask.", "proxy.rate"
		inner["do"] = "Do not repeat what was refused; apps_rate in the configuration says how often a key may ask."
	case errors.As(err, &later):
		after(later.After)
		status, code, say, own = http.StatusTooManyRequests, "TooManyRequests", "The budget of this mailbox is used up for the moment.", "proxy.later"
	case errors.As(err, &no):
		status, code = told(no)
		say, own = no.Say, no.Code
		inner["do"], inner["field"] = no.Do, no.Field
	}
	if status >= 500 {
		p.config.Log.Warn("the proxy let a request not through", "path", path, "reason", err)
	}
	inner["code"] = own
	if inner["field"] == "" {
		delete(inner, "field")
	}
	inner["page"] = origin + "/errors/" + own
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": code, "message": say, "innerError": inner}}) // who asked is gone: nobody to tell
}
