package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// cosignedBy checks that each witness whose key is in one of the files cosigned a signed
// checkpoint.
func cosignedBy(note string, files []string) (all []audit.Cosignature, err error) {
	if len(files) > 0 && note == "" {
		return nil, usage(errors.New("--witness says who cosigned a checkpoint, and there is none: name it with --checkpoint"))
	}
	for _, file := range files {
		key, err := os.ReadFile(file)
		if err != nil {
			return nil, usage(fmt.Errorf("reading the key of a witness: %w", err))
		}
		one, err := audit.ReadCosignature(note, string(key))
		if err != nil {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "ledger.not_cosigned", Cause: err,
				Say: fmt.Sprintf("The witness whose key is in %s did not cosign the checkpoint: %v.", file, err),
				Do:  "Take a checkpoint that it has cosigned. If it cosigns none any more, ask its operator what it has seen last: the ledger may have been put back."}
		}
		all = append(all, one)
	}
	return all, nil
}

// cosignedText says it for people.
func cosignedText(all []audit.Cosignature) string {
	var b strings.Builder
	for _, one := range all {
		fmt.Fprintf(&b, "cosigned by %s at %s\n", harmless(one.Witness), at(&one.At))
	}
	return b.String()
}
