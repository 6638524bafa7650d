package wire

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Problem is an error as Graph answers it (graph-facts §2.1).
type Problem struct {
	Status  int
	Code    string
	Message string
	// Inner are further members of innerError, and Extra of the error itself,
	// such as "@event.existingEventId"; Header goes into the answer.
	Inner  Doc
	Extra  Doc
	Header http.Header
}

// Error is the code and the message.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Message) }

// Refuse makes a problem.
func Refuse(status int, code, format string, args ...any) *Problem {
	return &Problem{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// BadRequest is a 400 in the words of the directory and of the front door.
func BadRequest(format string, args ...any) *Problem {
	return Refuse(http.StatusBadRequest, "BadRequest", format, args...)
}

// NoResource is the directory's answer to an id that does not exist
// (graph-facts §2.1).
func NoResource(id string) *Problem {
	return Refuse(http.StatusNotFound, "Request_ResourceNotFound",
		"Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)
}

// NoItem is Outlook's answer to an id that does not exist.
func NoItem() *Problem {
	return Refuse(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

// NoSegment is the front door's answer to a path that it does not know
// (graph-facts §2.1).
func NoSegment(segment string) *Problem {
	return Refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '%s'.", segment)
}

// NoPrivilege is the directory's answer to a missing permission.
func NoPrivilege() *Problem {
	return Refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

// NoAccess is Outlook's answer to a missing permission.
func NoAccess() *Problem {
	return Refuse(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
}

// BadToken is the front door's answer to a token that does not work; it comes
// with the challenge of RFC 6750.
func BadToken(message string) *Problem {
	p := Refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "%s", message)
	p.Header = http.Header{"Www-Authenticate": {
		`Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`}}
	return p
}

// badToken is BadToken with the claims that the client has to ask Entra for, where
// the token was challenged (graph-facts §1.8).
func badToken(err error) *Problem {
	p := BadToken(err.Error())
	var challenged interface{ Claims() string }
	if errors.As(err, &challenged) {
		p.Header["Www-Authenticate"][0] += fmt.Sprintf(`, error="insufficient_claims", claims="%s"`, challenged.Claims())
	}
	return p
}

// Throttled is Outlook's and the directory's "not now" (graph-facts §5).
func Throttled(code, message string, after time.Duration) *Problem {
	p := Refuse(http.StatusTooManyRequests, code, "%s", message)
	if after > 0 {
		p.Header = http.Header{"Retry-After": {fmt.Sprint(int((after + time.Second - 1) / time.Second))}}
	}
	return p
}

// envelope is the body that carries a problem.
func (p *Problem) envelope(c *Call) Doc {
	inner := Doc{
		"date":              c.Now.Format("2006-01-02T15:04:05"),
		"request-id":        c.RequestID,
		"client-request-id": c.ClientRequestID,
	}
	for name, value := range p.Inner {
		inner[name] = value
	}
	e := Doc{"code": p.Code, "message": p.Message, "innerError": inner}
	for name, value := range p.Extra {
		e[name] = value
	}
	return Doc{"error": e}
}
