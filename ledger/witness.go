package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/tlog"
)

// Doer sends a request. An outbound client satisfies it.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Witness is a witness of c2sp.org/tlog-witness: a server of somebody else's that
// cosigns a checkpoint only when the ledger goes on from the one that it cosigned
// before. It may be used by one goroutine at a time.
type Witness struct {
	url  string
	key  witnessKey
	doer Doer
	size int64 // what it cosigned last, as far as is known
}

// NewWitness makes one of the address that checkpoints are submitted under, and of its
// key: a line of the form name+hash+base64, of type Ed25519 cosignature
// (c2sp.org/tlog-cosignature).
func NewWitness(url, key string, doer Doer) (*Witness, error) {
	k, err := readWitnessKey(strings.TrimSpace(key))
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "ledger.witness_key", Cause: err,
			Say: fmt.Sprintf("The key of the witness %s is none: %v.", url, err), Do: "Ask its operator for the verifier key of its Ed25519 cosignatures."}
	}
	return &Witness{url: strings.TrimSuffix(url, "/"), key: k, doer: doer}, nil
}

// Name is what the witness calls itself in its cosignatures.
func (w *Witness) Name() string { return w.key.name }

// witnessKey is what a witness signs with.
type witnessKey struct {
	name   string
	hash   [4]byte
	public ed25519.PublicKey
}

// cosigning is the type of a key for Ed25519 cosignatures.
const cosigning = 0x04

func readWitnessKey(text string) (witnessKey, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 || parts[0] == "" || strings.ContainsAny(parts[0], " \n") {
		return witnessKey{}, errors.New("it is not name+hash+base64")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosigning {
		return witnessKey{}, errors.New("it is no key for Ed25519 cosignatures")
	}
	k := witnessKey{name: parts[0], public: raw[1:]}
	sum := sha256.Sum256(append([]byte(k.name+"\n"), raw...))
	k.hash = [4]byte(sum[:4])
	if hex.EncodeToString(k.hash[:]) != parts[1] {
		return witnessKey{}, errors.New("its hash is not that of the key")
	}
	return k, nil
}

// signed says whether one of a note's signature lines is a cosignature by the key over
// the note's text.
func (k witnessKey) signed(text, line string) bool {
	rest, is := strings.CutPrefix(line, "— "+k.name+" ")
	raw, err := base64.StdEncoding.DecodeString(rest)
	if !is || err != nil || len(raw) != 4+8+ed25519.SignatureSize || [4]byte(raw[:4]) != k.hash {
		return false
	}
	at := binary.BigEndian.Uint64(raw[4:12])
	return ed25519.Verify(k.public, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, text), raw[12:])
}

// cosigned gives a note's line by the key; "" when there is none.
func (k witnessKey) cosigned(note string) string {
	cut := strings.LastIndex(note, "\n\n")
	if cut < 0 {
		return ""
	}
	return k.among(note[:cut+1], note[cut+2:])
}

func (k witnessKey) among(text, lines string) string {
	for line := range strings.Lines(lines) {
		if k.signed(text, strings.TrimSuffix(line, "\n")) {
			return line
		}
	}
	return ""
}

// Cosign has the witness cosign a checkpoint, unless this process knows that it has, and
// gives the checkpoint with its cosignature. One that says by itself that it is cosigned is
// asked about once, too: it may be an older copy's. It refuses when the witness has cosigned more entries than there
// are (ledger.witness_ahead), or others (ledger.witness_forked): then this ledger was
// put back or written anew. All else that is wrong is of the witness, or of the way to
// it (ledger.witness_refused, ledger.witness_answer).
func (w *Witness) Cosign(ctx context.Context, rows Trees, c graphwarden.Checkpoint) (graphwarden.Checkpoint, error) {
	had := w.key.cosigned(c.Note) != ""
	if c.Size == 0 || had && w.size == c.Size {
		return c, nil
	}
	var line string
	err := w.ahead(c)
	if err == nil {
		line, err = w.submit(ctx, rows, c)
	}
	var other *otherSize
	if errors.As(err, &other) && other.size != w.size { // it tells what it has cosigned, as it does at first
		w.size = other.size
		if err = w.ahead(c); err == nil {
			line, err = w.submit(ctx, rows, c)
		}
	}
	if errors.As(err, &other) {
		err = w.answered(err)
	}
	if err != nil {
		return c, err
	}
	if w.size = c.Size; !had {
		c.Note += line
	}
	return c, nil
}

