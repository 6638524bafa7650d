// Package witness is a witness of c2sp.org/tlog-witness for tests: it keeps, of each log
// that it knows, the latest checkpoint that it cosigned, and cosigns another only when
// that goes on from it. It is written from the specification and shares no code with what
// asks it or verifies what it signs.
package witness

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Witness is one. It may be used by any number of goroutines.
type Witness struct {
	name    string
	private ed25519.PrivateKey
	now     func() time.Time

	mu   sync.Mutex
	logs map[string]*log // by origin
}

// log is a log that the witness knows, and what it cosigned of it last.
type log struct {
	id     []byte // of its key
	public ed25519.PublicKey
	size   uint64
	root   []byte
}

// New makes a witness with a key of its own, made of its name: another one for each.
func New(name string, now func() time.Time) *Witness {
	seed := sha256.Sum256([]byte(name))
	return &Witness{name: name, private: ed25519.NewKeyFromSeed(seed[:]), now: now, logs: map[string]*log{}}
}

// Key is the witness's verifier key, for cosignatures by Ed25519 (type 4).
func (w *Witness) Key() string {
	typed := append([]byte{4}, w.private.Public().(ed25519.PublicKey)...)
	return fmt.Sprintf("%s+%x+%s", w.name, keyID(w.name, typed), base64.StdEncoding.EncodeToString(typed))
}

func keyID(name string, typed []byte) []byte {
	h := sha256.New()
	_, _ = io.WriteString(h, name+"\n") // it never fails
	_, _ = h.Write(typed)
	return h.Sum(nil)[:4]
}

// Know has it know a log by its verifier key, whose name is the log's origin.
func (w *Witness) Know(vkey string) error {
	fields := strings.SplitN(strings.TrimSpace(vkey), "+", 3)
	if len(fields) != 3 {
		return fmt.Errorf("%q is no verifier key", vkey)
	}
	typed, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(typed) != 33 || typed[0] != 1 {
		return fmt.Errorf("%q is no verifier key for Ed25519: %w", vkey, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs[fields[0]] = &log{id: keyID(fields[0], typed), public: typed[1:]}
	return nil
}

// Size is how many entries of a log it has cosigned.
func (w *Witness) Size(origin string) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.logs[origin]; l != nil {
		return l.size
	}
	return 0
}

// request is what is submitted.
type request struct {
	old   uint64
	proof [][]byte
	text  string // of the checkpoint
	lines []string
	size  uint64
	root  []byte
}

func read(body io.Reader) (r request, origin string, ok bool) {
	in := bufio.NewReader(body)
	line := func() (string, bool) {
		text, err := in.ReadString('\n')
		return strings.TrimSuffix(text, "\n"), err == nil
	}
	first, ok := line()
	old, is := strings.CutPrefix(first, "old ")
	size, err := strconv.ParseUint(old, 10, 64)
	if !ok || !is || err != nil || strconv.FormatUint(size, 10) != old {
		return r, "", false
	}
	r.old = size
	for {
		text, ok := line()
		if !ok || len(r.proof) > 63 {
			return r, "", false
		}
		if text == "" {
			break
		}
		hash, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil || len(hash) != sha256.Size {
			return r, "", false
		}
		r.proof = append(r.proof, hash)
	}
	rest, err := io.ReadAll(in)
	note := string(rest)
	end := strings.LastIndex(note, "\n\n")
	if err != nil || end < 0 {
		return r, "", false
	}
	r.text, r.lines = note[:end+1], strings.Split(strings.TrimSuffix(note[end+2:], "\n"), "\n")
	parts := strings.Split(r.text, "\n")
	if len(parts) < 4 {
		return r, "", false
	}
	r.size, err = strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return r, "", false
	}
	r.root, err = base64.StdEncoding.Strict().DecodeString(parts[2])
	return r, parts[0], err == nil && len(r.root) == sha256.Size
}

// signedBy says whether a log's key signed what is submitted.
func (r request) signedBy(origin string, l *log) bool {
	for _, line := range r.lines {
		fields := strings.Split(line, " ")
		if len(fields) != 3 || fields[0] != "—" || fields[1] != origin {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(fields[2])
		if err == nil && len(raw) == 4+ed25519.SignatureSize && string(raw[:4]) == string(l.id) && ed25519.Verify(l.public, []byte(r.text), raw[4:]) {
			return true
		}
	}
	return false
}

// ServeHTTP answers add-checkpoint.
func (w *Witness) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	if in.Method != http.MethodPost || in.URL.Path != "/add-checkpoint" {
		http.NotFound(out, in)
		return
	}
	r, origin, ok := read(io.LimitReader(in.Body, 1<<20))
	if !ok {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	status := w.judge(r, origin)
	switch status {
	case http.StatusOK:
		_, _ = io.WriteString(out, w.cosign(r)) // who asked may have gone
	case http.StatusConflict:
		if l := w.logs[origin]; l.size != r.old {
			out.Header().Set("Content-Type", "text/x.tlog.size")
			out.WriteHeader(status)
			_, _ = fmt.Fprintf(out, "%d\n", l.size)
			return
		}
		out.WriteHeader(status)
	default:
		out.WriteHeader(status)
	}
}

// judge judges a checkpoint in the order of the specification, and takes one that holds.
func (w *Witness) judge(r request, origin string) int {
	l := w.logs[origin]
	switch {
	case l == nil:
		return http.StatusNotFound
	case !r.signedBy(origin, l):
		return http.StatusForbidden
	case r.old > r.size:
		return http.StatusBadRequest
	case r.old != l.size:
		return http.StatusConflict
	case r.old == 0 && len(r.proof) > 0:
		return http.StatusUnprocessableEntity
	case r.old == r.size && r.old > 0 && string(r.root) != string(l.root):
		return http.StatusConflict
	case r.old > 0 && proof.VerifyConsistency(rfc6962.DefaultHasher, r.old, r.size, r.proof, l.root, r.root) != nil:
		return http.StatusUnprocessableEntity
	}
	l.size, l.root = r.size, r.root
	return http.StatusOK
}

func (w *Witness) cosign(r request) string {
	at := uint64(w.now().Unix())
	signature := ed25519.Sign(w.private, []byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"+r.text))
	raw := keyID(w.name, append([]byte{4}, w.private.Public().(ed25519.PublicKey)...))
	raw = binary.BigEndian.AppendUint64(raw, at)
	return "— " + w.name + " " + base64.StdEncoding.EncodeToString(append(raw, signature...)) + "\n"
}
