package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// repeats says how a POST of an app that is sent again is kept from happening
// twice.
type repeats int

const (
	// kept: the frame keeps the first answer and gives it again. The handler must
	// do nothing twice for one Try: if the process dies between its effect and the
	// keeping of its answer, it is called again with the same Try.
	kept repeats = iota
	// own: the handler keeps what was asked, with the Try, and its answer, and
	// refuses with errAnotherRequest when the same key comes with something else.
	own
	// harmless: it changes nothing, and needs no key.
	harmless
	// fleeting: each time it begins something of its own, which runs out by itself if
	// nobody goes on with it, and of which an app may have only so many. It needs no key.
	fleeting
)

// keyless says whether requests need no Idempotency-Key.
func (r repeats) keyless() bool { return r == harmless || r == fleeting }

// Try names a request that must not happen twice, however often it is sent: by
// the app and the Idempotency-Key that the app gave it. Print is a digest of what
// was asked; another Print under the same key is another request, and refused.
// The zero Try is a request without a key.
type Try struct {
	App   string
	Key   string
	Print [32]byte
}

// Tries keeps the answers of requests for a day or more. The store satisfies it.
type Tries interface {
	// BeginTry takes a request in hand until a time, unless somebody else has it in
	// hand or its answer is kept; then it gives what there is.
	BeginTry(ctx context.Context, tx graphwarden.Tx, t graphwarden.Tried, until time.Time) (graphwarden.Tried, error)
	// EndTry keeps an answer; status 0 forgets the request.
	EndTry(ctx context.Context, tx graphwarden.Tx, t graphwarden.Tried) error
	Update(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error
}

const tryHeader = "Idempotency-Key"

// tryOf gives the request as one that must not happen twice.
func tryOf(r *http.Request) Try { return asked(r).try }

// readTry reads the key that an app gave its request, and digests what it asks.
func readTry(k *asking, r *http.Request) (Try, error) {
	given := r.Header.Values(tryHeader)
	if len(given) == 0 && r.Method != http.MethodPost {
		return Try{}, nil
	}
	if len(given) != 1 {
		return Try{}, wrongTry("It is missing, or there are several.")
	}
	key := strings.TrimSuffix(strings.TrimPrefix(given[0], `"`), `"`)
	if key == "" || len(key) > 255 || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return Try{}, wrongTry("It is not 1 to 255 characters of ASCII without blanks.")
	}
	body, err := wholeBody(r)
	if err != nil {
		return Try{}, err
	}
	h := sha256.New()
	for _, part := range [][]byte{[]byte(r.Method), []byte(r.URL.Path), []byte(r.URL.RawQuery), body} {
		sum := sha256.Sum256(part)
		_, _ = h.Write(sum[:])
	}
	return Try{App: k.caller.Key.App, Key: key, Print: [32]byte(h.Sum(nil))}, nil
}

func wrongTry(say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.idempotency_key", Field: tryHeader,
		Say: "The header Idempotency-Key is wrong. " + say,
		Do:  "Give each request a key of its own, such as a UUID, and send the same key when you send the request again."}
}

// errAnotherRequest refuses a key that came with another request before.
func errAnotherRequest() error {
	return &problem{status: http.StatusUnprocessableEntity, refusal: &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "api.idempotency_mismatch", Field: tryHeader,
		Say: "This Idempotency-Key came with another request before.", Do: "Give each request a key of its own."}}
}

// errInHand refuses a request that is being answered.
func errInHand() error {
	return &problem{status: http.StatusConflict, header: map[string]string{"Retry-After": "1"},
		refusal: &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "api.idempotency_in_hand", Field: tryHeader,
			Say: "The same request is being answered already.", Do: "Send it again with the same key after the time in Retry-After."}}
}

// once has a request happen once. An answer is given when it is on disk; a refusal
// is not kept, because nothing happened.
func (f *face) once(k *asking, w http.ResponseWriter, r *http.Request, do func() (int, []byte, error)) (int, []byte, error) {
	if !f.apps || k.route.repeats.keyless() || k.route.repeats == kept && r.Method != http.MethodPost {
		return do()
	}
	var err error
	if k.try, err = readTry(k, r); err != nil || k.route.repeats == own {
		if err != nil {
			return 0, nil, err
		}
		return do()
	}
	tries := f.api.config.Tries
	now := graphwarden.Tried{App: k.try.App, Key: k.try.Key, Print: k.try.Print}
	var found graphwarden.Tried
	err = tries.Update(r.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
		found, err = tries.BeginTry(ctx, tx, now, f.api.config.Now().Add(2*answerWait))
		return err
	})
	switch {
	case err != nil:
		return 0, nil, err
	case found.App == "": // ours to do
	case !bytes.Equal(found.Print[:], now.Print[:]):
		return 0, nil, errAnotherRequest()
	case found.Status == 0:
		return 0, nil, errInHand()
	default:
		w.Header().Set("Idempotency-Replayed", "true")
		return found.Status, found.Body, nil
	}
	var failed error
	now.Status, now.Body, failed = do()
	err = tries.Update(context.WithoutCancel(r.Context()), func(ctx context.Context, tx graphwarden.Tx) error {
		return tries.EndTry(ctx, tx, now)
	})
	if failed != nil {
		return 0, nil, failed
	}
	return now.Status, now.Body, err
}
