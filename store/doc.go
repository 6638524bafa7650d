// Package store keeps everything Graphwarden remembers, in one SQLite file or in a
// PostgreSQL database that many processes share, and holds all its SQL. It
// promises that what Update reported as done is on disk (WAL, synchronous=FULL;
// on a server, synchronous_commit), with all that was committed before it, that what
// UpdateUnsynced reported as done is committed and soon on disk, that what happens in
// one Update happens wholly or not at all, and that a database it cannot trust or cannot write is refused
// with a sentence that says what to do. It decides nothing about Microsoft 365:
// rooms tell it what to keep.
//
// Both engines run the same SQL. On PostgreSQL one transaction writes at a time
// in the whole cluster (an advisory lock), so that numbers are given out and seen
// in order. When the connection breaks in the middle of a commit, its outcome is
// unknown and the caller gets a Refusal of kind Storage: whoever updates must
// bear that it happened all the same, and do it again.
//
// SQLite's driver is github.com/ncruces/go-sqlite3 through database/sql. Measured
// against modernc.org/sqlite it inserts as fast or faster (2.8 kB rows, FULL:
// 22,000 against 19,000 per CPU-second, row format equal), costs 29 against 25
// CPU-seconds to build and 1 MB more of binary; it was chosen because its file
// layer can be replaced from Go, which the tests of full disks and power cuts
// need.
package store
