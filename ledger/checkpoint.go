package ledger

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Origin is the name of a database's ledger, the first line of its checkpoints.
func Origin(database string) string { return "graphwarden.com/ledger/" + database }

// write signs a checkpoint.
func write(origin string, size int64, root tlog.Hash, by note.Signer) (graphwarden.Checkpoint, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, by)
	if err != nil {
		return graphwarden.Checkpoint{}, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return graphwarden.Checkpoint{Size: size, Root: root, Note: string(signed)}, nil
}

// read opens a checkpoint that one of the verifiers signed.
func read(origin, text string, by ...note.Verifier) (graphwarden.Checkpoint, error) {
	n, err := note.Open([]byte(text), note.VerifierList(by...))
	if err != nil {
		return graphwarden.Checkpoint{}, fmt.Errorf("opening a checkpoint: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return graphwarden.Checkpoint{}, fmt.Errorf("the checkpoint is not of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	root, wrong := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || wrong != nil || size < 0 || len(root) != tlog.HashSize {
		return graphwarden.Checkpoint{}, fmt.Errorf("the checkpoint of %s has no size and root hash", origin)
	}
	return graphwarden.Checkpoint{Size: size, Root: [32]byte(root), Note: text}, nil
}
