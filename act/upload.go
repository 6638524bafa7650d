package act

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// LargestUpload is how many bytes a file may have that an app hands in; Graph's upload
	// sessions take no more (Microsoft's "Attach large files to Outlook messages or events").
	LargestUpload = 150 << 20
	// uploadsOfApp is how many bytes an app may have handed in that were not sent yet.
	uploadsOfApp = 300 << 20
	// pieceSize is how many bytes are kept, and put into an upload session, at once: a
	// multiple of 320 KiB, below the 4 MB that a session takes.
	pieceSize = 8 * 320 << 10
	// halfHere is how long a file is kept that does not come whole.
	halfHere = time.Hour
	// unsentFor is how long a file waits for its message.
	unsentFor = 24 * time.Hour
)

// Upload takes in a file of size bytes, which a message of the app's may take along until
// it expires. Of its content no more than a piece is in memory at a time.
//
// If we crash before all of it is on disk, what is there is forgotten within hours.
func (a *Act) Upload(ctx context.Context, t Target, size int64, content io.Reader) (graphwarden.Upload, error) {
	if no := checkSize(size); no != nil {
		return graphwarden.Upload{}, no
	}
	if _, _, err := a.place(t, flow.BeginUpload()); err != nil {
		if f, _, least := a.place(t, flow.SendMail()); least == nil {
			return graphwarden.Upload{}, mayNotAttach(f)
		}
		return graphwarden.Upload{}, err
	}
	b, err := a.random(12)
	if err != nil {
		return graphwarden.Upload{}, err
	}
	now := a.config.Now()
	u := graphwarden.Upload{ID: "upl_" + hex.EncodeToString(b), App: t.App, Size: size, MadeAt: now, Expires: now.Add(halfHere)}
	err = a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		room, err := a.config.Uploads.BeginUpload(ctx, tx, u, uploadsOfApp)
		if err == nil && !room {
			return refuse(graphwarden.Denied, "act.upload_quota", "", fmt.Sprintf("The app %s has handed in files of %d MiB that were not sent yet; this one would be too much.", t.App, uploadsOfApp>>20),
				"Send the messages that they are for, or wait until they expire, a day after they came.")
		}
		return err
	})
	if err != nil {
		return graphwarden.Upload{}, fmt.Errorf("making room for an upload: %w", err)
	}
	if err := a.takeIn(ctx, &u, content); err != nil {
		_ = a.config.Store.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx graphwarden.Tx) error { return a.config.Uploads.DropUpload(ctx, tx, u.ID) }) // else it expires
		return graphwarden.Upload{}, err
	}
	return u, nil
}

// takeIn keeps the content of an upload, piece by piece.
func (a *Act) takeIn(ctx context.Context, u *graphwarden.Upload, content io.Reader) error {
	digest, from := sha256.New(), int64(0)
	piece := make([]byte, min(pieceSize, u.Size))
	for from < u.Size {
		piece = piece[:min(int64(len(piece)), u.Size-from)]
		if _, err := io.ReadFull(content, piece); err != nil {
			no := refuse(graphwarden.Invalid, "act.upload_broken", "", fmt.Sprintf("The file broke off: of %d bytes fewer came.", u.Size), "Send it again, whole.")
			no.Cause = err
			return no
		}
		_, _ = digest.Write(piece) // a hash takes everything
		err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			return a.config.Uploads.PutPiece(ctx, tx, u.ID, from, piece)
		})
		if err != nil {
			return fmt.Errorf("keeping an upload: %w", err)
		}
		from += int64(len(piece))
	}
	digest.Sum(u.Digest[:0])
	u.Whole, u.Expires = true, a.config.Now().Add(unsentFor)
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return a.config.Uploads.EndUpload(ctx, tx, *u) })
	if err != nil {
		return fmt.Errorf("keeping an upload: %w", err)
	}
	return nil
}

func checkSize(size int64) *graphwarden.Refusal {
	switch {
	case size <= 0:
		return refuse(graphwarden.Invalid, "act.upload_size", "Content-Length", "The request does not say how large the file is, or the file is empty.", "Send the file as the body, with its length in Content-Length.")
	case size > LargestUpload:
		return refuse(graphwarden.Invalid, "act.upload_size", "Content-Length", fmt.Sprintf("The file has %d bytes, more than %d.", size, LargestUpload), "Send a link to the file instead.")
	}
	return nil
}

