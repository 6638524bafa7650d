// Package bench holds the benchmarks that set Graphwarden beside what a user
// would write instead. It consists of tests; `make bench` runs them.
package bench