// ahead refuses a checkpoint of fewer entries than the witness has cosigned.
func (w *Witness) ahead(c graphwarden.Checkpoint) error {
	if w.size <= c.Size {
		return nil
	}
	seen := w.size
	w.size = 0 // it is asked anew the next time
	return refusal("ledger.witness_ahead", fmt.Sprintf("The witness %s has cosigned the ledger's first %d entries, and this ledger has %d: it was put back to an older copy.", w.key.name, seen, c.Size), witnessAnew, nil)
}

// otherSize is a witness's answer that it cosigned another size last.
type otherSize struct{ size int64 }

func (o *otherSize) Error() string { return fmt.Sprintf("it has cosigned %d entries", o.size) }

// answerRoom is how long an answer of a witness may be.
const answerRoom = 64 << 10

// submit asks the witness once, with the proof that the ledger goes on from the size
// that it cosigned last.
func (w *Witness) submit(ctx context.Context, rows Trees, c graphwarden.Checkpoint) (line string, err error) {
	body := fmt.Appendf(nil, "old %d\n", w.size)
	if w.size > 0 && w.size < c.Size {
		proof, err := tlog.ProveTree(c.Size, w.size, &tree{ctx: ctx, rows: rows})
		if err != nil {
			return "", fmt.Errorf("proving to a witness that the ledger goes on: %w", err)
		}
		for _, h := range proof {
			body = base64.StdEncoding.AppendEncode(body, h[:])
			body = append(body, '\n')
		}
	}
	body = append(append(body, '\n'), c.Note...)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/add-checkpoint", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("asking the witness %s: %w", w.key.name, err)
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := w.doer.Do(r)
	if err != nil {
		return "", fmt.Errorf("asking the witness %s: %w", w.key.name, err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, answerRoom))
	if err != nil {
		return "", fmt.Errorf("reading what the witness %s says: %w", w.key.name, err)
	}
	return w.read(answer, string(said), c)
}

// read reads the witness's answer.
func (w *Witness) read(answer *http.Response, said string, c graphwarden.Checkpoint) (line string, err error) {
	switch answer.StatusCode {
	case http.StatusOK:
		text := c.Note[:strings.LastIndex(c.Note, "\n\n")+1]
		if line := w.key.among(text, said); strings.HasSuffix(line, "\n") {
			return line, nil
		}
		return "", w.answered(errors.New("there is no cosignature of its key over the checkpoint in it"))
	case http.StatusConflict:
		size, err := strconv.ParseInt(strings.TrimSuffix(said, "\n"), 10, 64)
		if answer.Header.Get("Content-Type") == "text/x.tlog.size" && err == nil && size >= 0 {
			return "", &otherSize{size}
		}
		if w.size == c.Size { // it has the same size, and another root
			return "", w.forked(c)
		}
		return "", w.answered(errors.New("it has cosigned another size, and does not say which"))
	case http.StatusUnprocessableEntity:
		return "", w.forked(c)
	case http.StatusNotFound, http.StatusForbidden:
		return "", &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "ledger.witness_refused",
			Say: fmt.Sprintf("The witness %s does not know this ledger or its key (%s).", w.key.name, answer.Status),
			Do:  "Hand its operator the key of the checkpoint file, .vkey: the ledger's name is in it."}
	}
	return "", w.answered(errors.New(answer.Status))
}

func (w *Witness) answered(cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "ledger.witness_answer", Cause: cause,
		Say: fmt.Sprintf("The witness %s gave no cosignature: %v.", w.key.name, cause), Do: "Look whether its address and its key are right; it is asked again with the next checkpoint."}
}

func (w *Witness) forked(c graphwarden.Checkpoint) error {
	return refusal("ledger.witness_forked", fmt.Sprintf("The witness %s has cosigned the ledger's first %d entries, and this ledger of %d does not go on from them: entries were written anew.", w.key.name, w.size, c.Size), witnessAnew, nil)
}

// witnessAnew is what whoever knows why a ledger does not fit a witness does.
const witnessAnew = "If you restored an older backup, take the witness out of the configuration, or have its operator begin anew, and keep its last cosignature as evidence. Otherwise somebody changed the ledger: keep a copy of it and of the checkpoint as evidence."
