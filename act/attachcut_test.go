package act_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/store"
)

// cutFiles and cutUploads name the steps of attaching as assemble does.
type cutFiles struct {
	act.Files
	c *cutting
}

func (s cutFiles) Attachments(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (names []string, err error) {
	err = s.c.step("attach:look", func() (err error) { names, err = s.Files.Attachments(ctx, f, m, id); return err })
	return names, err
}

func (s cutFiles) AddAttachment(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached, content []byte) error {
	return s.c.step("attach:add", func() error { return s.Files.AddAttachment(ctx, f, m, id, file, content) })
}

func (s cutFiles) BeginUpload(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, file graphwarden.Attached) (out graph.Session, err error) {
	err = s.c.step("attach:session", func() (err error) { out, err = s.Files.BeginUpload(ctx, f, m, id, file); return err })
	return out, err
}

func (s cutFiles) PutRange(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, session graph.Session, piece []byte) (out graph.Session, err error) {
	err = s.c.step("attach:put", func() (err error) { out, err = s.Files.PutRange(ctx, f, m, session, piece); return err })
	return out, err
}

func (s cutFiles) UploadStands(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, session graph.Session) (out graph.Session, err error) {
	err = s.c.step("attach:stands", func() (err error) { out, err = s.Files.UploadStands(ctx, f, m, session); return err })
	return out, err
}

type cutUploads struct{ *store.Store }

func (s cutUploads) BeginUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload, most int64) (bool, error) {
	tx.Step("attach:begin")
	return s.Store.BeginUpload(ctx, tx, u, most)
}

func (s cutUploads) PutPiece(ctx context.Context, tx graphwarden.Tx, id string, from int64, piece []byte) error {
	tx.Step("attach:piece")
	return s.Store.PutPiece(ctx, tx, id, from, piece)
}

func (s cutUploads) EndUpload(ctx context.Context, tx graphwarden.Tx, u graphwarden.Upload) error {
	tx.Step("attach:whole")
	return s.Store.EndUpload(ctx, tx, u)
}

// TestAFileIsAttachedOnceWhereverItIsCut cuts a message with a large and a small file
// before and after each of its steps: handing in, the draft, the session, each range, the
// looks, sending. The app repeats what it got no answer to; other processes, which know
// nothing of a session, resume what was left. It arrives once, with each file once and
// whole, and no draft stays.
func TestAFileIsAttachedOnceWhereverItIsCut(t *testing.T) {
	c := openMailCutting(t, flow.ExactlyOnce)
	c.config.Files, c.config.Uploads = cutFiles{c.config.Files, c}, cutUploads{c.rooms.Store}
	c.Act = act.New(c.config)
	large, small := bytesOf(3_300_000), bytesOf(7)
	lost := []any{doc{"match": "PUT /api/v2.0/**", "cut": "after", "times": 1}}
	cuts := 0
	for _, step := range []struct {
		name  string
		nth   int
		rules []any
	}{
		{"attach:begin", 1, nil}, {"attach:piece", 1, nil}, {"attach:piece", 2, nil}, {"attach:whole", 1, nil},
		{"act:intent", 1, nil}, {"act:draft", 1, nil},
		{"attach:look", 1, nil}, {"attach:session", 1, nil}, {"attach:put", 1, nil}, {"attach:put", 2, nil}, {"attach:stands", 1, lost}, {"attach:add", 1, nil}, {"attach:look", 2, nil},
		{"act:amend", 1, nil}, {"act:send", 1, nil}, {"act:outcome", 1, nil},
	} {
		for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
			cuts++
			subject := fmt.Sprintf("message %d", cuts)
			t.Run(strings.Join([]string{string(at), step.name, fmt.Sprint(step.nth)}, " "), func(t *testing.T) {
				c.t = t
				p := postOffice{c.house}
				p.Ask(t, http.MethodPost, "/sim/clock", doc{"advance": "2100ms"})
				p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": step.rules})
				c.plan.Store(faulty.NewPlan(t, faulty.Cut{Step: step.name, At: at, Nth: step.nth}))
				files := []graphwarden.Attached{{Upload: p.again(large), Name: "large.bin"}, {Upload: p.again(small), Name: "small.bin"}}
				in := p.untilSent(func() (graphwarden.Intent, error) { return p.with(fmt.Sprint("attach-", cuts), subject, files...) })
				c.plan.Store(nil)
				p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
				if in.Outcome.State != graphwarden.IntentDone || p.found(2, "inbox")[subject] != 1 || p.found(0, "drafts")[subject] != 0 {
					t.Fatalf("it is %s (%v), arrived %d times, and %d drafts are left", in.Outcome.State, in.Outcome.Refusal, p.found(2, "inbox")[subject], p.found(0, "drafts")[subject])
				}
				if got := p.arrived(2, "inbox", subject); len(got) != 2 || !bytes.Equal(got["large.bin"], large) || !bytes.Equal(got["small.bin"], small) {
					t.Errorf("%d files arrived, of %d and %d bytes", len(got), len(got["large.bin"]), len(got["small.bin"]))
				}
				if p.kept(files[0].Upload) || p.kept(files[1].Upload) {
					t.Error("the files are kept")
				}
			})
		}
	}
	t.Logf("%d cuts", cuts)
}

// again hands in a file as an app does that sends it once more when it gets no answer.
func (p postOffice) again(content []byte) string {
	p.t.Helper()
	for range 4 {
		u, err := p.Upload(p.t.Context(), p.to(""), int64(len(content)), bytes.NewReader(content))
		if err == nil {
			return u.ID
		}
	}
	p.t.Fatal("a file is never taken in")
	return ""
}
