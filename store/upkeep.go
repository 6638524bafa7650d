package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Upkeep says when the database was last looked after.
type Upkeep struct {
	Backup, Restore time.Time // verified; zero for never
	BackupAt        string    // where the backup is
}

// upkeepVersion is the schema version that the table came with.
const upkeepVersion = 6

const putUpkeep = `INSERT INTO upkeep (what, at, note) VALUES (?, ?, ?)
ON CONFLICT (what) DO UPDATE SET at = excluded.at, note = excluded.note`

// Upkeep tells when the database was last backed up and restored.
func (s *Store) Upkeep(ctx context.Context) (u Upkeep, err error) {
	err = s.reads.rows(ctx, `SELECT what, at, note FROM upkeep`, nil, func(row scanner) error {
		var what, note string
		var at int64
		err := row.Scan(&what, &at, &note)
		switch what {
		case "backup":
			u.Backup, u.BackupAt = fromMicros(at), note
		case "restore":
			u.Restore = fromMicros(at)
		}
		return err
	})
	if err != nil {
		return Upkeep{}, s.refuse(fmt.Errorf("reading when the database was looked after: %w", err))
	}
	return u, nil
}

// noteBeside remembers a verified backup, in a database that another process may
// work on.
func (s *Store) noteBeside(ctx context.Context, m Manifest, at string) (err error) {
	if m.Version < upkeepVersion {
		return nil
	}
	w := &Store{Options: s.Options, engine: s.engine}
	defer func() {
		for _, f := range w.closing {
			err = errors.Join(err, f())
		}
	}()
	if s.URL != "" {
		config, err := s.server()
		if err != nil {
			return err
		}
		_, err = w.pool(config, 1, ``).ExecContext(ctx, s.engine.translate(putUpkeep), "backup", micros(m.Made), at)
		return err
	}
	db, err := w.connect(1, "synchronous(full)", "fullfsync(1)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, putUpkeep, "backup", micros(m.Made), at)
	return err
}
