// Package watch tells operators what they have to know. It looks at the state
// every so often and keeps notices: opened when something has been wrong for
// longer than a hiccup, repeated at intervals, closed when it is over. It promises
// that each event is told at least once with the same id, also across a crash,
// and that telling holds up nothing else. It repairs nothing.
package watch
