package store

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
)

// Met says whether anything but a write itself tells of its item: the copy of its mailbox
// has it, or another write of the mailbox was about it and had an effect, or may have one.
func (s *Store) Met(ctx context.Context, in graphwarden.Intent) (met bool, err error) {
	key := digestOf(in.Item)
	_, err = s.reads.row(ctx, `SELECT EXISTS (SELECT 1 FROM feeds f JOIN items i ON i.feed = f.id WHERE f.mailbox = ? AND i.key = ?)
OR EXISTS (SELECT 1 FROM intents o WHERE o.mailbox = ? AND o.item = ? AND o.item <> '' AND o.state <> 'refused' AND o.name <> ?)`,
		[]any{in.Mailbox.ID, key[:], in.Mailbox.ID, in.Item, in.ID}, &met)
	if err != nil {
		return false, s.refuse(fmt.Errorf("looking for what tells of an item: %w", err))
	}
	return met, nil
}
