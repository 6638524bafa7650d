package mail

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Draft makes a draft in a folder out of a body of Graph's (documentation of Create
// message).
func (m *Mail) Draft(tx *state.Tx, owner, folder string, body Doc) (Message, error) {
	x, err := m.compose(tx, owner, body)
	if err != nil {
		return x, err
	}
	x.Folder = folder
	return m.put(tx, x, world.Created), nil
}

// compose makes a message that is in no folder yet.
func (m *Mail) compose(tx *state.Tx, owner string, body Doc) (Message, error) {
	now := tx.Now()
	x := Message{Key: world.NewKey(tx), Mailbox: owner, Draft: true, Created: now, Sent: now, Received: now, Importance: "normal", Read: true, Focused: true}
	x.From = m.boxes.Person(tx, owner)
	x.Sender = x.From
	x.InternetID = "<" + x.Key + "@" + m.world.Domain + ">"
	x.Thread = world.ItemID{Mailbox: owner, Key: world.NewKey(tx), Folder: true}.Rest()
	for name, v := range body {
		if name == "internetMessageHeaders" {
			if err := x.readHeaders(v); err != nil {
				return x, err
			}
			continue
		}
		if err := x.read(tx, name, v, m); err != nil {
			return x, err
		}
	}
	return x, nil
}

// Update changes a draft, or of a sent or received message what may still be
// changed (graph-facts §6).
func (m *Mail) Update(tx *state.Tx, x Message, body Doc) (Message, error) {
	for name, v := range body {
		if !x.Draft && !changeableWhenSent(name) || name == "internetMessageHeaders" {
			return x, outlook.Refuse(http.StatusBadRequest, "ErrorInvalidPropertySet", "The property %s can't be changed once the message was sent.", name)
		}
		if err := x.read(tx, name, v, m); err != nil {
			return x, err
		}
	}
	return m.put(tx, x, world.Updated), nil
}

func changeableWhenSent(name string) bool {
	switch name {
	case "isRead", "flag", "categories", "importance", "inferenceClassification", "singleValueExtendedProperties", "multiValueExtendedProperties":
		return true
	}
	return strings.HasPrefix(name, "@odata.")
}

// read takes one property of a body.
func (x *Message) read(tx *state.Tx, name string, v any, m *Mail) error {
	if done, err := x.readPeople(name, v); done {
		return err
	}
	var err error
	switch name {
	case "subject":
		x.Subject, err = outlook.String(name, v)
	case "body":
		err = x.readBody(name, v)
	case "importance":
		x.Importance, err = outlook.Enum(name, v, "low", "normal", "high")
	case "internetMessageId":
		err = x.readInternetID(name, v)
	case "isRead":
		x.Read, err = outlook.Flag(name, v)
	case "isReadReceiptRequested":
		x.WantsRead, err = outlook.Flag(name, v)
	case "isDeliveryReceiptRequested":
		x.WantsHere, err = outlook.Flag(name, v)
	case "categories":
		x.Categories, err = outlook.Texts(name, v)
	case "singleValueExtendedProperties":
		x.Extended, err = outlook.ReadExtended(x.Extended, name, v, false)
	case "multiValueExtendedProperties":
		x.Extended, err = outlook.ReadExtended(x.Extended, name, v, true)
	case "attachments":
		err = x.readAttachments(tx, name, v)
	case "inferenceClassification":
		var class string
		class, err = outlook.Enum(name, v, "focused", "other")
		x.Focused = class == "focused"
	case "flag":
		d, _ := v.(Doc)
		x.Flagged, err = outlook.Enum("flagStatus", d["flagStatus"], "notFlagged", "complete", "flagged")
	default:
		if !strings.HasPrefix(name, "@odata.") {
			err = outlook.BadProperty(name, "it can't be set.")
		}
	}
	return err
}

