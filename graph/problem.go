package graph

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// The codes of refusals that callers tell apart; docs/errors.md explains all.
const (
	CodeSubscriptionGone  = "graph.subscription_gone"
	CodeUserUnknown       = "graph.user_unknown"
	CodeMailboxUnknown    = "graph.mailbox_unknown"
	CodeMailboxNotEnabled = "graph.mailbox_not_enabled"
	CodeNotConsented      = "graph.not_consented"
	codeConflict          = "graph.conflict"

	CodeItemUnknown  = "graph.item_unknown"
	CodeIDMalformed  = "graph.id_malformed"
	CodeChanged      = "graph.changed"       // another version is there than was named
	CodeWriteRefused = "graph.write_refused" // Microsoft does not want what was written
)

// explanation is what is made of some of Graph's errors. An error matches by its
// status, by its code whatever the case, by a mark in its message where the code
// says too little, and by the operation; what a row leaves empty always matches.
// {registration}, {flow}, {mailbox} and {said} are filled in.
type explanation struct {
	status     int
	codes      []string
	mark       string
	operations []flow.Operation
	writing    bool // of operations that write events only

	kind    graphwarden.Kind
	code    string
	say, do string
}

// explanations are tried in this order (graph-facts §2.1, §4.1, §4.3, §12).
func explanations() []explanation {
	return []explanation{
		{status: http.StatusUnauthorized,
			kind: graphwarden.Credential, code: "graph.token_refused",
			say: "Microsoft 365 refuses the token of the registration {registration}.",
			do:  "Check that the tenant's Graph and login addresses belong to one cloud; the next attempt uses a new token."},
		{status: http.StatusForbidden, mark: "[RAOP]",
			kind: graphwarden.Denied, code: "graph.mailbox_restricted",
			say: "An application access policy of Exchange keeps the registration {registration} out of the mailbox {mailbox}.",
			do:  "Add the mailbox to the policy's group, or remove it from the flow {flow}; a change takes up to two hours."},
		{status: http.StatusForbidden,
			kind: graphwarden.Denied, code: CodeNotConsented,
			say: "Microsoft 365 does not let the registration {registration} do this for the flow {flow}.",
			do:  "Have an administrator consent to the flow's application permissions, or widen its Exchange role to the mailbox {mailbox}; a new consent takes some minutes."},
		{status: http.StatusNotFound, codes: []string{"MailboxNotEnabledForRESTAPI", "MailboxNotSupportedForRESTAPI"},
			kind: graphwarden.Unknown, code: CodeMailboxNotEnabled,
			say: "The mailbox {mailbox} is not in Exchange Online: its user has no licence for it, or it is on premises or inactive.",
			do:  "Give the user a licence with Exchange Online, or remove the mailbox from the flow {flow}."},
		{status: http.StatusNotFound, operations: []flow.Operation{flow.GetUser()},
			kind: graphwarden.Unknown, code: CodeUserUnknown,
			say: "The tenant has no user {mailbox}.",
			do:  "Check the spelling in the flow's mailboxes; use the user principal name."},
		{status: http.StatusNotFound, operations: []flow.Operation{flow.ListMembers()},
			kind: graphwarden.Unknown, code: "graph.group_unknown",
			say: "The tenant has no group with the object id {mailbox}.",
			do:  "Check the flow's groups; its members keep their feeds until the group can be read or is taken out."},
		{status: http.StatusNotFound, operations: []flow.Operation{flow.RenewSubscription(), flow.Unsubscribe(), flow.RemoveSubscription()},
			kind: graphwarden.Unknown, code: CodeSubscriptionGone,
			say: "Microsoft 365 no longer has the subscription of the mailbox {mailbox}.",
			do:  "It is made anew, and the mailbox is read in full."},
		{status: http.StatusNotFound, codes: []string{"ErrorInvalidUser", "ErrorNonExistentMailbox", "Request_ResourceNotFound", "ResourceNotFound"},
			kind: graphwarden.Unknown, code: CodeMailboxUnknown,
			say: "The mailbox {mailbox} no longer exists.",
			do:  "Remove it from the flow {flow}; if its user was made anew, it is another mailbox and must be pinned again."},
		{status: http.StatusNotFound, codes: []string{"ErrorItemNotFound", "ItemNotFound"},
			kind: graphwarden.Unknown, code: CodeItemUnknown,
			say: "What was asked for in the mailbox {mailbox} no longer exists.",
			do:  "Nothing needs to be done if it was deleted."},
		{status: http.StatusBadRequest, codes: []string{"ErrorInvalidIdMalformed"},
			kind: graphwarden.Invalid, code: CodeIDMalformed,
			say: "Microsoft 365 never made this id: it was cut off, or changed on its way.",
			do:  "Send the id as Graph or Graphwarden gave it."},
		{status: http.StatusNotFound,
			kind: graphwarden.Unreachable, code: "graph.not_found",
			say: "Something that is not Microsoft 365's store answered that there is nothing for the mailbox {mailbox}.",
			do:  "Check the tenant's Graph address and what stands between; nothing is taken for deleted by such an answer."},
		{status: http.StatusBadRequest, codes: []string{"ValidationError", "InvalidRequest"}, operations: []flow.Operation{flow.Subscribe()},
			kind: graphwarden.Unreachable, code: "graph.receiver_unreachable",
			say: "Microsoft 365 did not get the right answer from Graphwarden's notification address: {said}",
			do:  "Check that the public address leads to this server by https with a publicly trusted certificate; until then the sweep finds the changes."},
		{status: http.StatusBadRequest, mark: "already exists", operations: []flow.Operation{flow.AssignRole()},
			kind: graphwarden.Conflict, code: codeConflict,
			say: "Microsoft 365 says that the permission was granted already.", do: "Nothing needs to be done."},
		{status: http.StatusConflict,
			kind: graphwarden.Conflict, code: codeConflict,
			say: "Microsoft 365 says that this was changed or made meanwhile.",
			do:  "It is looked at again at the next attempt."},
	}
}

