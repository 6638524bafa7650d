package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// settle is how long a draft that was on its way is left alone before it is sent
// again: Exchange may have taken it, and still show it as a draft.
const settle = 15 * time.Second

// Send has a message sent.
type Send struct {
	Target
	Reference string          // what the app calls it, "" for nothing
	Message   json.RawMessage // as Graph documents it
	// Unkept says that no copy stays in the sender's Sent Items. Of a message that is
	// sent exactly once one always stays.
	Unkept bool
	// Files are what it takes along of what the app handed in by Upload; Size is not looked at.
	Files []graphwarden.Attached
}

// mails says whether a kind of write sends mail.
func mails(kind graphwarden.WriteKind) bool {
	return kind == graphwarden.SendMail || kind == graphwarden.SendMailOnce
}

// Send sends a message; see Create. How, the flow's mode says: where it may, it makes
// a draft that is found again, else it sends the message and keeps no trace.
func (a *Act) Send(ctx context.Context, r Send) (graphwarden.Intent, error) {
	message, canonical, no := checkMessage(r.Message)
	if no != nil {
		return graphwarden.Intent{}, no
	}
	if err := firstOf(checkKey(r.Key), checkReference(r.Reference), checkFiles(r.Files, message)); err != nil {
		return graphwarden.Intent{}, err
	}
	if len(r.Files) > 0 { // the same message with another file is another request
		canonical = append(canonical, before{Files: r.Files}.write()...)
	}
	kind, f, m, err := a.post(r)
	if err != nil {
		return graphwarden.Intent{}, err
	}
	if no := checkRecipients(f, message); no != nil {
		return graphwarden.Intent{}, no
	}
	if len(r.Files) > 0 && kind == graphwarden.SendMail {
		return graphwarden.Intent{}, mayNotAttach(f)
	}
	in := intent(r.Target, f, m, kind)
	in.Reference = r.Reference
	if !r.Unkept {
		in.Container = "sentitems"
	}
	in.Hash = hash(in, canonical)
	return a.ask(ctx, f, in, func(in *graphwarden.Intent) error {
		if kind == graphwarden.SendMailOnce {
			if err := a.measure(ctx, in, r.Files); err != nil {
				return err
			}
			in.Request, err = marked(message, *in)
			return err
		}
		if in.Request, err = json.Marshal(map[string]any{"message": message, "saveToSentItems": !r.Unkept}); err != nil {
			return fmt.Errorf("writing a message: %w", err)
		}
		return nil
	})
}

// post finds the flow that sends a message: one that sends exactly once goes before
// one that may do no more than send.
func (a *Act) post(r Send) (graphwarden.WriteKind, flow.Flow, graphwarden.Mailbox, error) {
	once, m, err := a.place(r.Target, flow.SendDraft())
	if err == nil && !r.Unkept {
		return graphwarden.SendMailOnce, once, m, nil
	}
	f, least, no := a.place(r.Target, flow.SendMail())
	switch {
	case no == nil:
		return graphwarden.SendMail, f, least, nil
	case err == nil:
		return "", f, m, refuse(graphwarden.Invalid, "act.sent_items", "save_to_sent_items", "The flow sends exactly once, and finds what it sent in Sent Items.",
			"Leave save_to_sent_items out, or have a flow of mode least send the message.")
	}
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Code == "act.mailbox" { // there is such a flow, of other mailboxes
		return "", f, m, err
	}
	return "", f, m, no
}

func (a *Act) sendMail(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	return nil, a.config.Mailer.SendMail(ctx, f, in.Mailbox, in.Request)
}

