// Package staff makes, finds and ends the personal tokens of those who run
// Graphwarden. It promises that a token is shown once, to whoever makes it, and that
// nothing here, in the database or in a log can show it again; that each has an end;
// that one which is revoked lets nobody in a second later, in every process; and that
// each token made or ended stands in the ledger with who did it. It refuses roles that
// nobody has, and tenants that the configuration does not name.
package staff
