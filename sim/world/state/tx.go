package state

import (
	"fmt"
	"time"
)

// Tx is one look at the store, or one change of it.
type Tx struct {
	store    *Store
	at       time.Time
	seq      uint64
	drawn    uint64
	writable bool
	writes   []write
}

// write is one change of one table: how it is undone and how it is journaled.
type write struct {
	undo    func()
	journal func() (entry, error)
}

// Now is the tenant's time, the same throughout the transaction.
func (tx *Tx) Now() time.Time { return tx.at }

// Seq numbers the transactions that wrote; a View has the number of the last
// one it can see.
func (tx *Tx) Seq() uint64 { return tx.seq }

// Writable says whether the transaction may write.
func (tx *Tx) Writable() bool { return tx.writable }

// Store gives the store that the transaction belongs to.
func (tx *Tx) Store() *Store { return tx.store }

// Bytes draws 16 bytes that no other draw of this seed gives.
func (tx *Tx) Bytes() [16]byte {
	tx.drawn++
	return tx.store.id(tx.seq, tx.drawn)
}

// GUID draws a new GUID (RFC 9562, version 4 layout).
func (tx *Tx) GUID() string {
	b := tx.Bytes()
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func (tx *Tx) undo() {
	for i := len(tx.writes) - 1; i >= 0; i-- {
		tx.writes[i].undo()
	}
	tx.writes = nil
}