// mayNotAttach refuses a file for a flow whose permission sends whole messages only.
func mayNotAttach(f flow.Flow) *graphwarden.Refusal {
	return refuse(graphwarden.Denied, "act.upload_mode", "uploads", fmt.Sprintf("The flow %s is of mode least: its permission, Mail.Send, makes no draft that a large file could be hung on.", f.Name),
		"Send files within the message, up to 2.3 MB of them together, or declare the flow with mail.mode exactly-once.")
}

// mostFiles is how many uploads a message may take along.
const mostFiles = 20

// checkFiles holds what a message takes along to what can be found again: by its name an
// attachment is known on the draft, so that no two may have the same.
func checkFiles(files []graphwarden.Attached, message map[string]any) *graphwarden.Refusal {
	if len(files) > mostFiles {
		return unfitFile("uploads", "the message takes along more than 20 files")
	}
	names, ids := map[string]bool{}, map[string]bool{}
	inside, _ := message["attachments"].([]any)
	for _, one := range inside {
		attachment, _ := one.(map[string]any)
		name, _ := attachment["name"].(string)
		names[strings.ToLower(name)] = true
	}
	for i, f := range files {
		at := fmt.Sprintf("uploads[%d]", i)
		name := strings.ToLower(f.Name)
		switch {
		case !strings.HasPrefix(f.Upload, "upl_") || len(f.Upload) > 60:
			return unfitFile(at+".upload", "it is not the id of an upload")
		case ids[f.Upload]:
			return unfitFile(at+".upload", "the message has it twice")
		case names[name]:
			return unfitFile(at+".name", "another attachment of the message is called so")
		case !utf8.ValidString(f.Name) || strings.TrimSpace(f.Name) != f.Name || strings.Trim(f.Name, ".") == "" || utf8.RuneCountInString(f.Name) > 255 || strings.ContainsFunc(f.Name, unfit):
			return unfitFile(at+".name", `it is not the name of a file, of up to 255 characters without \ / : * ? " < > |`)
		case len(f.ContentType) > 255 || strings.ContainsFunc(f.ContentType, unprintable):
			return unfitFile(at+".content_type", "it is not a media type such as application/pdf")
		case len(f.ContentID) > 255 || strings.ContainsFunc(f.ContentID, unprintable):
			return unfitFile(at+".content_id", "it has more than 255 characters, or others than visible ASCII")
		}
		names[name], ids[f.Upload] = true, true
	}
	return nil
}

func unfitFile(field, why string) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.upload_file", field, fmt.Sprintf("%s: %s.", field, why), "Name each upload once, and each attachment of the message differently; docs/sending.md says how.")
}

func unfit(r rune) bool { return control(r) || strings.ContainsRune(`\/:*?"<>|`, r) }

func unprintable(r rune) bool { return r < ' ' || r > '~' }

// measure writes into a write which uploads it takes along, and how large they are.
func (a *Act) measure(ctx context.Context, in *graphwarden.Intent, files []graphwarden.Attached) error {
	if len(files) == 0 {
		return nil
	}
	all := make([]graphwarden.Attached, len(files))
	for i, f := range files {
		u, found, err := a.config.Claims.Upload(ctx, f.Upload)
		if err != nil {
			return err
		}
		if !found || u.App != in.App || !u.Whole || u.Intent != "" || !u.Expires.After(a.config.Now()) {
			return noUpload(i, f.Upload)
		}
		f.Size = u.Size
		all[i] = f
	}
	in.Before = before{Files: all}.write()
	return nil
}

func noUpload(i int, id string) *graphwarden.Refusal {
	return refuse(graphwarden.Unknown, "act.upload_unknown", fmt.Sprintf("uploads[%d].upload", i), fmt.Sprintf("The app has no upload %.60q that waits for a message.", id),
		"Hand the file in again: an upload belongs to one message, and expires a day after it came.")
}

// claim has a write that goes to the disk take along its uploads.
func (a *Act) claim(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) error {
	if in.Kind != graphwarden.SendMailOnce {
		return nil
	}
	for i, f := range beforeOf(in).Files {
		got, err := a.config.Claims.ClaimUpload(ctx, tx, in.App, f.Upload, in.ID)
		if err == nil && !got {
			err = noUpload(i, f.Upload)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var errNotShown = errors.New("the draft does not show all that was attached to it")
