// Package ledger writes down every decision and access, so that nobody can
// change it quietly. It promises that an entry is hashed in one stable encoding
// and numbered without gaps in the transaction of what it records, and that
// Verify names the first entry that is not as it was written. It decides nothing
// and forgets nothing.
package ledger
