package mail

import (
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// What Exchange takes of one mailbox (graph-facts §6, "Exchange service limits").
const (
	mostRecipients = 500    // of one message
	mostInMinute   = 30     // messages
	mostInDay      = 10_000 // recipients
)

// Post sends a message that is no draft before (sendMail). It is in Sent Items
// afterwards when save is true. It gives the message as it was sent.
func (m *Mail) Post(tx *state.Tx, owner string, body Doc, save bool) (Message, error) {
	x, err := m.compose(tx, owner, body)
	if err != nil {
		return x, err
	}
	if err := m.admit(tx, x); err != nil {
		return x, err
	}
	x = sent(tx, x)
	if save {
		x.Folder = "sentitems"
		x = m.put(tx, x, world.Created)
	}
	m.deliver(tx, x)
	return x, nil
}

// Send sends a draft, which goes to Sent Items: its immutable id stays, the other
// does not (graph-facts §6).
func (m *Mail) Send(tx *state.Tx, x Message) (Message, error) {
	if !x.Draft {
		return x, outlook.Invalid("The message was sent already.")
	}
	if err := m.admit(tx, x); err != nil {
		return x, err
	}
	x = sent(tx, x)
	x.Folder, x.Moves = "sentitems", x.Moves+1
	x = m.put(tx, x, world.Updated)
	m.deliver(tx, x)
	return x, nil
}

// sent is a message from the moment that it was accepted.
func sent(tx *state.Tx, x Message) Message {
	x.Draft, x.Sent, x.Received, x.Read = false, tx.Now(), tx.Now(), true
	return x
}

// everybody are the recipients of a message, each once.
func (x Message) everybody() []string {
	var all []string
	for _, p := range slices.Concat(x.To, x.Cc, x.Bcc) {
		if a := strings.ToLower(p.Address); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// admit holds a message to what Exchange takes.
func (m *Mail) admit(tx *state.Tx, x Message) error {
	own := m.boxes.Person(tx, x.Mailbox).Address
	for _, p := range []outlook.Person{x.From, x.Sender} {
		if !strings.EqualFold(p.Address, own) {
			return outlook.Refuse(http.StatusForbidden, "ErrorSendAsDenied",
				"The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.")
		}
	}
	all := x.everybody()
	switch {
	case len(all) == 0:
		return outlook.Refuse(http.StatusBadRequest, "ErrorInvalidRecipients", "At least one recipient isn't valid., Recipient collection is empty.")
	case len(all) > mostRecipients:
		return outlook.Refuse(http.StatusBadRequest, "ErrorExceededMessageLimit", "The message has more recipients than the limit of %d.", mostRecipients)
	}
	for _, a := range all {
		if parsed, err := mail.ParseAddress(a); err != nil || parsed.Address != a {
			return outlook.Refuse(http.StatusBadRequest, "ErrorInvalidRecipients", "At least one recipient isn't valid., Recipient '%s' isn't resolved. All recipients must be resolved before a message can be submitted.", a)
		}
	}
	return m.count(tx, x.Mailbox, len(all))
}

// count holds a mailbox to its limits of a minute and of a day. What Exchange
// answers is not documented; the code is.
func (m *Mail) count(tx *state.Tx, owner string, recipients int) error {
	minute, day := tx.Now().Truncate(time.Minute), tx.Now().UTC().Format(time.DateOnly)
	t, _ := m.tallies.Get(tx, owner)
	if !t.Minute.Equal(minute) {
		t.Minute, t.Messages = minute, 0
	}
	if t.Day != day {
		t.Day, t.Recipients = day, 0
	}
	t.Messages, t.Recipients = t.Messages+1, t.Recipients+recipients
	if t.Messages > mostInMinute || t.Recipients > mostInDay {
		return outlook.Refuse(http.StatusTooManyRequests, "ErrorExceededMessageLimit", "Cannot submit message., The mailbox sends more than its limit.")
	}
	m.tallies.Put(tx, owner, t)
	return nil
}

// deliver puts a copy into the inbox of every recipient of the tenant; copies to
// others leave it. Nobody sees whom a blind copy went to but the sender. A recipient
// who has no mailbox gets nothing, and the sender a report that it was not delivered.
func (m *Mail) deliver(tx *state.Tx, x Message) {
	for _, address := range x.everybody() {
		box, there := m.boxes.At(tx, address)
		if !there {
			if m.ours(address) {
				m.report(tx, x, address)
			}
			continue
		}
		c := x
		c.Key, c.Mailbox, c.Folder, c.Moves = world.NewKey(tx), box.Owner, "inbox", 0
		c.Read, c.Bcc, c.Categories, c.Flagged, c.Extended = false, nil, nil, "", nil
		c.Created, c.Received = tx.Now(), tx.Now()
		c.Thread = world.ItemID{Mailbox: box.Owner, Key: world.KeyOf("thread", box.Owner, x.InternetID), Folder: true}.Rest()
		m.put(tx, c, world.Created)
	}
}

// ours says whether an address is one of the tenant's domains.
func (m *Mail) ours(address string) bool {
	return m.world.IsVerified(address[strings.LastIndexByte(address, '@')+1:])
}

// report tells a sender that a message was not delivered (graph-facts §6: 202 means
// accepted, what cannot be delivered comes back as mail).
func (m *Mail) report(tx *state.Tx, x Message, address string) {
	postmaster := outlook.Person{Name: "Microsoft Outlook", Address: "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@" + m.world.Domain}
	now, key := tx.Now(), world.NewKey(tx)
	m.put(tx, Message{Key: key, Mailbox: x.Mailbox, Folder: "inbox", Created: now, Sent: now, Received: now, Subject: "Undeliverable: " + x.Subject,
		Body: outlook.Body{Content: "Your message to " + address + " couldn't be delivered. 550 5.1.10 RESOLVER.ADR.RecipientNotFound"}, From: postmaster, Sender: postmaster,
		To: []outlook.Person{x.From}, Importance: "normal", InternetID: "<" + key + "@" + m.world.Domain + ">", Focused: true,
		Thread: world.ItemID{Mailbox: x.Mailbox, Key: world.NewKey(tx), Folder: true}.Rest()}, world.Created)
}
