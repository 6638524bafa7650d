// Package bench measures Graphwarden against the bars that it was built to, and
// beside what a user would write instead (the programs of the module bench/). It
// consists of tests; `make bench` runs them and prints a table. It reports and
// does not judge: a bar that is not met fails nothing.
package bench
