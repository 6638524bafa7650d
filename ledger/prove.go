package ledger

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/tlog"
)

// Prove writes a proof that an entry is in the ledger that a checkpoint was signed
// over, as c2sp.org/tlog-proof has it: whoever has the log's key checks it without this
// ledger. The extra data is the entry as it was hashed. The proof is checked before it
// is given.
func Prove(ctx context.Context, rows Readable, c graphwarden.Checkpoint, seq int64) (string, error) {
	if seq < 1 || seq > c.Size {
		return "", &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "ledger.not_covered",
			Say: fmt.Sprintf("The newest checkpoint covers entries 1 to %d, and not entry %d.", c.Size, seq),
			Do:  "Name one of those; a newer entry is covered within a minute by a server that runs."}
	}
	var encoded []byte
	err := rows.EntriesAfter(ctx, seq-1, 1, func(e graphwarden.Entry, _ [32]byte) error {
		encoded = Encode(e)
		return nil
	})
	if err != nil {
		return "", err
	}
	t := &tree{ctx: ctx, rows: rows}
	proof, err := tlog.ProveRecord(c.Size, seq-1, t)
	if err != nil {
		return "", fmt.Errorf("proving entry %d: %w", seq, err)
	}
	if err := tlog.CheckRecord(proof, c.Size, c.Root, seq-1, tlog.RecordHash(encoded)); err != nil {
		return "", changed(fmt.Sprintf("Entry %d is not in the tree that the checkpoint was signed over.", seq))
	}
	var out strings.Builder
	fmt.Fprintf(&out, "c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", base64.StdEncoding.EncodeToString(encoded), seq-1)
	for _, h := range proof {
		fmt.Fprintln(&out, base64.StdEncoding.EncodeToString(h[:]))
	}
	fmt.Fprintf(&out, "\n%s", c.Note)
	return out.String(), nil
}
