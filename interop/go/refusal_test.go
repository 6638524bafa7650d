package interop

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"
)

// value is what a pointer of the SDK points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// explain says what Graph said, which the SDK's error text leaves out in part.
func explain(err error) string {
	var e *odataerrors.ODataError
	if errors.As(err, &e) && e.GetErrorEscaped() != nil {
		return value(e.GetErrorEscaped().GetCode()) + ": " + value(e.GetErrorEscaped().GetMessage())
	}
	return err.Error()
}

// fine ends the test when a call failed.
func fine(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(explain(err))
	}
}

// refused wants an error of the SDK's own type with this status and one of
// these codes (concepts/errors).
func refused(t *testing.T, err error, status int, codes ...string) *odataerrors.ODataError {
	t.Helper()
	var e *odataerrors.ODataError
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no ODataError, want %d %v", err, err, status, codes)
	}
	main := e.GetErrorEscaped()
	if e.ResponseStatusCode != status || main == nil {
		t.Fatalf("%d %s, want %d %v", e.ResponseStatusCode, explain(err), status, codes)
	}
	known := len(codes) == 0
	for _, code := range codes {
		known = known || strings.EqualFold(value(main.GetCode()), code)
	}
	if !known {
		t.Errorf("%s, want code %v", explain(err), codes)
	}
	if inner := main.GetInnerError(); inner == nil || value(inner.GetRequestId()) == "" || inner.GetDate() == nil {
		t.Errorf("%s comes without innerError's request-id and date", explain(err))
	}
	return e
}

// notSignedIn wants an error of azidentity's own type that carries this code of
// Microsoft Entra (learn.microsoft.com/entra, reference-error-codes).
func notSignedIn(t *testing.T, err error, code string) {
	t.Helper()
	var e *azidentity.AuthenticationFailedError
	if !errors.As(err, &e) {
		t.Fatalf("%v (%T) is no AuthenticationFailedError, want %s", err, err, code)
	}
	if !strings.Contains(err.Error(), code) {
		t.Errorf("%v, want %s", err, code)
	}
	if e.RawResponse == nil {
		return
	}
	if raw, err := io.ReadAll(e.RawResponse.Body); err != nil || !strings.Contains(string(raw), "correlation_id") {
		t.Errorf("%s (%v), want an answer with a correlation_id", raw, err)
	}
}
