package entra

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/sim/world"
)

// Trouble is an error that token requests meet, for as often as Times says; zero:
// always. An empty App, User or Grant stands for any.
type Trouble struct {
	App   string `json:"app,omitempty"`   // client id
	User  string `json:"user,omitempty"`  // object id
	Grant string `json:"grant,omitempty"` // grant_type, or "authorize" for the sign-in pages
	Code  int    `json:"code"`            // behind "AADSTS"
	Times int    `json:"times,omitempty"`
}

// kindOf is how one of Entra's errors looks on the wire.
type kindOf struct {
	kind, sub string
	claims    bool // the answer carries claims to sign in with
	text      string
}

// known are the errors that can be ordered (graph-facts §1.9): those that need
// something of the world which is not simulated, and those that do not.
func known() map[int]kindOf {
	return map[int]kindOf{
		16000:   {interactionRequired, "", false, "The user account does not exist in the tenant and cannot access the application in that tenant."},
		50020:   {invalidGrant, "", false, "User account from identity provider does not exist in tenant and cannot access the application in that tenant."},
		50034:   {invalidGrant, "", false, "The user account does not exist in the directory. To sign into this application, the account must be added to the directory."},
		50053:   {invalidGrant, "", false, "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."},
		50055:   {invalidGrant, "user_password_expired", false, "The password is expired."},
		50057:   {invalidGrant, "", false, "The user account is disabled."},
		50058:   {loginRequired, "", false, "A silent sign-in request was sent but no user is signed in."},
		50072:   {interactionRequired, "basic_action", true, "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication."},
		50074:   {interactionRequired, "basic_action", true, "Strong Authentication is required."},
		50076:   {interactionRequired, "basic_action", true, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'."},
		50078:   {interactionRequired, "basic_action", true, "Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication."},
		50079:   {interactionRequired, "basic_action", true, "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication."},
		50097:   {interactionRequired, "", true, "Device authentication is required."},
		50105:   {accessDenied, "", false, "Your administrator has configured the application to block users unless they are specifically granted access to the application."},
		50126:   {invalidGrant, "", false, "Error validating credentials due to invalid username or password."},
		50129:   {interactionRequired, "", true, "Device is not workplace joined."},
		50131:   {accessDenied, "", true, "Device is not in required device state, or the request was blocked due to suspicious activity, access policy, or security policy decisions."},
		50133:   {invalidGrant, "", false, "Session is invalid due to expiration or recent password change."},
		50140:   {interactionRequired, "", false, "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in."},
		50158:   {interactionRequired, "", true, "External security challenge was not satisfied."},
		50173:   {invalidGrant, "bad_token", false, "The provided grant has expired due to it being revoked, a fresh auth token is needed."},
		50196:   {invalidGrant, "", false, "The server terminated an operation because it encountered a client request loop."},
		53000:   {interactionRequired, "", true, "Device is not in required device state: compliant."},
		53001:   {interactionRequired, "", true, "Device is not in required device state: domain_joined."},
		53003:   {interactionRequired, "message_only", true, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."},
		53011:   {accessDenied, "", false, "User blocked due to risk on home tenant."},
		65001:   {invalidGrant, "consent_required", false, "The user or administrator has not consented to use the application."},
		65004:   {accessDenied, "", false, "User declined to consent to access the app."},
		70008:   {invalidGrant, "", false, "The provided authorization code or refresh token has expired due to inactivity."},
		70043:   {invalidGrant, "bad_token", true, "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access."},
		90002:   {invalidRequest, "", false, "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."},
		90033:   {"temporarily_unavailable", "", false, "A transient error has occurred."},
		90055:   {"temporarily_unavailable", "", false, "Server is busy: too many requests of the tenant."},
		90072:   {interactionRequired, "", false, "The account needs to be added as an external user in the tenant first."},
		90094:   {consentRequired, "", false, "Administrator consent is required for the permissions requested by this application."},
		90095:   {consentRequired, "", false, "Admin consent is required for the permissions requested by this application."},
		500011:  {invalidResource, "", false, "The resource principal named https://graph.microsoft.com was not found in the tenant."},
		530032:  {accessDenied, "", false, "Blocked by security policy."},
		530034:  {accessDenied, "", false, "A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant."},
		650052:  {invalidClient, "", false, "The app needs access to a service that your organization has not subscribed to or enabled."},
		700016:  {unauthorizedClient, "", false, "Application was not found in the directory."},
		700024:  {invalidClient, "", false, "Client assertion is not within its valid time range."},
		700027:  {invalidClient, "", false, "The certificate with identifier used to sign the client assertion is not registered on application."},
		700082:  {invalidGrant, "", false, "The refresh token has expired due to inactivity."},
		7000112: {unauthorizedClient, "", false, "Application is disabled."},
		7000215: {invalidClient, "", false, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."},
		7000222: {invalidClient, "", false, "The provided client secret keys are expired."},
	}
}

// troubles are those that are set.
type troubles struct {
	mu   sync.Mutex
	list []Trouble
	left []int
}

// SetTroubles replaces the errors that token requests meet. One that is not known
// is an error, and changes nothing.
func (e *Entra) SetTroubles(list []Trouble) error {
	all := known()
	left := make([]int, len(list))
	for i, t := range list {
		if _, ok := all[t.Code]; !ok {
			return fmt.Errorf("AADSTS%d cannot be ordered: it is not known, or follows from the tenant's state alone", t.Code)
		}
		left[i] = t.Times
	}
	e.troubles.mu.Lock()
	defer e.troubles.mu.Unlock()
	e.troubles.list, e.troubles.left = list, left
	return nil
}

// Troubles gives them as they were set.
func (e *Entra) Troubles() []Trouble {
	e.troubles.mu.Lock()
	defer e.troubles.mu.Unlock()
	return append([]Trouble{}, e.troubles.list...)
}

// trouble gives the error that a request meets, if any.
func (e *Entra) trouble(app, user, grant string) error {
	e.troubles.mu.Lock()
	defer e.troubles.mu.Unlock()
	for i, t := range e.troubles.list {
		pages := grant == "authorize" && t.Grant != grant // only by name
		if t.App != "" && t.App != app || t.User != "" && t.User != user || t.Grant != "" && t.Grant != grant || pages || t.Times > 0 && e.troubles.left[i] == 0 {
			continue
		}
		e.troubles.left[i]--
		k := known()[t.Code]
		p := &problem{Code: t.Code, Kind: k.kind, Sub: k.sub, Text: k.text}
		if k.claims {
			p.Claims = policyClaims(app)
		}
		if k.claims && user == "" { // nobody who could interact
			p.Kind = accessDenied
		}
		return p
	}
	return nil
}

// policyClaims name the Conditional Access policy that wants something: the client
// hands them back when it has the person sign in (graph-facts §1.8, §1.9).
func policyClaims(app string) string {
	b, _ := json.Marshal(map[string]any{"access_token": map[string]any{ // of texts
		"capolids": map[string]any{"essential": true, "values": []string{world.StableID(53003, "policy", app)}}}})
	return string(b)
}

// signingIn gives the user whom a token request is about, or "".
func (e *Entra) signingIn(c *call) string {
	form := c.form
	if name := form.Get("username"); name != "" {
		o, _ := e.world.User(c.tx, strings.TrimSpace(name))
		return o.ID
	}
	if was, ok := e.refreshes.Get(c.tx, form.Get("refresh_token")); ok {
		return was.User
	}
	if was, ok := e.codes.Get(c.tx, form.Get("code")); ok {
		return was.User
	}
	was, _ := e.devices.Get(c.tx, form.Get("device_code"))
	return was.User
}
