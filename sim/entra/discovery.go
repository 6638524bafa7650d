package entra

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// answer writes JSON as Entra does: never cached, readable from any page.
func answer(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Access-Control-Allow-Origin", "*")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that hung up is its own affair
}

// discover answers OpenID discovery (graph-facts §1.1). The older version differs
// in the issuer, which is that of Graph's tokens; its endpoints are not simulated,
// so it names the newer ones.
func (e *Entra) discover(w http.ResponseWriter, r *http.Request) {
	m, err := e.realm(r)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	here := origin(r)
	base := here + "/" + m.Name
	id := e.world.TenantID
	if m.kind != concrete {
		id = "{tenantid}"
	}
	issuer := here + "/" + id + "/v2.0"
	if !strings.Contains(r.URL.Path, "/v2.0/") {
		issuer = "https://sts.windows.net/" + id + "/"
	}
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"end_session_endpoint":                  base + "/oauth2/v2.0/logout",
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"userinfo_endpoint":                     here + "/oidc/userinfo",
		"kerberos_endpoint":                     base + "/kerberos",
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name",
			"tid", "ver", "oid", "email"},
		"request_uri_parameter_supported": false,
		"http_logout_supported":           true,
		"frontchannel_logout_supported":   true,
		"tenant_region_scope":             "EU",
		"cloud_instance_name":             "microsoftonline.com",
		"cloud_graph_host_name":           "graph.windows.net",
		"msgraph_host":                    "graph.microsoft.com",
		"rbac_url":                        "https://pas.windows.net",
	})
}

// jwks answers with the key that verifies id tokens.
func (e *Entra) jwks(w http.ResponseWriter, r *http.Request) {
	if _, err := e.realm(r); err != nil {
		e.fail(w, r, err)
		return
	}
	key, err := e.key()
	if err != nil {
		e.fail(w, r, err)
		return
	}
	entry, err := key.Public(origin(r) + "/{tenantid}/v2.0")
	if err != nil {
		e.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{entry}})
}

// instance answers instance discovery, by which clients learn that an authority
// is Microsoft's: the one that serves this request, and the public cloud's hosts.
func (e *Entra) instance(w http.ResponseWriter, r *http.Request) {
	asked, err := url.Parse(r.URL.Query().Get("authorization_endpoint"))
	cloud := []string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"}
	switch {
	case err != nil || asked.Host == "":
		e.fail(w, r, refuse(50050, invalidRequest, "The discovery request is malformed."))
		return
	case asked.Host == r.Host && !slices.Contains(cloud, asked.Host):
		cloud = []string{asked.Host}
	case !slices.Contains(cloud, asked.Host):
		e.fail(w, r, refuse(50049, "invalid_instance", "Unknown or invalid instance."))
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + asked.Host + "/common/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata": []any{map[string]any{
			"preferred_network": cloud[0], "preferred_cache": cloud[min(1, len(cloud)-1)], "aliases": cloud,
		}},
	})
}

// userRealm says that a user's password is kept by Entra itself. MSAL asks before
// it signs in by user name and password; the answer's form is the one that MSAL
// reads.
func (e *Entra) userRealm(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"ver": "1.0", "account_type": "Managed", "domain_name": e.world.Domain,
		"cloud_instance_name": "microsoftonline.com", "cloud_audience_urn": "urn:federation:MicrosoftOnline",
	})
}
