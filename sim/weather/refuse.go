package weather

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// refuse answers with a rule's status, in the words of whoever is asked: Graph's
// envelope (graph-facts §2.1, §5), or Entra's error (§1.9).
func (w *Weather) refuse(out http.ResponseWriter, r *http.Request, rule Rule) {
	h := out.Header()
	if rule.RetryAfter > 0 {
		h.Set("Retry-After", fmt.Sprint(rule.RetryAfter))
	}
	h.Set("Content-Type", "application/json")
	var body map[string]any
	if strings.HasPrefix(r.URL.Path, "/v1.0/") || strings.HasPrefix(r.URL.Path, "/beta/") {
		body = w.envelope(h, r, rule.Status)
	} else {
		body = map[string]any{"error": "temporarily_unavailable", "error_codes": []int{90033},
			"error_description": "AADSTS90033: A transient error has occurred."}
	}
	out.WriteHeader(rule.Status)
	_ = json.NewEncoder(out).Encode(body) // a client that hung up is its own affair
}

func (w *Weather) envelope(h http.Header, r *http.Request, status int) map[string]any {
	code, message := words(r.URL.Path, status)
	id := world.StableID(w.count(), "weather")
	client := r.Header.Get("client-request-id")
	if client == "" {
		client = id
	}
	h.Set("request-id", id)
	h.Set("client-request-id", client)
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="`+world.GraphAppID+`"`)
	}
	return map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": map[string]any{
		"date": w.now().UTC().Format("2006-01-02T15:04:05"), "request-id": id, "client-request-id": client}}}
}

func (w *Weather) count() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused++
	return w.refused
}

// words are code and message of a Graph error.
func words(path string, status int) (code, message string) {
	switch status {
	case http.StatusUnauthorized:
		return "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."
	case http.StatusGone:
		if isDirectory(path) {
			return "resyncRequired", "Resync required. Replace any local items with the server's version."
		}
		return "SyncStateNotFound", "The sync state generation is not found."
	case http.StatusTooManyRequests:
		if isDirectory(path) {
			return "TooManyRequests", "Please retry again later."
		}
		return "ApplicationThrottled", "Application is over its MailboxConcurrency limit."
	case http.StatusServiceUnavailable:
		return "ServiceUnavailable", "The service is temporarily unavailable."
	}
	return "UnknownError", ""
}

// isDirectory tells the directory's collections from what lies in mailboxes.
func isDirectory(path string) bool {
	for _, inMailbox := range []string{"calendar", "event", "message", "mailFolder", "contact"} {
		if strings.Contains(strings.ToLower(path), strings.ToLower(inMailbox)) {
			return false
		}
	}
	return true
}