// told is what Graph's error envelope says. Its inner errors carry the more exact
// codes, under two spellings of one key.
type told struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Existing string `json:"@event.existingEventId"` // of a transactionId that was used before
	Inner    *told  `json:"innerError"`
	InnerToo *told  `json:"innererror"`
}

// codes lists the codes from the outside in.
func (t *told) codes() []string {
	var out []string
	for depth := 0; t != nil && depth < 8; depth++ {
		out = append(out, t.Code)
		if t.Inner == nil {
			t.Inner = t.InnerToo
		}
		t = t.Inner
	}
	return out
}

// problem makes of an answer that is not the promised one what the caller can do
// about it: graphwarden.ErrResync, *graphwarden.Later, *graphwarden.Refusal, or
// an error without a type, which nobody foresaw.
func problem(answer *gate.Answer, body []byte, op flow.Operation, f flow.Flow, m graphwarden.Mailbox) error {
	var envelope struct {
		Error told `json:"error"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		envelope.Error = told{} // a page of something between us and Graph
	}
	codes := envelope.Error.codes()
	cause := fmt.Errorf("graph answered %d %s", answer.Status, strings.Join(codes, "/"))
	switch {
	case op == flow.CalendarDelta() && resyncs(answer.Status, codes):
		return fmt.Errorf("%w: %w", graphwarden.ErrResync, cause)
	case answer.Status == http.StatusTooManyRequests, answer.Status >= 500 && answer.Status != http.StatusNotImplemented:
		if answer.Status != http.StatusTooManyRequests && op.Writes() {
			cause = &graphwarden.Unanswered{Cause: cause} // something broke, before the effect or after it
		}
		return &graphwarden.Later{After: answer.Wait, Cause: cause}
	}
	if sameAsAny("ErrorDuplicateTransactionId", codes...) {
		return &DuplicateError{Existing: envelope.Error.Existing, Cause: cause}
	}
	for _, e := range slices.Concat(explanations(), ofWrites()) {
		if e.matches(answer.Status, codes, envelope.Error.Message, op) {
			return e.refusal(f, m, envelope.Error.Message, cause)
		}
	}
	return cause
}

// resyncs says whether a cursor has ended. The documentation promises 410; 400
// and 404 occur too, so the code decides there (graph-facts §3.3).
func resyncs(status int, codes []string) bool {
	if status == http.StatusGone {
		return true
	}
	return (status == http.StatusBadRequest || status == http.StatusNotFound) &&
		slices.ContainsFunc(codes, func(code string) bool {
			return sameAsAny(code, "syncStateNotFound", "syncStateInvalid", "resyncRequired")
		})
}

// asResync makes of the gate's word that a stored link does not lead to where the
// cloud is now what it means here: the cursor has ended.
func asResync(err error) error {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Code == gate.CodeLink {
		return fmt.Errorf("%w: %w", graphwarden.ErrResync, err)
	}
	return err
}

func (e explanation) matches(status int, codes []string, message string, op flow.Operation) bool {
	return e.status == status && (!e.writing || op.Writing()) &&
		strings.Contains(message, e.mark) &&
		(len(e.operations) == 0 || slices.Contains(e.operations, op)) &&
		(len(e.codes) == 0 || slices.ContainsFunc(codes, func(code string) bool { return sameAsAny(code, e.codes...) }))
}

func sameAsAny(code string, others ...string) bool {
	return slices.ContainsFunc(others, func(o string) bool { return strings.EqualFold(code, o) })
}

func (e explanation) refusal(f flow.Flow, m graphwarden.Mailbox, said string, cause error) *graphwarden.Refusal {
	if e.code == CodeNotConsented && m.UPN == "" { // it is about no mailbox
		e.do = "Have an administrator consent to the permissions that the flow needs; a new consent takes some minutes."
	}
	if f.People && e.code == CodeNotConsented {
		e.do = "Invite the person again, for the flow {flow}; where they may not consent themselves, an administrator must."
	}
	fill := strings.NewReplacer(
		"{registration}", f.Registration, "{flow}", f.Name, "{mailbox}", m.UPN, "{said}", said)
	return &graphwarden.Refusal{
		Kind: e.kind, Code: e.code, Say: fill.Replace(e.say), Do: fill.Replace(e.do), Cause: cause,
	}
}

// Is says whether an error is a refusal with this code.
func Is(err error, code string) bool {
	var refusal *graphwarden.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}
