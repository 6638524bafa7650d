package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// BeginUpload makes room for a file that an app hands in, unless it and what the app has
// handed in before would be more than most bytes together: then it gives false.
func (s *Store) BeginUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload, most int64) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	var has int64
	err = t.row(ctx, `SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM uploads WHERE app = ? AND (intent <> '' OR expires_at > ?)`, []any{u.App, micros(t.now)}, &has)
	if err != nil || has+u.Size > most {
		return false, wrapped(err, "counting what an app has handed in")
	}
	_, err = t.exec(ctx, `INSERT INTO uploads (name, app, size, digest, intent, made_at, expires_at) VALUES (?, ?, ?, ?, '', ?, ?)`,
		u.ID, u.App, u.Size, []byte{}, micros(t.now), micros(u.Expires))
	return true, wrapped(err, "making room for an upload")
}

// PutPiece keeps bytes of a file, which begin at from.
func (s *Store) PutPiece(ctx context.Context, tx graphwarden.Tx, id string, from int64, piece []byte) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO upload_pieces (upload, begins, content) VALUES (?, ?, ?)`, id, from, piece)
	return wrapped(err, "keeping bytes of an upload")
}

// EndUpload says that all of a file is here, and until when it waits for a message.
func (s *Store) EndUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE uploads SET digest = ?, expires_at = ? WHERE name = ?`, u.Digest[:], micros(u.Expires), u.ID)
	return wrapped(err, "ending an upload")
}

// ClaimUpload has a write take along a whole file of its app's, which no other write does;
// false: there is none. A write may claim twice.
func (s *Store) ClaimUpload(ctx context.Context, tx graphwarden.Tx, app, id, intent string) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE uploads SET intent = ? WHERE name = ? AND app = ? AND length(digest) > 0 AND (intent = ? OR intent = '' AND expires_at > ?)`,
		intent, id, app, intent, micros(t.now))
	return n > 0, wrapped(err, "claiming an upload")
}

// ForgetUploads forgets files that no message takes along, and whose time is over. It
// gives how many.
func (s *Store) ForgetUploads(ctx context.Context, tx graphwarden.Tx, limit int) (int, error) {
	t, err := open(tx)
	if err != nil {
		return 0, err
	}
	return t.dropUploads(ctx, `intent = '' AND expires_at <= ?`, micros(t.now), limit)
}

// dropUploads forgets uploads of a condition with one value.
func (t *transaction) dropUploads(ctx context.Context, where string, value any, limit int) (int, error) {
	var ids []any
	err := t.rows(ctx, `SELECT name FROM uploads WHERE `+where+` ORDER BY name LIMIT ?`, []any{value, limit}, func(row scanner) error {
		var id string
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("looking for uploads to forget: %w", err)
	}
	for _, id := range ids {
		for _, query := range []string{`DELETE FROM upload_pieces WHERE upload = ?`, `DELETE FROM uploads WHERE name = ?`} {
			if _, err := t.exec(ctx, query, id); err != nil {
				return 0, fmt.Errorf("forgetting an upload: %w", err)
			}
		}
	}
	return len(ids), nil
}

// DropUpload forgets one file that did not come whole.
func (s *Store) DropUpload(ctx context.Context, tx graphwarden.Tx, id string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.dropUploads(ctx, `intent = '' AND name = ?`, id, 1)
	return err
}

// Upload gives a file that an app handed in, without its bytes.
func (s *Store) Upload(ctx context.Context, id string) (u graphwarden.Upload, found bool, err error) {
	var digest []byte
	var made, expires int64
	found, err = s.reads.row(ctx, `SELECT name, app, size, digest, intent, made_at, expires_at FROM uploads WHERE name = ?`, []any{id},
		&u.ID, &u.App, &u.Size, &digest, &u.Intent, &made, &expires)
	if err != nil {
		return u, false, s.refuse(fmt.Errorf("reading an upload: %w", err))
	}
	u.Whole = copy(u.Digest[:], digest) > 0
	u.MadeAt, u.Expires = fromMicros(made), fromMicros(expires)
	return u, found, nil
}

// Piece gives bytes of a file that begin at from, as many as were kept together; none when
// there are none.
func (s *Store) Piece(ctx context.Context, id string, from int64) ([]byte, error) {
	var begins int64
	var content []byte
	_, err := s.reads.row(ctx, `SELECT begins, content FROM upload_pieces WHERE upload = ? AND begins <= ? ORDER BY begins DESC LIMIT 1`, []any{id, from}, &begins, &content)
	switch {
	case err != nil:
		return nil, s.refuse(fmt.Errorf("reading bytes of an upload: %w", err))
	case from-begins >= int64(len(content)):
		return nil, nil
	}
	return content[from-begins:], nil
}

// HoldIntent has who holds a write in this attempt hold it until a time; false: it has an
// outcome, or somebody else holds it by now.
func (s *Store) HoldIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) (bool, error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE intents SET due_at = ? WHERE name = ? AND state = 'open' AND holder = ? AND attempts = ?`, micros(until), in.ID, in.Holder, in.Attempts)
	return n > 0, wrapped(err, "holding a write")
}
