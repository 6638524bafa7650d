package mail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// View is how a client wants a message.
type View struct {
	AsText    bool // Prefer: outlook.body-content-type="text"
	Immutable bool
}

// id writes an id as the client wants it.
func (v View) id(id world.ItemID) string {
	if v.Immutable {
		return id.Immutable()
	}
	return id.Rest()
}

// Doc writes a message as Graph does.
func (x Message) Doc(v View) Doc {
	d := Doc{
		"@odata.etag": x.ETag(), "id": v.id(x.ID()), "changeKey": world.ChangeKey(x.Mailbox, x.Version),
		"createdDateTime": stamp(x.Created), "lastModifiedDateTime": stamp(x.Modified), "receivedDateTime": stamp(x.Received), "sentDateTime": stamp(x.Sent),
		"categories": outlook.List(x.Categories), "hasAttachments": x.hasAttachments(), "internetMessageId": x.InternetID, "subject": x.Subject,
		"bodyPreview": x.Body.Preview(), "body": x.Body.Doc(v.AsText), "uniqueBody": x.Body.Doc(v.AsText), "importance": x.Importance,
		"parentFolderId": FolderID(x.Mailbox, x.Folder).Rest(), "conversationId": x.Thread, "conversationIndex": x.index(),
		"isDeliveryReceiptRequested": x.WantsHere, "isReadReceiptRequested": x.WantsRead, "isRead": x.Read, "isDraft": x.Draft,
		"webLink": "https://outlook.office365.com/owa/?ItemID=" + x.ID().Rest() + "&exvsurl=1&viewmodel=ReadMessageItem",
		"sender":  x.Sender.Doc(), "from": x.From.Doc(), "toRecipients": people(x.To), "ccRecipients": people(x.Cc), "bccRecipients": people(x.Bcc), "replyTo": people(x.ReplyTo),
		"inferenceClassification": map[bool]string{true: "focused", false: "other"}[x.Focused], "flag": Doc{"flagStatus": flagged(x.Flagged)},
		"internetMessageHeaders":        x.headers(),
		"singleValueExtendedProperties": outlook.ExtendedDocs(x.Extended, false), "multiValueExtendedProperties": outlook.ExtendedDocs(x.Extended, true),
	}
	return d
}

// index is where a message stands in its conversation: for its first one a header of 22
// bytes, in the alphabet that Graph writes binaries in, + and / (MS-OXOMSG 2.2.1.3).
func (x Message) index() string {
	const since1601 = 11_644_473_600 // seconds until 1970
	header := binary.BigEndian.AppendUint64([]byte{1}, uint64(x.Created.Unix()+since1601)*10_000_000)[:6]
	thread := sha256.Sum256([]byte(x.Thread))
	return base64.StdEncoding.EncodeToString(append(header, thread[:16]...))
}

// stamp writes an instant as Outlook does, in whole seconds.
func stamp(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

func flagged(s string) string {
	if s == "" {
		return "notFlagged"
	}
	return s
}

func people(list []outlook.Person) []any {
	out := []any{}
	for _, p := range list {
		out = append(out, p.Doc())
	}
	return out
}

// hasAttachments does not count those that the body shows (Microsoft Graph, message
// resource).
func (x Message) hasAttachments() bool {
	for _, a := range x.Attached {
		if !a.Inline {
			return true
		}
	}
	return false
}

// headers are the sender's own, and of what was delivered those of its way.
func (x Message) headers() []any {
	out := []any{}
	for _, h := range x.Headers {
		out = append(out, Doc{"name": h[0], "value": h[1]})
	}
	if !x.Draft {
		out = append(out, Doc{"name": "Message-ID", "value": x.InternetID}, Doc{"name": "Subject", "value": x.Subject},
			Doc{"name": "From", "value": strings.TrimSpace(x.From.Name + " <" + x.From.Address + ">")})
	}
	return out
}

// Attachments writes what hangs on a message, with the content or without.
func (x Message) Attachments(v View, whole bool) []Doc {
	out := []Doc{}
	for i, a := range x.Attached {
		out = append(out, a.Doc(v.id(world.ItemID{Mailbox: x.Mailbox, Key: x.AttachedAs[i]}), whole))
	}
	return out
}

// AttachedSize is how many bytes hang on a message.
func (x Message) AttachedSize() int {
	size := 0
	for _, a := range x.Attached {
		size += a.Size
	}
	return size
}
