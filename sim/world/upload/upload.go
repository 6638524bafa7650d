// Package upload keeps what is uploaded piece by piece until it is whole: the
// upload sessions by which files of more than 3 MB are hung on events and drafts.
// It promises that a session takes the bytes of its file in order and each of them
// once, and that nothing hangs anywhere before the last one is here; who hangs it
// where is the callers' affair. Sources: "attachment: createUploadSession" and
// "Attach large files to Outlook messages or events" of Microsoft's documentation.
package upload

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

const (
	smallest = 3 << 20   // what is smaller goes in one request
	largest  = 150 << 20 // of a file
	// Largest is what one request may carry.
	Largest = 4 << 20
	// life is how long a session may be used; Microsoft says that it ends, not when.
	life = time.Hour
)

// Kind is what a file is hung on, as the addresses of sessions name it.
type Kind string

// The kinds.
const (
	Message Kind = "Messages"
	Event   Kind = "Events"
)

// Session is one file on its way.
type Session struct {
	Key       string    `json:"key"`
	Token     string    `json:"token"` // by which its address is good without any other
	Kind      Kind      `json:"kind"`
	Mailbox   string    `json:"mailbox"` // object id of the owner
	Item      string    `json:"item"`    // immutable id of what it will hang on
	App       string    `json:"app"`     // who began it, for the truth ledger
	Principal string    `json:"principal"`
	Name      string    `json:"name"`
	Type      string    `json:"type,omitempty"` // contentType
	ContentID string    `json:"contentId,omitempty"`
	Inline    bool      `json:"inline,omitempty"`
	Size      int       `json:"size"` // bytes of the file
	Here      int       `json:"here"` // bytes that are here
	Expires   time.Time `json:"expires"`
}

// Attachment is what the session's file becomes.
func (s Session) Attachment(content []byte) outlook.Attachment {
	return outlook.Attachment{Type: "fileAttachment", Name: s.Name, ContentType: s.Type, ContentID: s.ContentID, Inline: s.Inline, Size: len(content), Content: content}
}

// Sessions are those of a tenant.
type Sessions struct {
	open   *state.Table[Session] // by key
	pieces *state.Table[[]byte]  // by key and where in the file they begin
}

// New makes the sessions of a world that is not open yet.
func New(w *world.World) *Sessions {
	return &Sessions{state.NewTable[Session](w.Store, "uploads"), state.NewTable[[]byte](w.Store, "uploadPieces")}
}

// Begin begins a session for a file that an AttachmentItem describes. s says where
// the file will hang and who asks.
func (u *Sessions) Begin(tx *state.Tx, s Session, item world.Doc) (Session, error) {
	if kind := outlook.Text(item, "attachmentType"); kind != "file" {
		return s, outlook.BadProperty("attachmentType", "'%s' can't be uploaded; a file can.", kind)
	}
	s.Name, s.Type, s.ContentID = outlook.Text(item, "name"), outlook.Text(item, "contentType"), outlook.Text(item, "contentId")
	s.Inline, _ = item["isInline"].(bool)
	size, _ := item["size"].(float64)
	s.Size = int(min(size, 2*largest))
	switch {
	case s.Name == "":
		return s, outlook.BadProperty("name", "it is required.")
	case s.Size < smallest:
		return s, outlook.Refuse(http.StatusBadRequest, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
			"The attachment size is less than the minimum size of an upload session; use a single POST.")
	case s.Size > largest:
		return s, outlook.Refuse(http.StatusRequestEntityTooLarge, "ErrorAttachmentSizeLimitExceeded", "The attachment size exceeds the limit of 150 MB.")
	}
	for _, old := range u.open.All(tx) {
		if !tx.Now().Before(old.Expires) {
			u.End(tx, old)
		}
	}
	s.Key, s.Token, s.Here, s.Expires = world.NewKey(tx), rand.Text(), 0, tx.Now().Add(life)
	u.open.Put(tx, s.Key, s)
	return s, nil
}

// Find finds a session that has not ended.
func (u *Sessions) Find(tx *state.Tx, key string) (Session, bool) {
	s, ok := u.open.Get(tx, key)
	return s, ok && tx.Now().Before(s.Expires)
}

// Take takes the next bytes of a session's file, which begin at from. With the last
// ones it gives the whole, and the session has ended.
func (u *Sessions) Take(tx *state.Tx, s Session, from int, piece []byte) (next Session, whole []byte, err error) {
	if from != s.Here {
		return s, nil, outlook.Invalid("The bytes of the file must be uploaded in order: %d is expected next, not %d.", s.Here, from)
	}
	if from+len(piece) < s.Size {
		u.pieces.Put(tx, pieceKey(s.Key, from), piece)
		s.Here += len(piece)
		u.open.Put(tx, s.Key, s)
		return s, nil, nil
	}
	whole = make([]byte, 0, s.Size)
	for len(whole) < from {
		p, ok := u.pieces.Get(tx, pieceKey(s.Key, len(whole)))
		if !ok || len(p) == 0 {
			return s, nil, fmt.Errorf("the upload %s lacks what begins at %d", s.Key, len(whole))
		}
		whole = append(whole, p...)
	}
	u.End(tx, s)
	return s, append(whole, piece...), nil
}

// End ends a session and forgets what was uploaded.
func (u *Sessions) End(tx *state.Tx, s Session) {
	for at := 0; at < s.Here; {
		key := pieceKey(s.Key, at)
		p, ok := u.pieces.Get(tx, key)
		if !ok || len(p) == 0 {
			break
		}
		u.pieces.Delete(tx, key)
		at += len(p)
	}
	u.open.Delete(tx, s.Key)
}

func pieceKey(session string, from int) string { return fmt.Sprintf("%s/%d", session, from) }

// Address is where a session is reached, at an origin, and what of it hangs there
// under a name such as "AttachmentSessions".
func (s Session) Address(origin, tenant, collection, id string) string {
	return fmt.Sprintf("%s/api/v2.0/Users('%s@%s')/%s('%s')/%s('%s')", origin, s.Mailbox, tenant, s.Kind, s.Item, collection, id)
}

// Context is the @odata.context of an answer of the session's.
func (s Session) Context(origin, tenant string) string {
	escaped := strings.NewReplacer("@", "%40", "=", "%3D").Replace(fmt.Sprintf("Users('%s@%s')/%s('%s')", s.Mailbox, tenant, s.Kind, s.Item))
	return origin + "/api/v2.0/$metadata#" + escaped + "/AttachmentSessions/$entity"
}
