package api

import (
	"encoding/json"
	"net/http"

	"github.com/graphwarden/graphwarden/act"
)

// NewMessage is a message that an app wants sent.
type NewMessage struct {
	Message   json.RawMessage `json:"message" rule:"required,object" doc:"as Graph documents the message; docs/sending.md lists what can be written"`
	Reference string          `json:"reference" rule:"max=255" doc:"what the app calls it" example:"ticket-17"`
	Kept      *bool           `json:"save_to_sent_items" doc:"whether a copy stays in Sent Items; true when nothing is said"`
}

func (a *API) mailRoutes() []route {
	if a.config.Mails == nil {
		return nil
	}
	return []route{{pattern: "POST /v1/tenants/{tenant}/mailboxes/{mailbox}/messages", name: "sendMessage", about: "send a message from a mailbox", who: apps, writes: true,
		in: NewMessage{}, out: Write{}, also: map[int]any{http.StatusAccepted: Write{}}, codes: []string{"act.*", "graph.*", "gate.*", "entra.*", "connect.*", "outbound.*"}, repeats: own, largest: largestMail, answer: a.sendMessage}}
}

// largestMail is how many bytes a request may have that sends a message; Graph takes
// 4 MB.
const largestMail = 4 << 20

func (a *API) sendMessage(r *http.Request) (any, error) {
	var in NewMessage
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	sent, err := a.config.Mails.Send(r.Context(), act.Send{Target: target(r), Reference: in.Reference, Message: in.Message, Unkept: in.Kept != nil && !*in.Kept})
	return a.wrote(r, sent, err, http.StatusOK)
}
