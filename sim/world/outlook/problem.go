package outlook

import (
	"fmt"
	"net/http"
)

// Problem is a refusal as Exchange words it for Graph.
type Problem struct {
	Status  int
	Code    string
	Message string
	// EventID is the event that stands in the way, of a repeated transactionId.
	EventID string
}

// Error is the code and the message.
func (p *Problem) Error() string { return p.Code + ": " + p.Message }

// Refuse makes a problem.
func Refuse(status int, code, format string, args ...any) *Problem {
	return &Problem{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Invalid is Exchange's general "no" to a request that is well formed.
func Invalid(format string, args ...any) *Problem {
	return Refuse(http.StatusBadRequest, "ErrorInvalidRequest", "Your request can't be completed. "+format, args...)
}

// BadProperty refuses the value of one property of a body.
func BadProperty(name, format string, args ...any) *Problem {
	return Refuse(http.StatusBadRequest, "ErrorPropertyValidationFailure",
		"At least one property failed validation. %s: %s", name, fmt.Sprintf(format, args...))
}

// NotFound is Exchange's answer to the id of nothing (graph-facts §2.1).
func NotFound() *Problem {
	return Refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

// Malformed is Exchange's answer to what is no id at all (graph-facts §2.1).
func Malformed() *Problem {
	return Refuse(http.StatusBadRequest, "ErrorInvalidIdMalformed", "Id is malformed.")
}