func (x *Message) readPeople(name string, v any) (bool, error) {
	lists := map[string]*[]outlook.Person{"toRecipients": &x.To, "ccRecipients": &x.Cc, "bccRecipients": &x.Bcc, "replyTo": &x.ReplyTo}
	ones := map[string]*outlook.Person{"from": &x.From, "sender": &x.Sender}
	if to, is := ones[name]; is {
		d, ok := v.(Doc)
		if !ok {
			return true, outlook.BadProperty(name, "a recipient is expected.")
		}
		*to = outlook.ReadPerson(d)
		return true, nil
	}
	to, is := lists[name]
	if !is {
		return false, nil
	}
	values, ok := v.([]any)
	if !ok && v != nil {
		return true, outlook.BadProperty(name, "a collection is expected.")
	}
	*to = nil
	for _, value := range values {
		d, _ := value.(Doc)
		p := outlook.ReadPerson(d)
		if p.Name == "" {
			p.Name = p.Address
		}
		*to = append(*to, p)
	}
	return true, nil
}

func (x *Message) readBody(name string, v any) error {
	d, ok := v.(Doc)
	if !ok {
		return outlook.BadProperty(name, "an item body is expected.")
	}
	kind, err := outlook.Enum("contentType", d["contentType"], "text", "html")
	if err != nil {
		return err
	}
	content, err := outlook.String("content", d["content"])
	x.Body = outlook.Body{HTML: kind == "html", Content: content}
	return err
}

// readInternetID takes a Message-ID, which a draft may be given (graph-facts §6).
func (x *Message) readInternetID(name string, v any) error {
	id, err := outlook.String(name, v)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(id, "<") || !strings.HasSuffix(id, ">") || !strings.Contains(id, "@") || strings.ContainsAny(id, " \r\n") {
		return outlook.BadProperty(name, "'%s' is no message id.", id)
	}
	x.InternetID = id
	return nil
}

// most is how many headers of its own a message may have, and their names begin
// with x- (graph-facts §6).
const mostHeaders = 5

func (x *Message) readHeaders(v any) error {
	list, _ := v.([]any)
	if len(list) > mostHeaders {
		return outlook.Refuse(http.StatusBadRequest, "InvalidInternetMessageHeaderCollection", "Maximum number of headers in one message should be less than or equal to 5.")
	}
	for _, value := range list {
		d, _ := value.(Doc)
		name := outlook.Text(d, "name")
		if !strings.HasPrefix(strings.ToLower(name), "x-") {
			return outlook.Refuse(http.StatusBadRequest, "InvalidInternetMessageHeader", "The internet message header name '%s' should start with 'x-' or 'X-'.", name)
		}
		x.Headers = append(x.Headers, [2]string{name, outlook.Text(d, "value")})
	}
	return nil
}

func (x *Message) readAttachments(tx *state.Tx, name string, v any) error {
	list, ok := v.([]any)
	if !ok {
		return outlook.BadProperty(name, "a collection is expected.")
	}
	for _, value := range list {
		d, _ := value.(Doc)
		a, err := outlook.ReadAttachment(d)
		if err != nil {
			return err
		}
		a.Modified = tx.Now()
		x.Attached, x.AttachedAs = append(x.Attached, a), append(x.AttachedAs, world.NewKey(tx))
	}
	return nil
}

// Hang hangs something on a draft, and gives its key.
func (m *Mail) Hang(tx *state.Tx, x Message, a outlook.Attachment) (string, error) {
	if !x.Draft {
		return "", outlook.Refuse(http.StatusBadRequest, "ErrorInvalidPropertySet", "Nothing can be attached to a message that was sent.")
	}
	a.Modified = tx.Now()
	key := world.NewKey(tx)
	x.Attached, x.AttachedAs = append(x.Attached[:len(x.Attached):len(x.Attached)], a), append(x.AttachedAs[:len(x.AttachedAs):len(x.AttachedAs)], key)
	m.put(tx, x, world.Updated)
	return key, nil
}
