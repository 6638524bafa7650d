package act

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Create has an event made.
type Create struct {
	Target
	Calendar  string          // its id; "" is the default calendar
	Reference string          // what the app calls it, "" for nothing
	Event     json.RawMessage // as Graph documents it
}

// Update has an event changed: a single one, a series, or one occurrence by its id.
type Update struct {
	Target
	ID string
	// Version is the ETag that the app knows; "" changes whatever is there.
	Version   string
	Reference string
	Change    json.RawMessage // the properties to change
}

// Delete has an event deleted.
type Delete struct {
	Target
	ID      string
	Version string
}

// Cancel has the organizer's meeting cancelled, with a word to its attendees.
type Cancel struct {
	Target
	ID      string
	Version string
	Comment string
}

// Respond answers an invitation.
type Respond struct {
	Target
	ID       string
	Answer   string // accept, tentativelyAccept or decline
	Comment  string
	Silent   bool            // the organizer is not told
	Proposed json.RawMessage // another time: {"start": …, "end": …}
}

// Create makes an event. The write that it gives has an outcome, or is open: then
// it is tried further, and Write says later what came of it.
func (a *Act) Create(ctx context.Context, r Create) (graphwarden.Intent, error) {
	checked, err := checkEvent(r.Event, true)
	if err != nil {
		return graphwarden.Intent{}, err
	}
	if err := firstOf(checkKey(r.Key), checkReference(r.Reference), checkID("calendar", r.Calendar, true)); err != nil {
		return graphwarden.Intent{}, err
	}
	op := flow.CreateEvent()
	if r.Calendar != "" {
		op = flow.CreateEventIn()
	}
	f, m, err := a.place(r.Target, op)
	if err != nil {
		return graphwarden.Intent{}, err
	}
	in := intent(r.Target, f, m, graphwarden.CreateEvent)
	in.Container, in.Reference = r.Calendar, r.Reference
	in.Hash = hash(in, checked.canonical)
	return a.ask(ctx, f, in, func(in *graphwarden.Intent) error {
		checked.event["transactionId"] = in.Mark
		in.Request, err = marked(checked.event, *in)
		return err
	})
}

// Update changes an event; see Create.
func (a *Act) Update(ctx context.Context, r Update) (graphwarden.Intent, error) {
	checked, err := checkEvent(r.Change, false)
	if err != nil {
		return graphwarden.Intent{}, err
	}
	if err := firstOf(checkKey(r.Key), checkReference(r.Reference), checkID("event", r.ID, false), checkVersion(r.Version)); err != nil {
		return graphwarden.Intent{}, err
	}
	f, m, err := a.place(r.Target, flow.UpdateEvent())
	if err != nil {
		return graphwarden.Intent{}, err
	}
	in := intent(r.Target, f, m, graphwarden.UpdateEvent)
	in.Item, in.Version, in.Reference = r.ID, r.Version, r.Reference
	in.Hash = hash(in, checked.canonical)
	return a.ask(ctx, f, in, func(in *graphwarden.Intent) error {
		in.Request, err = marked(checked.event, *in)
		return err
	})
}

// Delete deletes an event; see Create.
func (a *Act) Delete(ctx context.Context, r Delete) (graphwarden.Intent, error) {
	if err := firstOf(checkKey(r.Key), checkID("event", r.ID, false), checkVersion(r.Version)); err != nil {
		return graphwarden.Intent{}, err
	}
	f, m, err := a.place(r.Target, flow.DeleteEvent())
	if err != nil {
		return graphwarden.Intent{}, err
	}
	in := intent(r.Target, f, m, graphwarden.DeleteEvent)
	in.Item, in.Version = r.ID, r.Version
	in.Hash = hash(in, nil)
	return a.ask(ctx, f, in, func(*graphwarden.Intent) error { return nil })
}

// Cancel cancels a meeting; see Create.
func (a *Act) Cancel(ctx context.Context, r Cancel) (graphwarden.Intent, error) {
	if err := firstOf(checkKey(r.Key), checkID("event", r.ID, false), checkVersion(r.Version), checkComment(r.Comment)); err != nil {
		return graphwarden.Intent{}, err
	}
	f, m, err := a.place(r.Target, flow.CancelEvent())
	if err != nil {
		return graphwarden.Intent{}, err
	}
	in := intent(r.Target, f, m, graphwarden.CancelEvent)
	in.Item, in.Version = r.ID, r.Version
	if in.Request, err = json.Marshal(map[string]any{"comment": r.Comment}); err != nil {
		return in, fmt.Errorf("writing a cancellation: %w", err)
	}
	in.Hash = hash(in, in.Request)
	return a.ask(ctx, f, in, func(*graphwarden.Intent) error { return nil })
}

// Respond answers an invitation; see Create.
func (a *Act) Respond(ctx context.Context, r Respond) (graphwarden.Intent, error) {
	op, known := map[string]flow.Operation{
		"accept": flow.AcceptEvent(), "tentativelyAccept": flow.TentativelyAcceptEvent(), "decline": flow.DeclineEvent(),
	}[r.Answer]
	if !known {
		return graphwarden.Intent{}, refuse(graphwarden.Invalid, "act.answer", "answer", fmt.Sprintf("%.40q is no answer to an invitation.", r.Answer),
			"Say accept, tentativelyAccept or decline.")
	}
	if err := firstOf(checkKey(r.Key), checkID("event", r.ID, false), checkComment(r.Comment)); err != nil {
		return graphwarden.Intent{}, err
	}
	parameters := map[string]any{"comment": r.Comment, "sendResponse": !r.Silent}
	if len(r.Proposed) > 0 {
		slot, err := checkProposal(r)
		if err != nil {
			return graphwarden.Intent{}, err
		}
		parameters["proposedNewTime"] = slot
	}
	f, m, err := a.place(r.Target, op)
	if err != nil {
		return graphwarden.Intent{}, err
	}
	in := intent(r.Target, f, m, graphwarden.RespondEvent)
	in.Item, in.Container = r.ID, r.Answer
	if in.Request, err = json.Marshal(parameters); err != nil {
		return in, fmt.Errorf("writing an answer: %w", err)
	}
	in.Hash = hash(in, in.Request)
	return a.ask(ctx, f, in, func(*graphwarden.Intent) error { return nil })
}

