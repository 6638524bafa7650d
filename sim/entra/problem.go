package entra

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
)

// The OAuth error words that Entra uses (RFC 6749, RFC 8628, OpenID Connect Core
// §3.1.2.6; graph-facts §1.2, §1.3, §1.9).
const (
	invalidRequest      = "invalid_request"
	invalidClient       = "invalid_client"
	invalidGrant        = "invalid_grant"
	invalidScope        = "invalid_scope"
	invalidResource     = "invalid_resource"
	unauthorizedClient  = "unauthorized_client"
	unsupportedGrant    = "unsupported_grant_type"
	unsupportedResponse = "unsupported_response_type"
	accessDenied        = "access_denied"
	loginRequired       = "login_required"
	interactionRequired = "interaction_required"
	consentRequired     = "consent_required"
)

// problem is an error of Entra's: a number that says what, and an OAuth word
// that clients act on.
type problem struct {
	Code int // behind "AADSTS"
	Kind string
	Text string
	Sub  string // suberror
	// Claims is what the person has to sign in with, as JSON.
	Claims string
}

// Error is the description without its trace.
func (p *problem) Error() string { return fmt.Sprintf("AADSTS%d: %s", p.Code, p.Text) }

func refuse(code int, kind, format string, args ...any) *problem {
	return &problem{Code: code, Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// missing is the answer to a request without a required parameter.
func missing(parameter string) *problem {
	return refuse(900144, invalidRequest, "The request body must contain the following parameter: '%s'.", parameter)
}

// status is 401 where the client did not prove who it is, else 400
// (graph-facts §1.9).
func (p *problem) status() int {
	if p.Kind == invalidClient {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}

// trace names one request in an answer.
type trace struct {
	ID, Correlation string
	At              time.Time
}

func (e *Entra) trace(r *http.Request) trace {
	t := trace{ID: world.StableID(e.traces.Add(1), "trace"), Correlation: r.Header.Get("client-request-id"), At: e.world.Clock().Now()}
	if t.Correlation == "" {
		t.Correlation = t.ID
	}
	return t
}

func (t trace) stamp() string { return t.At.Format("2006-01-02 15:04:05Z") }

// describe is the text of error_description (graph-facts §1.9).
func (p *problem) describe(t trace) string {
	return fmt.Sprintf("%s Trace ID: %s Correlation ID: %s Timestamp: %s", p.Error(), t.ID, t.Correlation, t.stamp())
}

// fail answers with an error in Entra's JSON shape (graph-facts §1.9).
func (e *Entra) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := e.problemOf(r, err)
	t := e.trace(r)
	body := map[string]any{
		"error": p.Kind, "error_description": p.describe(t), "error_codes": []int{p.Code},
		"timestamp": t.stamp(), "trace_id": t.ID, "correlation_id": t.Correlation,
		"error_uri": fmt.Sprintf("%s/error?code=%d", origin(r), p.Code),
	}
	if p.Sub != "" {
		body["suberror"] = p.Sub
	}
	if p.Claims != "" {
		body["claims"] = p.Claims
	}
	w.Header().Set("x-ms-request-id", t.ID)
	answer(w, p.status(), body)
}

// errorPage shows a person what went wrong, where no client can be told.
func (e *Entra) errorPage(w http.ResponseWriter, r *http.Request, err error) {
	p, t := e.problemOf(r, err), e.trace(r)
	e.show(http.StatusBadRequest, page.Failure{Text: p.Error(), Trace: t.ID, Correlation: t.Correlation, At: t.stamp()})(w, r)
}

// problemOf gives the problem that err is, or an internal one that the log
// explains.
func (e *Entra) problemOf(r *http.Request, err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	e.log.ErrorContext(r.Context(), "entra", "path", r.URL.Path, "error", err)
	return refuse(90033, "temporarily_unavailable", "A transient error has occurred.")
}
