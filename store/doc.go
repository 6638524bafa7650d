// Package store keeps everything Graphwarden remembers, in one SQLite file, and
// holds all its SQL. It promises that what Update reported as done is on disk
// (WAL, synchronous=FULL), that what happens in one Update happens wholly or not
// at all, and that a database it cannot trust or cannot write is refused with a
// sentence that says what to do. It decides nothing about Microsoft 365: rooms
// tell it what to keep.
//
// The driver is github.com/ncruces/go-sqlite3 through database/sql. Measured
// against modernc.org/sqlite it inserts as fast or faster (2.8 kB rows, FULL:
// 22,000 against 19,000 per CPU-second, row format equal), costs 29 against 25
// CPU-seconds to build and 1 MB more of binary; it was chosen because its file
// layer can be replaced from Go, which the tests of full disks and power cuts
// need.
package store
