// Package gate is the one way to Microsoft. Every call is decided, fitted into
// the budget that Microsoft grants, given the token of its flow's registration,
// written into the ledger, and only then sent; when it has been answered a
// closing entry follows: a write's at once, a read's soon after. It promises that nothing is sent while the ledger is
// known not to take entries, that no answer is handed on before its decision is
// on disk, and that a token goes to the exact origin of the tenant's cloud and
// nowhere else. It does not understand answers; package graph and package entra
// do.
package gate
