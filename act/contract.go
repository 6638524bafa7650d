package act

import (
	"context"
	"encoding/json"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Store runs a closure in one transaction, on disk when Update returns nil.
// UpdateUnsynced does not wait for the disk: everybody sees it, and the next Update, or
// the store itself very soon, brings it to the disk. The power may fail before that.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	UpdateUnsynced(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Intents keeps what apps want written.
type Intents interface {
	// PutIntent keeps a write, or gives the one that the app asked for with its key.
	PutIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (kept graphwarden.Intent, fresh bool, err error)
	// AmendIntent keeps which version a write wants to meet.
	AmendIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) error
	// BeginIntent keeps in.Before of a write that is about to be sent; false: somebody else
	// holds it by now.
	BeginIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (bool, error)
	// EndIntent keeps what came of a write; false: it has an outcome already.
	EndIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, loser *graphwarden.Loser) (bool, error)
}

// Due gives the writes that are to be tried again.
type Due interface {
	LeaseIntents(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, limit int) ([]graphwarden.Intent, error)
	DeferIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) error
	// Behind says whether a write waits behind an earlier one of its item.
	Behind(ctx context.Context, tx graphwarden.Tx, id string) (bool, error)
	ForgetIntents(ctx context.Context, tx graphwarden.Tx, before, losersBefore time.Time, limit int) (int, error)
	NextIntent(ctx context.Context) (due time.Time, ok bool, err error)
}

// Shelf shows the writes.
type Shelf interface {
	IntentByKey(ctx context.Context, app, key string) (graphwarden.Intent, bool, error)
	Intent(ctx context.Context, id string) (graphwarden.Intent, bool, error)
	// Met says whether anything but a write itself tells of its item: the copy of its mailbox
	// has it, or another write was about it.
	Met(ctx context.Context, in graphwarden.Intent) (bool, error)
	LoserOf(ctx context.Context, intent string) (graphwarden.Loser, bool, error)
}

// Roster gives the flows with their mailboxes as they are pinned now.
type Roster interface {
	Flows() []flow.Flow
}

// Writer changes events at Microsoft.
type Writer interface {
	CreateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar string, event []byte) (json.RawMessage, error)
	UpdateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error)
	DeleteEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string) error
	CancelEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, parameters []byte) error
	RespondEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, answer string, parameters []byte) error
}

// Reader looks at events at Microsoft.
type Reader interface {
	// WholeEvent gives an event with extended properties; nil when there is none.
	WholeEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, properties ...string) (json.RawMessage, error)
	FindEvents(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar, property, value string) ([]json.RawMessage, error)
	Instances(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, series string, w graphwarden.Window) ([]json.RawMessage, error)
	Schedule(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, people []graphwarden.Mailbox, question []byte) (json.RawMessage, error)
}

// Mailer sends mail at Microsoft, at once or as a draft that is made first.
type Mailer interface {
	SendMail(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, request []byte) error
	CreateDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, message []byte) (json.RawMessage, error)
	SendDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) error
	DeleteDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) error
}

// Files hangs files on drafts at Microsoft.
type Files interface {
	// Attachments names what hangs on a message.
	Attachments(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) ([]string, error)
	// AddAttachment hangs a file of less than 3 MB at once.
	AddAttachment(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached, content []byte) error
	// BeginUpload begins a session for a larger one, PutRange puts the bytes into it that it
	// wants next, and UploadStands asks which those are. graph.ErrSessionGone: it has ended.
	BeginUpload(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached) (graph.Session, error)
	PutRange(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s graph.Session, piece []byte) (graph.Session, error)
	UploadStands(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s graph.Session) (graph.Session, error)
}

// Uploads keeps files that apps hand in, piece by piece.
type Uploads interface {
	// BeginUpload makes room for a file; false: the app would have more than most bytes here.
	BeginUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload, most int64) (bool, error)
	PutPiece(ctx context.Context, tx graphwarden.Tx, id string, from int64, piece []byte) error
	EndUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload) error
	DropUpload(ctx context.Context, tx graphwarden.Tx, id string) error
	ForgetUploads(ctx context.Context, tx graphwarden.Tx, limit int) (int, error)
}

// Claims has writes take along what was handed in, and hold on while that is sent.
type Claims interface {
	// ClaimUpload has one write take along a whole file of its app's; false: there is none.
	ClaimUpload(ctx context.Context, tx graphwarden.Tx, app, id, intent string) (bool, error)
	// HoldIntent holds a write until a time; false: it is in other hands by now.
	HoldIntent(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent, until time.Time) (bool, error)
	Upload(ctx context.Context, id string) (graphwarden.Upload, bool, error)
	// Piece gives bytes of a file that begin at from; none when there are none.
	Piece(ctx context.Context, id string, from int64) ([]byte, error)
}

// Mails looks at messages at Microsoft.
type Mails interface {
	// Message gives the outline of a message; nil when there is none.
	Message(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (json.RawMessage, error)
	FindMessages(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, property, value string) ([]json.RawMessage, error)
}
