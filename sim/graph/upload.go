package graph

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// uploads serves the addresses of upload sessions, which Graph hands out and Outlook
// answers: their token opens them, and nothing else does ("Attach large files to
// Outlook messages or events").
type uploads struct {
	graph   *Graph
	world   *world.World
	witness wire.Witness
	log     *slog.Logger
}

// sessionPath is the address of a session; ids have no apostrophe.
var sessionPath = regexp.MustCompile(`^/api/v2\.0/Users\('([^']+)'\)/(Messages|Events)\('([^']+)'\)/AttachmentSessions\('([^']+)'\)$`)

// ServeHTTP answers one request to a session.
func (u *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := u.answer(r)
	var p *outlook.Problem
	switch {
	case errors.As(err, &p):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(p.Status)
		err = json.NewEncoder(w).Encode(world.Doc{"error": world.Doc{"code": p.Code, "message": p.Message}})
	case err != nil:
		u.log.ErrorContext(r.Context(), "the simulator broke", "method", r.Method, "path", r.URL.Path, "err", err)
		http.Error(w, "The simulator broke: "+err.Error(), http.StatusInternalServerError)
		return
	case answer.Doc != nil:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.Status)
		err = json.NewEncoder(w).Encode(answer.Doc)
	default:
		if at := answer.Header.Get("Location"); at != "" {
			w.Header().Set("Location", at)
		}
		w.WriteHeader(answer.Status)
	}
	if err != nil {
		u.log.DebugContext(r.Context(), "answer not delivered", "path", r.URL.Path, "err", err)
	}
}

// answer reads the whole request before it takes the store's turn. Cancelling and
// uploading are documented; that a session can be asked where it stands is what
// Microsoft's own clients rely on (LargeFileUploadTask of Graph's SDKs).
func (u *uploads) answer(r *http.Request) (answer wire.Answer, err error) {
	found := sessionPath.FindStringSubmatch(r.URL.Path)
	if found == nil {
		u.log.WarnContext(r.Context(), "not simulated, refused", "method", r.Method, "path", r.URL.Path)
		return answer, outlook.Refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
	}
	if r.Header.Get("Authorization") != "" {
		return answer, outlook.Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "The address of an upload session holds its own token; send no Authorization header.")
	}
	within, handle := u.world.Update, u.take
	switch r.Method {
	case http.MethodPut:
	case http.MethodGet:
		within, handle = u.world.View, u.status
	case http.MethodDelete:
		handle = u.cancel
	default:
		return answer, outlook.Refuse(http.StatusMethodNotAllowed, "ErrorInvalidRequest", "Specified HTTP method is not allowed for the request target.")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, upload.Largest+1))
	switch {
	case err != nil:
		return answer, outlook.Invalid("The request body could not be read.")
	case len(body) > upload.Largest:
		return answer, outlook.Refuse(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request body is larger than 4 MB.")
	}
	err = within(func(tx *state.Tx) error {
		s, ok := u.graph.Uploads.Find(tx, found[4])
		given := r.URL.Query().Get("authtoken")
		switch {
		case !ok || string(s.Kind) != found[2] || s.Item != found[3] || found[1] != s.Mailbox+"@"+u.world.TenantID:
			return outlook.NotFound()
		case subtle.ConstantTimeCompare([]byte(given), []byte(s.Token)) != 1:
			return outlook.Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "The token of the upload session is not valid.")
		}
		answer, err = handle(tx, r, s, body)
		return err
	})
	return answer, err
}

// saw takes down what a request to a session did.
func (u *uploads) saw(tx *state.Tx, r *http.Request, s upload.Session, kind world.EffectKind, object string, status int) {
	u.witness.Saw(tx, world.Effect{ClientRequestID: r.Header.Get("client-request-id"), App: s.App, Principal: s.Principal, Method: r.Method, Path: r.URL.Path,
		Mailbox: s.Mailbox, Object: object, Effect: kind, Status: status})
}

