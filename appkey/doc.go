// Package appkey makes, finds and ends the keys that apps are let in with. It
// promises that a key is shown once, to whoever has it made, and that nothing
// here, in the database or in a log can show it again; that a key which is
// revoked lets nobody in a second later, in every process; and that each key made
// or ended stands in the ledger. It refuses a key of an app that no flow names.
package appkey
