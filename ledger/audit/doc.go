// Package audit verifies a ledger, in a database or as exported tiles, against a
// checkpoint that was kept elsewhere, and names the first entry that is not as it was
// written. It promises to share no code with what writes, signs and exports the ledger:
// the encoding of entries, the hashes, the tree and the signatures are written down
// here a second time, from their descriptions, over another library. It changes nothing
// and needs no network.
package audit
