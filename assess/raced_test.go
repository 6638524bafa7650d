//go:build race

package assess_test

// raced says that the race detector slows everything down.
const raced = true
