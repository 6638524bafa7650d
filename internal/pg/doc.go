// Package pg starts real PostgreSQL servers for tests: one for the whole test
// program, or one that a test may stop and spoil. It promises that a server ends
// with the program that started it, however that ends. Where there is no
// PostgreSQL, a test that needs one is left out and says so, except under CI=true,
// where it fails.
package pg