// sendOnce makes the draft, unless it is there, hangs on it what it takes along, and sends
// it. If we crash before its
// id is on disk it is found by its mark; after that, by its id, and that it may have
// been sent is on disk before it is.
func (a *Act) sendOnce(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	b := beforeOf(*in)
	if in.Item == "" {
		draft, err := a.config.Mailer.CreateDraft(ctx, f, in.Mailbox, in.Request)
		if err != nil {
			return nil, err
		}
		seen := see(draft)
		if seen.ID == "" {
			return nil, fmt.Errorf("making a draft of %s: the answer names none", in.Mailbox.UPN)
		}
		in.Item, b.Message = seen.ID, seen.Message
	}
	if wait := b.SentAt.Add(settle).Sub(a.config.Now()); wait > 0 && !b.SentAt.IsZero() {
		return nil, &graphwarden.Later{After: wait, Cause: errSettling}
	}
	if b.SentAt.IsZero() { // else all hangs there, and it may be on its way
		if err := a.hang(ctx, f, *in, b.Files); err != nil {
			return nil, err
		}
	}
	b.SentAt = a.config.Now()
	in.Before = b.write()
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return a.config.Intents.AmendIntent(ctx, tx, *in) })
	if err != nil {
		return nil, fmt.Errorf("keeping the id of a draft: %w", err)
	}
	if err := a.config.Mailer.SendDraft(ctx, f, in.Mailbox, in.Item); err != nil {
		return nil, err
	}
	return message(in.Item, b.Message), nil
}

var errSettling = errors.New("the draft may be on its way still")

// message is what an app is told of a message that was sent.
func message(id, internetID string) json.RawMessage {
	raw, _ := json.Marshal(map[string]any{"id": id, "internetMessageId": internetID}) // nothing in it can fail
	return raw
}

// lookSent finds the draft by its mark, and by its id once that is known.
func (a *Act) lookSent(ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error) {
	if in.Item == "" {
		list, err := a.config.Mails.FindMessages(ctx, f, in.Mailbox, Mark, in.Mark)
		if err != nil || len(list) == 0 {
			return sight{verdict: absent}, err
		}
		return sentOr(list[0]), nil
	}
	body, err := a.config.Mails.Message(ctx, f, in.Mailbox, in.Item)
	if err != nil {
		return sight{}, err
	}
	if body == nil {
		return sight{verdict: unclear}, nil
	}
	return sentOr(body), nil
}

// sentOr says of a message that is there whether it was sent.
func sentOr(body json.RawMessage) sight {
	s := see(body)
	if s.Draft {
		return sight{verdict: absent, item: s.ID}
	}
	return sight{present, s.ID, message(s.ID, s.Message)}
}

// unsent draws the conclusion when Microsoft refuses a message that was to be sent
// once. It may refuse because it was sent before, so that is looked at first; a draft
// that stays is deleted, as nobody wants it.
func (a *Act) unsent(ctx context.Context, f flow.Flow, in *graphwarden.Intent, no *graphwarden.Refusal) (bool, *graphwarden.Loser, error) {
	if in.Item == "" {
		refused(in, no)
		return true, nil, nil
	}
	s, err := a.lookSent(ctx, f, *in)
	switch {
	case err != nil:
		return false, nil, err
	case s.verdict != absent:
		return a.seen(ctx, f, in, s)
	}
	if err := a.config.Mailer.DeleteDraft(ctx, f, in.Mailbox, in.Item); err != nil {
		return false, nil, err
	}
	refused(in, no)
	return true, nil, nil
}

// checkRecipients holds a message to the domains that its flow sends to.
func checkRecipients(f flow.Flow, message map[string]any) *graphwarden.Refusal {
	if len(f.Recipients) == 0 {
		return nil
	}
	for _, list := range recipientLists() {
		people, _ := message[list].([]any)
		for i, p := range people {
			address := addressOf(p)
			if domain := address[strings.LastIndexByte(address, '@')+1:]; !slices.ContainsFunc(f.Recipients, func(d string) bool { return strings.EqualFold(d, domain) }) {
				return refuse(graphwarden.Denied, "act.recipient", fmt.Sprintf("message.%s[%d]", list, i),
					fmt.Sprintf("The flow %s sends no mail to %.80q.", f.Name, domain), "Leave the recipient out, or add the domain to the flow's mail.recipients.")
			}
		}
	}
	return nil
}
