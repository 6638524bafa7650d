package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// The codes of refusals that callers tell apart; docs/errors.md explains all.
const (
	CodeUnknown = "exchange.unknown"
	CodeExists  = "exchange.exists"
)

// told is what Exchange's error envelope says (graph-facts §12.3).
type told struct {
	Error struct {
		Message string `json:"message"`
		Details []struct {
			Message string `json:"message"`
		} `json:"details"`
		Inner struct {
			Internal struct {
				Message string `json:"message"`
			} `json:"internalException"`
		} `json:"innererror"`
	} `json:"error"`
}

// words gives the exception's name, without its namespace, and what it says. They
// stand in the first detail, between bars.
func (t told) words() (kind, said string) {
	said = t.Error.Message
	if t.Error.Inner.Internal.Message != "" {
		said = t.Error.Inner.Internal.Message
	}
	if len(t.Error.Details) > 0 {
		said = t.Error.Details[0].Message
	}
	if parts := strings.SplitN(said, "|", 3); len(parts) == 3 {
		kind, said = parts[1][strings.LastIndexByte(parts[1], '.')+1:], parts[2]
	}
	return kind, said
}

// problem makes of an answer that is not the promised one what the caller can do
// about it.
func problem(answer *gate.Answer, body []byte, op flow.Operation) error {
	var envelope told
	if err := json.Unmarshal(body, &envelope); err != nil {
		envelope = told{} // a page of something between us and Exchange
	}
	kind, said := envelope.words()
	cause := fmt.Errorf("exchange answered %d %s", answer.Status, kind)
	switch {
	case answer.Status == http.StatusTooManyRequests, answer.Status >= 500:
		return &graphwarden.Later{After: answer.Wait, Cause: cause}
	case answer.Status == http.StatusUnauthorized:
		return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "exchange.token_refused", Cause: cause,
			Say: "Exchange refuses the administrator's token.", Do: "Sign in again; the sign-in lasts about an hour."}
	case answer.Status == http.StatusForbidden, kind == "CommandNotFoundException":
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "exchange.not_administrator", Cause: cause,
			Say: fmt.Sprintf("Who signed in may not run %s.", op.Cmdlet()),
			Do:  "Have an Exchange Administrator sign in, or a member of the role group Organization Management; a role that was given just now takes some minutes."}
	case kind == "ManagementObjectNotFoundException":
		return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: CodeUnknown, Cause: cause,
			Say: "Exchange does not know what " + op.Cmdlet() + " names: " + said, Do: "Check that it has an address in this tenant: Exchange knows no group without one."}
	case kind == "ADObjectAlreadyExistsException":
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: CodeExists, Cause: cause,
			Say: "Exchange has this already: " + said, Do: "Run the command again: it goes on with what is there."}
	case said == "":
		return cause
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "exchange.refused", Cause: cause,
		Say: fmt.Sprintf("Exchange refuses %s: %s", op.Cmdlet(), said), Do: "Nothing else was changed by it; what is said there names the reason."}
}

// Is says whether an error is a refusal with this code.
func Is(err error, code string) bool {
	var refusal *graphwarden.Refusal
	return errors.As(err, &refusal) && refusal.Code == code
}
