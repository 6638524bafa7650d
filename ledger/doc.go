// Package ledger writes down every decision and access, so that nobody can
// change it quietly. It promises that an entry is hashed in one stable encoding
// and numbered without gaps in the transaction of what it records, and that a
// checkpoint is signed only over entries that were read and hashed again. It decides
// nothing, forgets nothing, and does not verify itself: package audit does.
package ledger
