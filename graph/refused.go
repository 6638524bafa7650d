package graph

import (
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// ofWrites are the explanations of errors that only writes meet (graph-facts §2.5,
// §6).
func ofWrites() []explanation {
	return []explanation{
		{status: http.StatusPreconditionFailed,
			kind: graphwarden.Conflict, code: CodeChanged,
			say: "In the mailbox {mailbox} it was changed meanwhile.",
			do:  "Read it again, and write what is still wanted."},
		{status: http.StatusBadRequest, writing: true,
			kind: graphwarden.Invalid, code: CodeWriteRefused,
			say: "Microsoft 365 does not take this: {said}",
			do:  "Mend the request, and send it with a new idempotency key."},
		{status: http.StatusRequestEntityTooLarge, writing: true,
			kind: graphwarden.Invalid, code: CodeWriteRefused,
			say: "Microsoft 365 does not take this: it is too large.",
			do:  "Send less, such as a shorter body, with a new idempotency key."},
	}
}
