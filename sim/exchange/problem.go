package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// problem is a refusal as Exchange writes it (graph-facts §12.3): the kind is the
// name of the .NET exception.
type problem struct {
	status  int
	code    string
	kind    string
	message string
}

// Error is the message.
func (p *problem) Error() string { return p.message }

// errUnauthorized asks for another token.
var errUnauthorized = errors.New("unauthorized")

// The exceptions that cmdlets end with.
const (
	notFoundKind  = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
	takenKind     = "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"
	bindingKind   = "System.Management.Automation.ParameterBindingException"
	unknownKind   = "System.Management.Automation.CommandNotFoundException"
	argumentKind  = "System.ArgumentException"
	validKind     = "Microsoft.Exchange.Data.DataValidationException"
	hostKind      = "System.Management.Automation.Host.HostException"
	recipientKind = "Microsoft.Exchange.Configuration.Tasks.RecipientTaskException"
)

// server is the domain controller that messages name.
const server = "SIMPR01A01DC001.SIMPR01A001.PROD.OUTLOOK.COM"

func notFound(what string) error {
	return &problem{http.StatusNotFound, "NotFound", notFoundKind,
		fmt.Sprintf("The operation couldn't be performed because object '%s' couldn't be found on '%s'.", what, server)}
}

func taken(name string) error {
	return &problem{http.StatusBadRequest, "BadRequest", takenKind,
		fmt.Sprintf("Active Directory operation failed on %s. The object '%s' already exists.", server, name)}
}

func bad(kind, format string, args ...any) error {
	return &problem{http.StatusBadRequest, "BadRequest", kind, fmt.Sprintf(format, args...)}
}

// fail answers a refusal.
func (e *Exchange) fail(w http.ResponseWriter, err error) {
	var p *problem
	switch {
	case errors.Is(err, errUnauthorized):
		w.Header().Set("WWW-Authenticate", `Bearer client_id="00000002-0000-0ff1-ce00-000000000000", trusted_issuers="00000001-0000-0000-c000-000000000000@*", token_types="app_asserted_user_v1 service_asserted_app_v1", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	case !errors.As(err, &p):
		e.Log.Error("running a cmdlet", "error", err)
		p = &problem{http.StatusInternalServerError, "InternalServerError", "", "An internal error occurred."}
	}
	said := p.message
	if p.kind != "" {
		said = "|" + p.kind + "|" + p.message
	}
	inner := Doc{"message": "Error executing cmdlet", "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException", "stacktrace": "",
		"internalexception": Doc{"message": p.message, "type": p.kind, "stacktrace": ""}}
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(Doc{"error": Doc{"code": p.code, "message": "Error executing request. " + said,
		"details":    []any{Doc{"code": "Context", "target": "", "message": said}},
		"innererror": inner, "adminapi.warnings@odata.type": "#Collection(String)", "@adminapi.warnings": []any{}}})
}
