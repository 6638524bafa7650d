package gate

import (
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/policy"
)

// The codes of this room's refusals; docs/errors.md explains them.
const (
	CodeDenied     = "gate.denied"     // no flow permits the call
	CodeForbidden  = "gate.forbidden"  // a rule of the operators' forbids the call
	CodeLink       = "gate.link"       // a link leads away from the call it came from
	CodeUnrecorded = "gate.unrecorded" // the ledger does not take entries
)

// The rules by which the gate itself refuses what a flow permits by name.
const (
	ruleBody    = "gate/body"
	ruleAddress = "gate/address"
	ruleLink    = "gate/link"
	ruleAccount = "gate/account"
)

var errForeign = errors.New("the link does not belong to this call")

// denied is the refusal that follows from a decision.
func denied(d graphwarden.Decision) *graphwarden.Refusal {
	if d.Rule == ruleLink {
		return &graphwarden.Refusal{
			Kind: graphwarden.Denied, Code: CodeLink, Say: d.Reason,
			Do: "The feed is read anew from its beginning.",
		}
	}
	if policy.Forbidden(d) {
		return &graphwarden.Refusal{
			Kind: graphwarden.Denied, Code: CodeForbidden, Say: d.Reason,
			Do: "Whoever operates Graphwarden wrote this rule, " + d.Rule + ", and can say why.",
		}
	}
	return &graphwarden.Refusal{
		Kind: graphwarden.Denied, Code: CodeDenied, Say: d.Reason,
		Do: "Only a declared flow permits a call; see the flows of the configuration.",
	}
}

// unrecorded says that an entry was not taken; what the store says of itself
// stays as it is.
func unrecorded(cause error) error {
	var refusal *graphwarden.Refusal
	if errors.As(cause, &refusal) {
		return fmt.Errorf("writing the ledger: %w", cause)
	}
	return &graphwarden.Refusal{
		Kind: graphwarden.Storage, Code: CodeUnrecorded,
		Say:   "The ledger does not take entries, so nothing is sent to Microsoft.",
		Do:    "Free or repair the disk of the database; the calls go on by themselves.",
		Cause: cause,
	}
}