func intent(t Target, f flow.Flow, m graphwarden.Mailbox, kind graphwarden.WriteKind) graphwarden.Intent {
	return graphwarden.Intent{App: t.App, Key: t.Key, Flow: f.Name, Tenant: f.Tenant, Mailbox: m, Kind: kind}
}

// hash says what a request means, so that a key cannot come to mean another.
func hash(in graphwarden.Intent, body []byte) [32]byte {
	all, _ := json.Marshal([]string{string(in.Kind), in.Tenant, in.Mailbox.ID, in.Container, in.Item, in.Version, in.Reference, string(body)})
	return sha256.Sum256(all)
}

// marked writes an event with the extended properties that are Graphwarden's.
func marked(event map[string]any, in graphwarden.Intent) ([]byte, error) {
	own := []any{map[string]any{"id": Mark, "value": in.Mark}}
	if in.Reference != "" {
		own = append(own, map[string]any{"id": Reference, "value": in.Reference})
	}
	given, _ := event["singleValueExtendedProperties"].([]any)
	event["singleValueExtendedProperties"] = append(given[:len(given):len(given)], own...)
	body, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("writing an event: %w", err)
	}
	return body, nil
}

// unmarked gives what an app wanted without what marked has added.
func unmarked(body json.RawMessage) json.RawMessage {
	const extended = "singleValueExtendedProperties"
	var event map[string]json.RawMessage
	var given []map[string]json.RawMessage
	if json.Unmarshal(body, &event) != nil || json.Unmarshal(event[extended], &given) != nil {
		return body
	}
	given = slices.DeleteFunc(given, func(property map[string]json.RawMessage) bool {
		var id string
		return json.Unmarshal(property["id"], &id) == nil && (id == Mark || id == Reference)
	})
	delete(event, extended)
	if len(given) > 0 {
		event[extended], _ = json.Marshal(given) // it has just been read
	}
	out, err := json.Marshal(event)
	if err != nil {
		return body
	}
	return out
}

func firstOf(errs ...*graphwarden.Refusal) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func checkKey(key string) *graphwarden.Refusal {
	if len(key) <= 255 && strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) < 0 && !strings.HasPrefix(key, "auto_") {
		return nil
	}
	return refuse(graphwarden.Invalid, "act.key", "Idempotency-Key", "The idempotency key is not one.",
		"Use up to 255 visible ASCII characters that do not begin with auto_, such as a UUID made for this write.")
}

func checkReference(reference string) *graphwarden.Refusal {
	if utf8.ValidString(reference) && utf8.RuneCountInString(reference) <= 255 && !strings.ContainsFunc(reference, control) {
		return nil
	}
	return refuse(graphwarden.Invalid, "act.reference", "reference", "The reference has more than 255 characters, or control characters.",
		"Use a short name of your own for the item, such as a record's id.")
}

func checkComment(comment string) *graphwarden.Refusal {
	if utf8.ValidString(comment) && len(comment) <= 8<<10 && !strings.ContainsFunc(comment, notText) {
		return nil
	}
	return refuse(graphwarden.Invalid, "act.comment", "comment", "The comment is longer than 8 kB, or has control characters.", "Shorten it.")
}

// checkVersion wants an ETag as Graph writes them: weak, quoted.
func checkVersion(version string) *graphwarden.Refusal {
	if version == "" || len(version) <= 200 && strings.HasPrefix(version, `W/"`) && strings.HasSuffix(version, `"`) && len(version) > 4 &&
		strings.IndexFunc(version, func(r rune) bool { return r <= ' ' || r > '~' }) < 0 && strings.Count(version, `"`) == 2 {
		return nil
	}
	return refuse(graphwarden.Invalid, "act.version", "If-Match", "The version is not an ETag of an event.",
		`Send the event's @odata.etag as it came, such as W/"abc=".`)
}

// checkID wants an id of Outlook's, with leave none.
func checkID(field, id string, empty bool) *graphwarden.Refusal {
	if id == "" && empty {
		return nil
	}
	if _, err := flow.UpdateEvent().Build("00000000-0000-0000-0000-000000000000", flow.Args{"event": id}); err == nil {
		return nil
	}
	return strangeID(field, id)
}

func strangeID(field, id string) *graphwarden.Refusal {
	return refuse(graphwarden.Invalid, "act.id", field, fmt.Sprintf("%.60q is not an id of Outlook's.", id), "Send the id as Graph or Graphwarden gave it.")
}

// ofID has what Microsoft says of an id name the field that the app sent it in, and what can
// be wrong with it.
func ofID(err error, field, id string) error {
	var r *graphwarden.Refusal
	switch {
	case graph.Is(err, graph.CodeIDMalformed):
		return strangeID(field, id)
	case errors.As(err, &r) && r.Code == graph.CodeItemUnknown:
		own := *r
		own.Field, own.Do = field, "It was deleted, or the id is of another mailbox."
		return &own
	}
	return err
}

// idOf is the id that a write is about, and the field that the app sent it in.
func idOf(in graphwarden.Intent) (field, id string) {
	if in.Kind == graphwarden.CreateEvent {
		return "calendar", in.Container
	}
	return "event", in.Item
}
