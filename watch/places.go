package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Room is how much of a disk is free.
type Room struct {
	Free, Total uint64 // bytes
}

// Judge says how urgent it is: critical when the next hour may fill the disk.
func (r Room) Judge() graphwarden.Severity {
	const gib = 1 << 30
	switch {
	case r.Total == 0:
		return ""
	case r.Free < gib/5 || r.Free < r.Total/50 && r.Free < 5*gib:
		return graphwarden.Critical
	case r.Free < gib || r.Free < r.Total/10 && r.Free < 20*gib:
		return graphwarden.Warning
	}
	return ""
}

// Disk sees a disk that is full or nearly.
func Disk(folder string, room func(folder string) (Room, error)) Look {
	return Look{Codes: []string{"notice.disk_low"}, See: func(context.Context, time.Time) ([]Sighting, error) {
		r, err := room(folder)
		if err != nil || r.Judge() == "" {
			return nil, err
		}
		return []Sighting{{Code: "notice.disk_low", Subject: folder, Severity: r.Judge(),
			Say: fmt.Sprintf("The disk of the database has %d MB left of %d MB.", r.Free>>20, r.Total>>20),
			Do:  "Make room, or move the database to a larger disk; what fills it shows: du -xh --max-depth=2 " + folder}}, nil
	}}
}

// Database sees a database that does not answer, or takes nothing.
func Database(writable func(ctx context.Context) error) Look {
	return Look{Codes: []string{"notice.database"}, See: func(ctx context.Context, _ time.Time) ([]Sighting, error) {
		return nil, writable(ctx)
	}}
}

// Clock sees that this computer's clock differs from Microsoft's. skew is how far
// ours is ahead, if known.
func Clock(skew func() (time.Duration, bool)) Look {
	const tolerated = 5 * time.Minute // Entra's own (graph-facts §1)
	return Look{Codes: []string{"notice.clock_skew"}, See: func(context.Context, time.Time) ([]Sighting, error) {
		off, known := skew()
		if !known || off.Abs() <= tolerated {
			return nil, nil
		}
		way := "ahead of"
		if off < 0 {
			way = "behind"
		}
		return []Sighting{{Code: "notice.clock_skew", Subject: "clock", Severity: graphwarden.Critical,
			Say: fmt.Sprintf("This computer's clock is %s %s Microsoft's.", off.Abs().Round(time.Second), way),
			Do:  "Set the clock by a time server: timedatectl set-ntp true"}}, nil
	}}
}

// Backup sees that the last backup is older than it should be; last gives its
// time, zero when there was none, and made when the database was made. Zero old
// is for those who back up by other means.
func Backup(last func(ctx context.Context) (time.Time, error), old time.Duration, made func(ctx context.Context) (time.Time, error)) Look {
	return Look{Codes: []string{"notice.backup_old"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		at, err := last(ctx)
		from := at
		if err == nil && at.IsZero() {
			from, err = made(ctx) // a new database gets its time
		}
		if err != nil || old == 0 || now.Sub(from) <= old {
			return nil, err
		}
		say := "There is no backup of the database."
		if !at.IsZero() {
			say = fmt.Sprintf("The last backup of the database was made at %s.", at.UTC().Format(time.RFC3339))
		}
		return []Sighting{{Code: "notice.backup_old", Subject: "database", Severity: graphwarden.Warning, Since: from.Add(old), Say: say,
			Do: "Make one: graphwarden backup --help"}}, nil
	}}
}

// Notices sees that notices do not arrive at their webhook.
func Notices(untold func(ctx context.Context) (n int, since time.Time, reason string, err error)) Look {
	return Look{Codes: []string{webhookFailing}, See: func(ctx context.Context, _ time.Time) ([]Sighting, error) {
		n, since, reason, err := untold(ctx)
		if err != nil || n == 0 {
			return nil, err
		}
		return []Sighting{{Code: webhookFailing, Subject: "webhook", Severity: graphwarden.Warning, Since: since,
			Say: fmt.Sprintf("%d notices do not arrive at their webhook: %s", n, reason), Do: "Check notices.url in the configuration, and its receiver."}}, nil
	}}
}
