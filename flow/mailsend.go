package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// MailMode says how much a flow of kind mail-send may, and so what it can promise
// of a message whose answer was lost.
type MailMode string

// The modes.
const (
	// Least sends and may nothing else: whether a message went out whose answer was
	// lost, nobody can say.
	Least MailMode = "least"
	// ExactlyOnce writes a draft that is found again, and sends it. It takes the right
	// to read and write the mailboxes' mail.
	ExactlyOnce MailMode = "exactly-once"
)

// MailModes are all of them.
func MailModes() []MailMode { return []MailMode{Least, ExactlyOnce} }

// MailSend sends mail of an app from mailboxes.
func MailSend(mode MailMode) Kind {
	operations := []Operation{SendMail()}
	if mode == ExactlyOnce {
		operations = []Operation{CreateDraft(), SendDraft(), FindMessages(), GetMessage(), DeleteDraft(),
			ListAttachments(), AddAttachment(), BeginUpload(), PutRange(), UploadStands()}
	}
	return Kind{"mail-send", Out, operations}
}

// SendMail sends a message that was no draft before (graph-facts §6).
func SendMail() Operation {
	o := write("mail.send", http.MethodPost, "/sendMail")
	o.mail = "message"
	return o
}

// CreateDraft makes a draft in a mailbox's folder of drafts.
func CreateDraft() Operation {
	o := write("draft.create", http.MethodPost, "/messages")
	o.mail = "the body"
	return o
}

// SendDraft sends a draft, which keeps its immutable id.
func SendDraft() Operation { return write("draft.send", http.MethodPost, "/messages/{message}/send") }

// DeleteDraft deletes a draft that Microsoft does not want to send.
func DeleteDraft() Operation { return write("draft.delete", http.MethodDelete, "/messages/{message}") }

// FindMessages finds messages of a mailbox by a filter, such as an extended property.
func FindMessages() Operation { return read("messages.find", "/v1.0/users/{mailbox}/messages") }

// GetMessage reads one message by its immutable id, whichever folder it is in.
func GetMessage() Operation { return read("message.get", "/v1.0/users/{mailbox}/messages/{message}") }

// ListAttachments lists what hangs on a message.
func ListAttachments() Operation {
	return read("attachments.list", "/v1.0/users/{mailbox}/messages/{message}/attachments")
}

// AddAttachment hangs a file of less than 3 MB on a draft.
func AddAttachment() Operation {
	return write("attachment.add", http.MethodPost, "/messages/{message}/attachments")
}

// BeginUpload begins an upload session, by which a draft takes a file of 3 to 150 MB
// (Microsoft's "Attach large files to Outlook messages or events").
func BeginUpload() Operation {
	return write("upload.begin", http.MethodPost, "/messages/{message}/attachments/createUploadSession")
}

// PutRange puts the next bytes of a file into an upload session; with the last ones the
// file hangs on its draft. The call's link is the session's address, and the template says
// only what it is about.
func PutRange() Operation { return session("upload.put", http.MethodPut) }

// UploadStands asks an upload session which bytes it wants next.
func UploadStands() Operation { return session("upload.stands", http.MethodGet) }

func session(name, method string) Operation {
	return Operation{name: name, api: Session, method: method, template: "/users/{mailbox}/messages/{message}/attachments/session"}
}

// Mails says whether the operation sends mail, or writes what is to be sent.
func (o Operation) Mails() bool {
	return slices.Contains([]Operation{SendMail(), CreateDraft(), SendDraft(), DeleteDraft(), AddAttachment(), BeginUpload(), PutRange()}, o)
}

// judgeMail refuses a message that would go out in the name of somebody else than
// the mailbox that was decided (R10): from and sender are Microsoft's to fill in.
func (o Operation) judgeMail(body []byte) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("judging the body of %s: "+format, append([]any{o.name}, args...)...)
	}
	members, err := membersOf(body)
	if err != nil {
		return wrong("%w", err)
	}
	if o.mail == "message" {
		if members, err = membersOf(members["message"]); err != nil {
			return wrong("its message: %w", err)
		}
	}
	for _, name := range []string{"from", "sender"} {
		if _, named := members[name]; named {
			return wrong("it names the %s, which is the mailbox's owner", name)
		}
	}
	return nil
}

// membersOf reads a JSON object whose members each stand once, whatever their case,
// and gives them by their names in lower case.
func membersOf(body []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, fmt.Errorf("it is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading a member: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("reading member %v: %w", key, err)
		}
		name, _ := key.(string)
		name = strings.ToLower(name)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("%q stands in it twice", name)
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("reading the end: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the object")
	}
	return members, nil
}
