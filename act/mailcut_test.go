package act_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
)

// cutMailer and cutMails name the steps of sending as assemble does.
type cutMailer struct {
	act.Mailer
	c *cutting
}

func (m cutMailer) sending(do func() error) error {
	sent := false
	err := m.c.write(func() error { err := do(); sent = err == nil; return err })
	if err != nil && sent {
		return &graphwarden.Unanswered{Cause: err}
	}
	return err
}

func (m cutMailer) SendMail(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, request []byte) error {
	return m.sending(func() error { return m.Mailer.SendMail(ctx, f, b, request) })
}

func (m cutMailer) CreateDraft(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, message []byte) (draft json.RawMessage, err error) {
	err = m.c.step("act:draft", func() (err error) { draft, err = m.Mailer.CreateDraft(ctx, f, b, message); return err })
	return draft, err
}

func (m cutMailer) SendDraft(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, id string) error {
	return m.sending(func() error { return m.Mailer.SendDraft(ctx, f, b, id) })
}

type cutMails struct {
	act.Mails
	c *cutting
}

func (m cutMails) Message(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, id string) (body json.RawMessage, err error) {
	err = m.c.look(func() (err error) { body, err = m.Mails.Message(ctx, f, b, id); return err })
	return body, err
}

func (m cutMails) FindMessages(ctx context.Context, f flow.Flow, b graphwarden.Mailbox, property, value string) (list []json.RawMessage, err error) {
	err = m.c.look(func() (err error) { list, err = m.Mails.FindMessages(ctx, f, b, property, value); return err })
	return list, err
}

func openMailCutting(t *testing.T, mode flow.MailMode) *cutting {
	t.Helper()
	c := &cutting{}
	c.house = openFor(t, map[flow.MailMode]string{flow.Least: "mail", flow.ExactlyOnce: "mail-once"}[mode], flow.MailSend(mode), "", c.step)
	s := c.rooms.Store
	c.config.Mailer, c.config.Mails = cutMailer{c.config.Mailer, c}, cutMails{c.config.Mails, c}
	c.config.Intents, c.config.Due = cutIntents{s}, cutDue{s}
	c.Act = act.New(c.config)
	return c
}

// mailSituation is a way of sending a message, and the weather that makes it pass
// certain steps.
type mailSituation struct {
	kind  graphwarden.WriteKind
	name  string
	mode  flow.MailMode
	steps []string
	rules []any
	deaf  int
}

func mailSituations() []mailSituation {
	return []mailSituation{
		{graphwarden.SendMail, "least", flow.Least, []string{"act:intent", "act:send", "act:outcome"}, nil, 0},
		{graphwarden.SendMail, "least, asked to wait", flow.Least, []string{"act:intent", "act:later", "act:lease", "act:amend", "act:send", "act:outcome"},
			[]any{doc{"match": "POST /users/*/sendMail", "status": 429, "retryAfter": 5, "times": 1}}, 0},
		{graphwarden.SendMailOnce, "exactly once", flow.ExactlyOnce, []string{"act:intent", "act:draft", "act:amend", "act:send", "act:outcome"}, nil, 0},
		{graphwarden.SendMailOnce, "exactly once, nobody answers", flow.ExactlyOnce, []string{"act:intent", "act:draft", "act:amend", "act:send", "act:look", "act:later", "act:lease", "act:outcome"},
			[]any{doc{"match": "POST /users/*/messages/*/send", "cut": "after", "times": 1}}, 2},
		{graphwarden.SendMailOnce, "exactly once, the draft is lost", flow.ExactlyOnce, []string{"act:draft", "act:look", "act:amend", "act:send", "act:outcome"},
			[]any{doc{"match": "POST /users/*/messages", "cut": "after", "times": 1}}, 0},
	}
}

// TestAMessageGoesOutOnceWhereverItIsCut cuts both modes before and after each of
// their steps. The app repeats what it got no answer to, with its key; another process
// resumes what was left. Sent exactly once, the message always arrives, and no draft
// stays; with the least right it arrives, or it is uncertain, and never arrives twice.
func TestAMessageGoesOutOnceWhereverItIsCut(t *testing.T) {
	houses := map[flow.MailMode]*cutting{}
	cuts := 0
	for _, s := range mailSituations() {
		if houses[s.mode] == nil {
			houses[s.mode] = openMailCutting(t, s.mode)
		}
		for _, step := range s.steps {
			for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
				cuts++
				subject := fmt.Sprintf("message %d", cuts)
				t.Run(strings.Join([]string{s.name, string(at), step}, " "), func(t *testing.T) {
					c := houses[s.mode]
					c.t = t
					p := postOffice{c.house}
					p.Ask(t, http.MethodPost, "/sim/clock", doc{"advance": "2100ms"})
					p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": s.rules})
					cut := faulty.Cut{Step: step, At: at}
					if s.mode == flow.Least && step == "act:amend" {
						cut.Nth = 2 // the first is of its being put off
					}
					c.plan.Store(faulty.NewPlan(t, cut))
					c.sent, c.deaf = false, s.deaf
					in := p.until(subject)
					c.plan.Store(nil)
					c.deaf = 0
					p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
					arrived, drafts := p.found(2, "inbox")[subject], p.found(0, "drafts")[subject]
					switch state := in.Outcome.State; {
					case in.Kind != s.kind:
						t.Errorf("it is of the kind %s", in.Kind)
					case state == graphwarden.IntentDone && arrived == 1 && drafts == 0:
					case state == graphwarden.IntentUncertain && s.mode == flow.Least && arrived <= 1 && !unsentAt(step, at):
					default:
						t.Errorf("it is %s (%v), arrived %d times, and %d drafts are left", state, in.Outcome.Refusal, arrived, drafts)
					}
				})
			}
		}
	}
	t.Logf("%d cuts", cuts)
}

// unsentAt says whether a cut of the least mode leaves it known that nothing was sent: the
// decision to send is not on disk, or what was asked to wait has been put off.
func unsentAt(step string, at faulty.Moment) bool {
	return at == faulty.Before && (step == "act:intent" || step == "act:amend") || at == faulty.After && step == "act:later" || step == "act:lease"
}

// until sends a message again and again with its key, as an app does that gets no
// answer, and has what is open resumed by other processes.
func (p postOffice) until(subject string) graphwarden.Intent {
	p.t.Helper()
	return p.untilSent(func() (graphwarden.Intent, error) { return p.send(subject[len("message "):], subject) })
}

// untilSent is until of any message.
func (p postOffice) untilSent(send func() (graphwarden.Intent, error)) graphwarden.Intent {
	p.t.Helper()
	in, err := send()
	for tries := 0; err != nil && tries < 4; tries++ {
		in, err = send()
	}
	if err != nil {
		p.t.Fatalf("the repeated message gave %v", err)
	}
	for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 20; tries++ {
		p.clock.advance(10 * time.Minute)
		_, _ = act.New(p.config).Resume(p.t.Context()) // its error is the cut, and the next attempt follows
		if in, err = p.Write(p.t.Context(), "crm", in.ID); err != nil {
			p.t.Fatal(err)
		}
	}
	return in
}

// blind shows every message as a draft the first time that it is looked at.
type blind struct {
	act.Mails
	looked *int
}

func (b blind) Message(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (json.RawMessage, error) {
	body, err := b.Mails.Message(ctx, f, m, id)
	if *b.looked++; *b.looked == 1 {
		body = []byte(strings.Replace(string(body), `"isDraft":false`, `"isDraft":true`, 1))
	}
	return body, err
}
