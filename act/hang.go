package act

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
)

// leastSession is the size from which a file needs an upload session.
const leastSession = 3 << 20

// underway is an upload session that this process has begun. It is in memory only: its
// address is a right of its own, and a session that is forgotten leaves nothing.
type underway struct {
	upload  string
	session graph.Session
}

// under is what is under way, one session of each write.
type under struct {
	mu sync.Mutex
	of map[string]underway // by Intent.ID
}

func (u *under) get(intent, upload string) (graph.Session, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	w, is := u.of[intent]
	return w.session, is && w.upload == upload
}

func (u *under) put(intent, upload string, s graph.Session) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.of[intent] = underway{upload, s}
}

func (u *under) end(intent string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.of, intent)
}

// forget lets go of sessions that have ended.
func (u *under) forget(now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, w := range u.of {
		if w.session.Expires.Before(now) {
			delete(u.of, id)
		}
	}
}

// hang hangs on a draft what it takes along and lacks, and looks whether all is there.
// Nothing hangs there before the last byte of a file, so that what was cut off in between
// is begun anew, by this process or another. The draft is sent only if each file hangs
// there once.
func (a *Act) hang(ctx context.Context, f flow.Flow, in graphwarden.Intent, files []graphwarden.Attached) error {
	if len(files) == 0 {
		return nil
	}
	missing, err := a.missing(ctx, f, in, files)
	if err != nil || len(missing) == 0 {
		return err
	}
	for _, file := range missing {
		if err := a.hangOne(ctx, f, in, file); err != nil {
			return fmt.Errorf("attaching %s: %w", file.Upload, err)
		}
		a.under.end(in.ID)
	}
	if missing, err = a.missing(ctx, f, in, files); err == nil && len(missing) > 0 {
		err = errNotShown
	}
	return err
}

// missing gives the files that do not hang on a draft yet. One that hangs there twice is
// refused: another process has attached it in the same moment, and nothing was sent.
func (a *Act) missing(ctx context.Context, f flow.Flow, in graphwarden.Intent, files []graphwarden.Attached) ([]graphwarden.Attached, error) {
	names, err := a.config.Files.Attachments(ctx, f, in.Mailbox, in.Item)
	if err != nil {
		return nil, err
	}
	there := map[string]int{}
	for _, name := range names {
		there[name]++
	}
	var out []graphwarden.Attached
	for _, file := range files {
		switch there[file.Name] {
		case 0:
			out = append(out, file)
		case 1:
		default:
			return nil, refuse(graphwarden.Conflict, "act.upload_twice", "uploads", fmt.Sprintf("The file %.80q came to hang on the draft twice, so that the message was not sent.", file.Name),
				"Hand the file in and send the message again, with a new idempotency key.")
		}
	}
	return out, nil
}

// hangOne hangs one file on a draft.
func (a *Act) hangOne(ctx context.Context, f flow.Flow, in graphwarden.Intent, file graphwarden.Attached) error {
	if file.Size < leastSession {
		content, err := a.whole(ctx, file)
		if err != nil {
			return err
		}
		return a.config.Files.AddAttachment(a.holding(ctx, in), f, in.Mailbox, in.Item, file, content)
	}
	s, err := a.session(ctx, f, in, file)
	for err == nil && s.Next < file.Size {
		var piece []byte
		if piece, err = a.pieceAt(ctx, file, s.Next); err != nil {
			return err
		}
		s, err = a.config.Files.PutRange(a.holding(ctx, in), f, in.Mailbox, s, piece)
	}
	return err // where the session is gone, the next attempt finds that out and begins another
}

// session gives the session that this process has begun for a file, where it stands now,
// or a new one.
func (a *Act) session(ctx context.Context, f flow.Flow, in graphwarden.Intent, file graphwarden.Attached) (graph.Session, error) {
	if s, begun := a.under.get(in.ID, file.Upload); begun {
		now, err := a.config.Files.UploadStands(ctx, f, in.Mailbox, s)
		if !errors.Is(err, graph.ErrSessionGone) {
			return now, err
		}
	}
	s, err := a.config.Files.BeginUpload(a.holding(ctx, in), f, in.Mailbox, in.Item, file)
	if err == nil {
		a.under.put(in.ID, file.Upload, s)
	}
	return s, err
}

// holding has the next call go out only while the write is in these hands, and keeps it
// there as long as one attempt may take: two processes never attach the same file.
func (a *Act) holding(ctx context.Context, in graphwarden.Intent) context.Context {
	along, _ := gate.Along(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		mine, err := a.config.Claims.HoldIntent(ctx, tx, in, a.config.Now().Add(lease))
		if err == nil && !mine {
			err = errTaken
		}
		return err
	})
	return along
}

// pieceAt reads the bytes of an upload that begin at from.
func (a *Act) pieceAt(ctx context.Context, file graphwarden.Attached, from int64) ([]byte, error) {
	piece, err := a.config.Claims.Piece(ctx, file.Upload, from)
	if err == nil && len(piece) == 0 {
		err = fmt.Errorf("the upload %s lacks what begins at %d", file.Upload, from)
	}
	return piece, err
}

// whole reads a small upload.
func (a *Act) whole(ctx context.Context, file graphwarden.Attached) ([]byte, error) {
	content := make([]byte, 0, file.Size)
	for int64(len(content)) < file.Size {
		piece, err := a.pieceAt(ctx, file, int64(len(content)))
		if err != nil {
			return nil, err
		}
		content = append(content, piece...)
	}
	return content, nil
}
