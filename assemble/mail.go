package assemble

import (
	"context"
	"encoding/json"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// mailKind is the kind of flow that mail settings belong to.
const mailKind = "mail-send"

// Mail is how a flow sends mail.
type Mail struct {
	// Mode says how much the flow may, and what it promises when an answer is lost:
	// least or exactly-once.
	Mode string `yaml:"mode" one:"least exactly-once"`
	// Recipients are the domains that mail may go to; none: any.
	Recipients []string `yaml:"recipients"`
}

// settleMail has a flow that sends mail go one way.
func (f *Flow) settleMail() {
	if f.Kind == mailKind {
		set(&f.Direction, string(flow.Out))
	}
}

func (f *Flow) checkMail(found *faults, at string, known bool) {
	m := f.Mail
	found.when(known && f.Kind != mailKind && (m.Mode != "" || len(m.Recipients) > 0), at+".mail", "it belongs to a flow of kind mail-send, and this is of kind %s", f.Kind)
	modes := make([]string, 0, 2)
	for _, mode := range flow.MailModes() {
		modes = append(modes, string(mode))
	}
	found.word(at+".mail.mode", m.Mode, modes...)
	for i, domain := range m.Recipients {
		found.when(!flow.IsDomain(domain), at+".mail.recipients", "entry %d, %q, is not a domain such as contoso.com", i+1, domain)
	}
	if f.Kind != mailKind {
		return
	}
	found.when(m.Mode == "", at+".mail.mode", "it is missing; least may only send, and exactly-once may read and write the mailbox's mail, so that nothing is lost or sent twice")
	found.when(flow.Direction(f.Direction) != flow.Out, at+".direction", "mail goes out, and %q does not", f.Direction)
	found.when(f.Conflicts != "", at+".conflicts", "a flow that sends mail meets none")
	found.when(f.Private != "", at+".private", "a flow that sends mail reads nothing")
	found.when(!f.Sink.empty() || len(f.Sinks) > 0, at+".sink", "a flow that sends mail has nothing to tell")
}

// mailer is a name that the interface's own methods leave free.
type mailer = act.Mailer

type steppedMailer struct {
	mailer
	step step
}

// sending is a step in which something is sent. Cut after, it is not known here
// whether it took effect, as when an answer is lost.
func sending(s step, act func() error) error {
	sent := false
	err := s("act:send", func() error { err := act(); sent = err == nil; return err })
	if err != nil && sent {
		return &graphwarden.Unanswered{Cause: err}
	}
	return err
}

func (s steppedMailer) SendMail(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, request []byte) error {
	return sending(s.step, func() error { return s.mailer.SendMail(ctx, f, m, request) })
}

func (s steppedMailer) CreateDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, message []byte) (draft json.RawMessage, err error) {
	err = s.step("act:draft", func() (err error) { draft, err = s.mailer.CreateDraft(ctx, f, m, message); return err })
	return draft, err
}

func (s steppedMailer) SendDraft(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) error {
	return sending(s.step, func() error { return s.mailer.SendDraft(ctx, f, m, id) })
}

type steppedMails struct {
	act.Mails
	step step
}

func (s steppedMails) Message(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (json.RawMessage, error) {
	return stepping(s.step, "act:look", func() (json.RawMessage, error) { return s.Mails.Message(ctx, f, m, id) })
}

func (s steppedMails) FindMessages(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, property, value string) ([]json.RawMessage, error) {
	return stepping(s.step, "act:look", func() ([]json.RawMessage, error) { return s.Mails.FindMessages(ctx, f, m, property, value) })
}

// files is a name that the interface's own methods leave free.
type files = act.Files

type steppedFiles struct {
	files
	step step
}

func (s steppedFiles) Attachments(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) ([]string, error) {
	return stepping(s.step, "attach:look", func() ([]string, error) { return s.files.Attachments(ctx, f, m, id) })
}

func (s steppedFiles) AddAttachment(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached, content []byte) error {
	return s.step("attach:add", func() error { return s.files.AddAttachment(ctx, f, m, id, file, content) })
}

func (s steppedFiles) BeginUpload(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached) (graph.Session, error) {
	return stepping(s.step, "attach:session", func() (graph.Session, error) { return s.files.BeginUpload(ctx, f, m, id, file) })
}

func (s steppedFiles) PutRange(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, session graph.Session, piece []byte) (graph.Session, error) {
	return stepping(s.step, "attach:put", func() (graph.Session, error) { return s.files.PutRange(ctx, f, m, session, piece) })
}

func (s steppedFiles) UploadStands(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, session graph.Session) (graph.Session, error) {
	return stepping(s.step, "attach:stands", func() (graph.Session, error) { return s.files.UploadStands(ctx, f, m, session) })
}

// uploads is a name that the interface's own methods leave free.
type uploads = act.Uploads

type steppedUploads struct{ uploads }

func (s steppedUploads) BeginUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload, most int64) (bool, error) {
	tx.Step("attach:begin")
	return s.uploads.BeginUpload(ctx, tx, u, most)
}

func (s steppedUploads) PutPiece(ctx context.Context, tx graphwarden.Tx, id string, from int64, piece []byte) error {
	tx.Step("attach:piece")
	return s.uploads.PutPiece(ctx, tx, id, from, piece)
}

func (s steppedUploads) EndUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload) error {
	tx.Step("attach:whole")
	return s.uploads.EndUpload(ctx, tx, u)
}
