package ledger

import (
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// beginAnew is what whoever knows why a checkpoint does not fit does.
const beginAnew = "If you restored an older backup or lost the key file, keep the checkpoint file elsewhere as evidence and take it away here: signing begins anew. Otherwise somebody changed the ledger: keep both as evidence."

func refusal(code, say, do string, cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: code, Say: say, Do: do, Cause: cause}
}

func behind(have, signed int64) error {
	return refusal("ledger.behind", fmt.Sprintf("The ledger ends with entry %d, and a checkpoint of %d entries was signed before.", have, signed), beginAnew, nil)
}

func forked(size int64) error {
	return refusal("ledger.forked", fmt.Sprintf("The ledger's first %d entries are not those that its checkpoint was signed over.", size), beginAnew, nil)
}

func otherKey(cause error) error {
	return refusal("ledger.other_key", "The checkpoint file is not signed with the ledger's key, or it is damaged.", beginAnew, cause)
}

func keyLost(cause error) error {
	return refusal("ledger.key_lost", "The ledger's signing key is missing or does not open with this key file, and there is a checkpoint that it signed.", beginAnew, cause)
}

func changed(why string) error {
	return refusal("ledger.changed", "The ledger is not as it was written. "+why, "Keep this database as evidence and restore the last backup.", nil)
}
