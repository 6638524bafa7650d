package api

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
)

// NewMessage is a message that an app wants sent.
type NewMessage struct {
	Message   json.RawMessage `json:"message" rule:"required,object" doc:"as Graph documents the message; docs/sending.md lists what can be written"`
	Reference string          `json:"reference" rule:"max=255" doc:"what the app calls it" example:"ticket-17"`
	Kept      *bool           `json:"save_to_sent_items" doc:"whether a copy stays in Sent Items; true when nothing is said"`
	Uploads   []TakenUpload   `json:"uploads" rule:"max=20" doc:"files that the app handed in before, which the message takes along; of flows of mode exactly-once"`
}

// TakenUpload is a file that was handed in before, as a message takes it along.
type TakenUpload struct {
	Upload      string `json:"upload" rule:"required,max=60" doc:"its id" example:"upl_6f1d0c2b9a8e7d6c5b4a3f2e"`
	Name        string `json:"name" rule:"required,max=255" doc:"what the attachment is called, unlike any other of the message" example:"drawings.zip"`
	ContentType string `json:"content_type" rule:"max=255" doc:"its media type" example:"application/zip"`
	ContentID   string `json:"content_id" rule:"max=255" doc:"by which an HTML body shows it (cid:)" example:"plan"`
	Inline      bool   `json:"inline" doc:"whether it is shown in the body"`
}

// Upload is a file that was handed in, and waits for its message.
type Upload struct {
	ID      string    `json:"id" example:"upl_6f1d0c2b9a8e7d6c5b4a3f2e"`
	Size    int64     `json:"size" doc:"bytes" example:"10485760"`
	SHA256  string    `json:"sha256" doc:"of what was received, in hexadecimal digits" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"`
	Expires time.Time `json:"expires" doc:"when it is forgotten, if no message takes it along"`
}

func (a *API) mailRoutes() []route {
	if a.config.Mails == nil {
		return nil
	}
	codes := []string{"act.*"}
	return []route{
		{pattern: "POST /v1/tenants/{tenant}/mailboxes/{mailbox}/uploads", name: "uploadFile", about: "hand in a file that a message from a mailbox takes along", who: apps, writes: true,
			takes: "application/octet-stream", out: Upload{}, status: http.StatusCreated, codes: codes, repeats: fleeting, largest: act.LargestUpload, answer: a.uploadFile},
		{pattern: "POST /v1/tenants/{tenant}/mailboxes/{mailbox}/messages", name: "sendMessage", about: "send a message from a mailbox", who: apps, writes: true,
			in: NewMessage{}, out: Write{}, also: map[int]any{http.StatusAccepted: Write{}}, codes: []string{"act.*", "graph.*", "gate.*", "entra.*", "connect.*", "outbound.*"}, repeats: own, largest: largestMail, answer: a.sendMessage}}
}

// fileWait is how long a file may take to come.
const fileWait = 10 * time.Minute

// patient lets a file come, as long as it may take, that is sent as it is.
func (f *face) patient(w http.ResponseWriter, r *http.Request) error {
	if packed := strings.Join(r.Header.Values("Content-Encoding"), ", "); packed != "" && !strings.EqualFold(packed, "identity") {
		return &problem{status: http.StatusUnsupportedMediaType, refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body_kind", Field: "Content-Encoding",
			Say: "The request's body is packed.", Do: "Send the file as it is, without Content-Encoding."}}
	}
	control, until := http.NewResponseController(w), time.Now().Add(fileWait)
	err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(answerWait)))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("waiting for a file: %w", err)
	}
	return nil
}

func (a *API) uploadFile(r *http.Request) (any, error) {
	u, err := a.config.Mails.Upload(r.Context(), target(r), r.ContentLength, r.Body)
	if err != nil {
		return nil, err
	}
	return Upload{ID: u.ID, Size: u.Size, SHA256: hex.EncodeToString(u.Digest[:]), Expires: u.Expires}, nil
}

// largestMail is how many bytes a request may have that sends a message; Graph takes
// 4 MB.
const largestMail = 4 << 20

func (a *API) sendMessage(r *http.Request) (any, error) {
	var in NewMessage
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	send := act.Send{Target: target(r), Reference: in.Reference, Message: in.Message, Unkept: in.Kept != nil && !*in.Kept}
	for _, u := range in.Uploads {
		send.Files = append(send.Files, graphwarden.Attached{Upload: u.Upload, Name: u.Name, ContentType: u.ContentType, ContentID: u.ContentID, Inline: u.Inline})
	}
	sent, err := a.config.Mails.Send(r.Context(), send)
	return a.wrote(r, sent, err, http.StatusOK)
}
