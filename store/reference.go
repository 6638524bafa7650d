package store

import (
	"context"
	"fmt"
)

// References gives what a flow's app calls items, by their ids, of those that it calls
// something.
func (s *Store) References(ctx context.Context, flow string, ids []string) (map[string]string, error) {
	out := map[string]string{}
	for _, chunk := range chunks(ids) {
		args, of := make([]any, 1, 1+len(chunk)), map[digest]string{}
		args[0] = flow
		for _, id := range chunk {
			key := digestOf(id)
			args, of[key] = append(args, key[:]), id
		}
		err := s.reads.rows(ctx, `SELECT item, reference FROM item_references WHERE flow = ? AND item IN (`+marks(len(chunk))+`) AND reference <> ''`, args, func(row scanner) error {
			var key []byte
			var reference string
			err := row.Scan(&key, &reference)
			out[of[digest(key)]] = reference
			return err
		})
		if err != nil {
			return nil, s.refuse(fmt.Errorf("reading what an app calls items: %w", err))
		}
	}
	return out, nil
}
