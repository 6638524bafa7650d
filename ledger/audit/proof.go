package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Entry is an entry of the ledger as its bytes say it (docs/ledger.md, What is written).
type Entry struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // decision, close (how a call ended) or act
	Call    string    `json:"call,omitempty"`
	App     string    `json:"app,omitempty"`
	Flow    string    `json:"flow,omitempty"`
	Tenant  string    `json:"tenant,omitempty"`
	Method  string    `json:"method,omitempty"`
	Path    string    `json:"path,omitempty"`
	Mailbox string    `json:"mailbox,omitempty"`
	Allowed bool      `json:"allowed"`
	Rule    string    `json:"rule,omitempty"`
	Status  int       `json:"status,omitempty"`
	Bytes   int64     `json:"bytes,omitempty"`
	Note    string    `json:"note,omitempty"`
}

// proofFormat is the first line of a proof (c2sp.org/tlog-proof).
const proofFormat = "c2sp.org/tlog-proof@v1"

// Proof verifies a proof that an entry is in a ledger (c2sp.org/tlog-proof) by nothing
// but itself and the ledger's key: the checkpoint in it is signed with the key, and the
// entry's bytes, hashed along its path, give the root that was signed. It gives the entry
// and the checkpoint. An error says what of it does not hold; nothing of it is then to be
// believed.
func Proof(text, key string) (Entry, Checkpoint, error) {
	head, signed, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofFormat {
		return Entry{}, Checkpoint{}, errors.New("it is no proof of the form " + proofFormat)
	}
	checkpoint, err := ReadCheckpoint(signed, key)
	if err != nil {
		return Entry{}, Checkpoint{}, fmt.Errorf("its checkpoint does not hold: %w", err)
	}
	extra, isExtra := strings.CutPrefix(lines[1], "extra ")
	encoded, wrong := base64.StdEncoding.Strict().DecodeString(extra)
	at, isIndex := strings.CutPrefix(lines[2], "index ")
	index, err := strconv.ParseUint(at, 10, 63)
	if !isExtra || !isIndex || wrong != nil || err != nil || strconv.FormatUint(index, 10) != at {
		return Entry{}, Checkpoint{}, errors.New("it names no entry and no place")
	}
	var path [][]byte
	for _, line := range lines[3:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != rfc6962.DefaultHasher.Size() {
			return Entry{}, Checkpoint{}, errors.New("a line of its path is no hash")
		}
		path = append(path, hash)
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(encoded)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, uint64(checkpoint.Size), leaf, path, checkpoint.Root[:]); err != nil {
		return Entry{}, Checkpoint{}, errors.New("its entry and path do not give the root that was signed")
	}
	entry, err := decode(encoded)
	if err == nil && uint64(entry.Seq) != index+1 {
		err = fmt.Errorf("the entry says that it is number %d, and stands in the place of number %d", entry.Seq, index+1)
	}
	return entry, checkpoint, err
}

// decode reads an entry's bytes.
func decode(encoded []byte) (e Entry, err error) {
	fields, err := netstrings(string(encoded))
	if err != nil {
		return e, err
	}
	if len(fields) != 16 || fields[0] != format {
		return e, errors.New("it has other fields than an entry")
	}
	var numbers [5]int64
	for i, field := range []int{1, 2, 11, 13, 14} {
		if numbers[i], err = strconv.ParseInt(fields[field], 10, 64); err != nil {
			return e, fmt.Errorf("field %d of the entry is no number: %w", field, err)
		}
	}
	return Entry{Seq: numbers[0], At: time.UnixMicro(numbers[1]).UTC(), Kind: fields[3], Call: fields[4], App: fields[5], Flow: fields[6], Tenant: fields[7],
		Method: fields[8], Path: fields[9], Mailbox: fields[10], Allowed: numbers[2] == 1, Rule: fields[12], Status: int(numbers[3]), Bytes: numbers[4], Note: fields[15]}, nil
}