// stands says how far a session is. Its end stays what it was in the beginning.
func (u *uploads) stands(r *http.Request, s upload.Session) wire.Answer {
	return wire.Answer{Status: http.StatusOK, Doc: world.Doc{"@odata.context": s.Context(wire.Origin(r), u.world.TenantID),
		"ExpirationDateTime": outlook.Timestamp(s.Expires), "nextExpectedRanges": []any{strconv.Itoa(s.Here)}}}
}

func (u *uploads) status(tx *state.Tx, r *http.Request, s upload.Session, _ []byte) (wire.Answer, error) {
	u.saw(tx, r, s, world.Read, s.Item, http.StatusOK)
	return u.stands(r, s), nil
}

func (u *uploads) cancel(tx *state.Tx, r *http.Request, s upload.Session, _ []byte) (wire.Answer, error) {
	u.graph.Uploads.End(tx, s)
	u.saw(tx, r, s, world.None, s.Item, http.StatusNoContent)
	return wire.Empty(http.StatusNoContent), nil
}

// take takes the next bytes of a file, and hangs it where it belongs with the last.
func (u *uploads) take(tx *state.Tx, r *http.Request, s upload.Session, body []byte) (wire.Answer, error) {
	from, err := readRange(r.Header.Get("Content-Range"), s.Size, len(body))
	if err != nil {
		return wire.Answer{}, err
	}
	s, whole, err := u.graph.Uploads.Take(tx, s, from, body)
	if err != nil {
		return wire.Answer{}, err
	}
	if whole == nil {
		u.saw(tx, r, s, world.None, s.Item, http.StatusOK)
		return u.stands(r, s), nil
	}
	key, err := u.hang(tx, s, whole)
	if err != nil {
		return wire.Answer{}, err
	}
	u.saw(tx, r, s, world.Update, s.Item, http.StatusCreated)
	at := s.Address(wire.Origin(r), u.world.TenantID, "Attachments", world.ItemID{Mailbox: s.Mailbox, Key: key}.Rest())
	return wire.Answer{Status: http.StatusCreated, Header: http.Header{"Location": {at}}}, nil
}

// largestItem is how large an item may be with all that hangs on it, unless an
// administrator says otherwise; what is answered then is Exchange's
// ErrorMessageSizeExceeded (microsoft-graph-docs, issue 15579).
const largestItem = 35 << 20

func (u *uploads) hang(tx *state.Tx, s upload.Session, whole []byte) (string, error) {
	a := s.Attachment(whole)
	a.Modified = tx.Now()
	tooLarge := outlook.Refuse(http.StatusRequestEntityTooLarge, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.")
	if s.Kind == upload.Event {
		e, err := u.graph.Calendars.ByID(tx, s.Mailbox, s.Item)
		if err != nil {
			return "", err
		}
		if u.graph.Calendars.AttachedSize(tx, e)+a.Size > largestItem {
			return "", tooLarge
		}
		return u.graph.Calendars.AddAttachment(tx, e, a)
	}
	x, err := u.graph.Mail.Get(tx, s.Mailbox, s.Item)
	if err != nil {
		return "", err
	}
	if x.AttachedSize()+a.Size > largestItem {
		return "", tooLarge
	}
	return u.graph.Mail.Hang(tx, x, a)
}

// readRange reads a Content-Range, "bytes first-last/total" (RFC 9110 §14.4), and
// holds the body to it. The words for a body of another length are Exchange's
// (microsoft-graph-docs-contrib, issue 836).
func readRange(header string, total, length int) (from int, err error) {
	bad := func() (int, error) {
		return 0, outlook.Invalid("The Content-Range '%s' is not 'bytes {start}-{end}/%d' of the file.", header, total)
	}
	span, ofTotal, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	first, last, ranged := strings.Cut(span, "-")
	if !ok || !ranged || !strings.HasPrefix(header, "bytes ") || ofTotal != strconv.Itoa(total) {
		return bad()
	}
	from, err = strconv.Atoi(first)
	if err != nil || from < 0 {
		return bad()
	}
	to, err := strconv.Atoi(last)
	if err != nil || to < from || to >= total {
		return bad()
	}
	if want := to - from + 1; length != want {
		return 0, outlook.Invalid("%s", fmt.Sprintf("Content size exceeds specified contentLength. %d bytes written while expected %d.", length, want))
	}
	return from, nil
}
