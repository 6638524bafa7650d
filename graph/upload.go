package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// ErrSessionGone says that an upload session is no more: it has expired, or took the
// whole file. What was put into it before its last byte hangs nowhere.
var ErrSessionGone = errors.New("the upload session has ended")

// Session is an upload session of one file. Its address opens it without a token, so
// that it shows itself to nobody.
type Session struct {
	link    string
	draft   string
	Next    int64     // the first byte that it wants
	Size    int64     // bytes of the file
	Expires time.Time // when it ends, as Microsoft said
}

// Format silences every verb.
func (Session) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[upload session]")) }

// Attachments names what hangs on a message.
func (g *Graph) Attachments(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) ([]string, error) {
	list, err := g.pages(ctx, f, m, gate.Call{Operation: flow.ListAttachments(), Args: flow.Args{"message": id},
		Query: url.Values{"$select": {"id,name"}}.Encode()}, "looking at the attachments of a draft")
	if err != nil {
		return nil, err
	}
	names := make([]string, len(list))
	for i, raw := range list {
		var one struct{ Name string }
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("reading an attachment of %s: %w", m.UPN, err)
		}
		names[i] = one.Name
	}
	return names, nil
}

// AddAttachment hangs a file of less than 3 MB on a draft at once.
func (g *Graph) AddAttachment(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached, content []byte) error {
	body, err := json.Marshal(map[string]any{"@odata.type": "#microsoft.graph.fileAttachment", "name": file.Name, "contentType": file.ContentType,
		"contentId": file.ContentID, "isInline": file.Inline, "contentBytes": base64.StdEncoding.EncodeToString(content)})
	if err != nil {
		return fmt.Errorf("writing an attachment: %w", err)
	}
	_, err = g.ask(ctx, f, m, http.StatusCreated, gate.Call{Operation: flow.AddAttachment(), Args: flow.Args{"message": id}, Body: body, Followed: true})
	if err != nil {
		return fmt.Errorf("attaching a file to a draft of %s: %w", m.UPN, err)
	}
	return nil
}

// BeginUpload begins an upload session by which a draft takes a file of 3 to 150 MB.
func (g *Graph) BeginUpload(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached) (Session, error) {
	item := map[string]any{"attachmentType": "file", "name": file.Name, "size": file.Size, "isInline": file.Inline}
	if file.ContentType != "" {
		item["contentType"] = file.ContentType
	}
	if file.ContentID != "" {
		item["contentId"] = file.ContentID
	}
	body, err := json.Marshal(map[string]any{"AttachmentItem": item})
	if err != nil {
		return Session{}, fmt.Errorf("writing an upload session: %w", err)
	}
	raw, err := g.ask(ctx, f, m, http.StatusCreated, gate.Call{Operation: flow.BeginUpload(), Args: flow.Args{"message": id}, Body: body, Followed: true})
	if err != nil {
		return Session{}, fmt.Errorf("beginning an upload to a draft of %s: %w", m.UPN, err)
	}
	var answer struct {
		UploadURL          string
		ExpirationDateTime time.Time
	}
	if err := json.Unmarshal(raw, &answer); err != nil || answer.UploadURL == "" {
		return Session{}, fmt.Errorf("beginning an upload to a draft of %s: the answer names no session", m.UPN)
	}
	return Session{link: answer.UploadURL, draft: id, Size: file.Size, Expires: answer.ExpirationDateTime}, nil
}

// PutRange puts the bytes of a file that its session wants next, and gives the session as
// it is then; Next is Size once the file hangs on the draft. ErrSessionGone says that it
// must be begun anew.
func (g *Graph) PutRange(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s Session, piece []byte) (Session, error) {
	span := fmt.Sprintf("bytes %d-%d/%d", s.Next, s.Next+int64(len(piece))-1, s.Size)
	body, status, err := g.session(ctx, f, m, s, gate.Call{Operation: flow.PutRange(), Range: span, Body: piece, Followed: true})
	switch {
	case err != nil:
		return s, fmt.Errorf("uploading to a draft of %s: %w", m.UPN, err)
	case status == http.StatusCreated:
		s.Next = s.Size
		return s, nil
	}
	return s.at(body)
}

// UploadStands asks a session how far it is; ErrSessionGone: it is no more.
func (g *Graph) UploadStands(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s Session) (Session, error) {
	body, _, err := g.session(ctx, f, m, s, gate.Call{Operation: flow.UploadStands()})
	if err != nil {
		return s, fmt.Errorf("asking how far an upload to a draft of %s is: %w", m.UPN, err)
	}
	return s.at(body)
}

func (g *Graph) session(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s Session, c gate.Call) ([]byte, int, error) {
	c.Link, c.Args = s.link, flow.Args{"message": s.draft}
	body, status, err := g.asked(ctx, f, m, func(status int) bool {
		return status == http.StatusOK || status == http.StatusAccepted || status == http.StatusCreated
	}, c)
	switch status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusGone, http.StatusRequestedRangeNotSatisfiable:
		return nil, status, fmt.Errorf("%w: it answered %d", ErrSessionGone, status)
	}
	return body, status, err
}

// at reads where a session says that it stands: nextExpectedRanges begins with "N" or "N-".
func (s Session) at(body []byte) (Session, error) {
	var answer struct{ NextExpectedRanges []string }
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.NextExpectedRanges) == 0 {
		return s, errors.New("an upload session does not say which bytes it wants next")
	}
	first, _, _ := strings.Cut(answer.NextExpectedRanges[0], "-")
	next, err := strconv.ParseInt(first, 10, 64)
	if err != nil || next < 0 || next >= s.Size {
		return s, fmt.Errorf("an upload session of %d bytes wants %.20q next", s.Size, answer.NextExpectedRanges[0])
	}
	s.Next = next
	return s, nil
}
