// Package truth is the simulator's truth ledger: one row for every effect that a
// request really had on a mailbox or an object. It promises that rows are
// numbered without gaps, that the row of a write exists if and only if the write
// does, also after the process was killed, and that the row of a read exists
// before its answer is sent. It knows nothing of what anybody believes to have
// done: that is what it is compared with.
package truth

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Ledger holds the rows. Rows of writes are journaled with the transaction that
// they belong to; the ledger's own file holds all rows in the order of their
// numbers, the writes among them in the order of the journal. So what a kill
// leaves out of the file is found again: the file's writes are the first of the
// journal's.
type Ledger struct {
	log    *slog.Logger
	writes *state.Log[world.Effect]

	mu      sync.Mutex
	sheet   sheet
	next    uint64         // the number of the next row
	pending []world.Effect // writes of the transaction under way
	tx      *state.Tx      // that transaction
	broken  error          // why the file can no longer be written
}

// New makes a ledger over the world's store. It is called before the world is
// opened; Open is called after.
func New(w *world.World, log *slog.Logger) *Ledger {
	l := &Ledger{log: log, writes: state.NewLog[world.Effect](w.Store, "truth"), next: 1, sheet: &memory{}}
	w.Watch(l.committed)
	return l
}

// Open goes on in the file at path, after the tenant's journal was replayed. With
// kept it takes up what an earlier process wrote, cuts a torn last line off and
// adds the writes that are missing; without, the tenant is a new one and the file
// starts anew. Without a path the rows are only kept in memory.
func (l *Ledger) Open(w *world.World, path string, kept bool) error {
	var rows []world.Effect
	if err := w.View(func(tx *state.Tx) error { rows = l.writes.After(tx, "", 0); return nil }); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	written := 0
	if path != "" {
		f, err := openFile(path, kept)
		if err != nil {
			return fmt.Errorf("opening the truth ledger: %w", err)
		}
		if written, l.next, err = f.count(); err != nil {
			return fmt.Errorf("reading the truth ledger %s: %w", path, err)
		}
		l.sheet = f
	}
	if written > len(rows) {
		return fmt.Errorf("the truth ledger %s tells of %d writes, the journal of %d: they are not of one tenant; move one of them away", path, written, len(rows))
	}
	for _, e := range rows[written:] {
		l.add(e)
	}
	return l.broken
}

// Saw takes an effect down. A write's row joins the transaction and is numbered
// when that is committed, so that one rolled back leaves no gap; what changed
// nothing is written at once.
func (l *Ledger) Saw(tx *state.Tx, e world.Effect) {
	e.Time = tx.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !tx.Writable() || e.Effect == world.Read || e.Effect == world.None {
		l.add(e)
		return
	}
	if l.tx != tx {
		l.tx, l.pending = tx, nil
	}
	l.writes.Append(tx, "", e)
	l.pending = append(l.pending, e)
}

// committed numbers the writes of a transaction that is now in the journal. It
// runs while the store is locked, so the order of rows is that of transactions;
// a kill between the journal and this leaves the row to the next Open.
func (l *Ledger) committed(tx *state.Tx) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tx != tx {
		return
	}
	for _, e := range l.pending {
		l.add(e)
	}
	l.tx, l.pending = nil, nil
}

// add numbers a row and writes it. A file that cannot be written stops the
// ledger: a row that is missing must not be followed by others.
func (l *Ledger) add(e world.Effect) {
	if l.broken != nil {
		return
	}
	e.Seq = l.next
	line, err := json.Marshal(e)
	if err == nil {
		err = l.sheet.write(append(line, '\n'))
	}
	if err != nil {
		l.broken = fmt.Errorf("writing the truth ledger: %w", err)
		l.log.Error("the truth ledger has stopped", "error", err)
		return
	}
	l.next++
}

// After calls line with each row that is numbered higher than seq, as JSON with
// its newline, until line says no. It fails when a row could not be kept.
func (l *Ledger) After(seq uint64, line func([]byte) bool) error {
	for {
		row, err := l.row(seq + 1)
		if err != nil || row == nil || !line(row) {
			return err
		}
		seq++
	}
}

// row gives the line with this number, or nil when there is none yet.
func (l *Ledger) row(number uint64) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if number >= l.next {
		return nil, l.broken
	}
	return l.sheet.read(int(number - 1))
}

// Close closes the file.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sheet.close()
}
