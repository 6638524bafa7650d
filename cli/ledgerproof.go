package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// verifyProof verifies the proof of one entry.
func (c *call) verifyProof(file string, l ledgerPlaces) error {
	key := l.key
	if key == "" && c.config != "" {
		loaded, err := c.load(c.config)
		if err != nil {
			return err
		}
		key = loaded.CheckpointFile() + ".vkey"
	}
	if key == "" {
		return usage(errors.New("--key is missing: the file with the ledger's key"))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return usage(fmt.Errorf("reading the proof: %w", err))
	}
	public, err := c.publicKey(key)
	if err != nil {
		return err
	}
	entry, signed, err := audit.Proof(string(text), public)
	if err != nil {
		return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "ledger.not_proven", Cause: err,
			Say: fmt.Sprintf("The proof %s does not hold: %v.", file, err), Do: "Believe nothing of it, and have the entry proved again."}
	}
	_, note, _ := strings.Cut(string(text), "\n\n") // what was signed follows the path
	cosigned, err := cosignedBy(note, l.witnesses)
	if err != nil {
		return err
	}
	return c.print(Verified{Entries: 1, Signed: signed.Size, Sound: true, Proven: &entry, Cosigned: cosigned}, provenText(entry, signed)+cosignedText(cosigned))
}

// provenText says for people what was proven.
func provenText(e audit.Entry, signed audit.Checkpoint) string {
	var b strings.Builder
	fmt.Fprintf(&b, "entry %d is in the ledger, as it was signed with %d entries\n", e.Seq, signed.Size)
	word := "allowed"
	if !e.Allowed {
		word = "refused"
	}
	for _, line := range []struct{ name, value string }{
		{"ledger", signed.Origin}, {"at", e.At.Format("2006-01-02 15:04:05.000000Z")}, {e.Kind, word}, {"app", e.App}, {"flow", e.Flow}, {"tenant", e.Tenant},
		{"operation", strings.TrimSpace(e.Method + " " + e.Path)}, {"mailbox", e.Mailbox}, {"rule", e.Rule}, {"call", e.Call}, {"note", e.Note},
	} {
		if line.value != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", line.name, harmless(line.value))
		}
	}
	if e.Kind == "close" {
		fmt.Fprintf(&b, "  answer    status %d, %d bytes\n", e.Status, e.Bytes)
	}
	return b.String()
}
