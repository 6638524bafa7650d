package api

import (
	"net/http"
	"slices"
	"strings"
)

// codes are what a route may refuse, sorted: its own, and what any route may.
func (f *face) codes(rt route) []string {
	out := append([]string{"api.internal", "api.later", "api.query", "storage.*", "store.*"}, rt.codes...)
	if slices.ContainsFunc(rt.query, func(p param) bool { return p.of != "" }) {
		out = append(out, "api.name")
	}
	if strings.Contains(rt.pattern, "{") {
		out = append(out, "api.path")
	}
	if rt.who != anybody {
		if f.apps {
			out = append(out, "api.key_missing", "api.key_unknown", "api.key_expired", "api.key_network", "api.key_revoked", "api.rate")
			out = append(out, "api.entra_app", "api.entra_audience", "api.entra_early", "api.entra_expired", "api.entra_forged", "api.entra_graph",
				"api.entra_keys", "api.entra_network", "api.entra_off", "api.entra_person", "api.entra_tenant")
		} else {
			out = append(out, "api.role", "api.token", "api.token_expired", "api.token_revoked")
		}
		if !f.apps && changes(rt.method()) {
			out = append(out, "api.unrecorded")
		}
	}
	if f.apps && rt.writes {
		out = append(out, "api.key_scope")
	}
	if f.apps && strings.Contains(rt.pattern, "{tenant}") {
		out = append(out, "api.not_there")
	}
	if rt.in != nil {
		out = append(out, "api.body", "api.body_kind", "api.body_large", "api.field")
	}
	if f.apps && !rt.repeats.keyless() && (rt.method() == http.MethodPost || rt.repeats == own) {
		out = append(out, "api.idempotency_key", "api.idempotency_mismatch", "api.idempotency_in_hand", "api.body_large")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// refusals are the statuses that a route's description names besides default.
func (f *face) refusals(rt route) []int {
	out := []int{http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable}
	for _, code := range f.codes(rt) {
		switch code {
		case "api.token", "api.key_missing":
			out = append(out, http.StatusUnauthorized)
		case "api.key_network", "api.key_scope", "api.role":
			out = append(out, http.StatusForbidden)
		case "api.not_there":
			out = append(out, http.StatusNotFound)
		case "api.idempotency_in_hand":
			out = append(out, http.StatusConflict)
		case "api.body_large":
			out = append(out, http.StatusRequestEntityTooLarge)
		case "api.body_kind":
			out = append(out, http.StatusUnsupportedMediaType)
		case "api.idempotency_mismatch":
			out = append(out, http.StatusUnprocessableEntity)
		case "api.rate":
			out = append(out, http.StatusTooManyRequests)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tag is the noun that a route is about: the part of its path after /v1.
func (rt route) tag() string {
	var nouns []string
	for part := range strings.SplitSeq(strings.TrimPrefix(rt.path(), "/"), "/") {
		if part != "v1" && !strings.HasPrefix(part, "{") {
			nouns = append(nouns, strings.TrimSuffix(part, ".json"))
		}
	}
	// What is below a tenant is told apart by what it is.
	for _, noun := range []string{"events", "calendars", "presence", "messages", "mailboxes"} {
		if slices.Contains(nouns, noun) {
			return noun
		}
	}
	return nouns[0]
}

// tagWords says what a noun is.
func tagWords(tag string) string {
	words := map[string]string{
		"apps": "Apps and their keys.", "calendars": "Calendars of mailboxes, from the local copy.", "changes": "What changed, in order.",
		"connections": "Registrations that work, or do not.", "deliveries": "Changes on their way to sinks.", "events": "Events of calendars.",
		"errors": "What the codes of problems mean.", "feeds": "Streams of changes out of Microsoft 365.", "flows": "What apps may do.", "healthz": "Whether the process lives.",
		"key": "The key that seals tokens.", "keys": "Keys of apps.", "mailboxes": "Mailboxes that flows name.", "metrics": "What is measured.",
		"notices": "What operators have to know.", "openapi": "This description.", "presence": "Who is there.", "messages": "Mail.",
		"operators": "Those who run Graphwarden.", "readyz": "Whether the server can work.", "replays": "Changes told once more.", "sign-ins": "People who sign in.",
		"sinks": "Where changes go.", "skipped": "Mailboxes that are not read.", "status": "The server.", "tenants": "Microsoft 365 organisations.",
		"schedule": "Who is free and busy.", "writes": "What apps have written."}
	if words[tag] == "" {
		return capital(tag) + "."
	}
	return words[tag]
}

// pathWords says what a part of a path is.
func pathWords(name string) string {
	words := map[string]string{
		"tenant": "The tenant, by its name in the configuration.", "registration": "The registration, by its name in the configuration.",
		"mailbox": "The mailbox, by its name (anna@contoso.com) or its object id.", "id": "The id, as a list gives it.", "code": "The code, such as api.field.",
		"app": "The app, by its name in the configuration.", "key": "The id of the key, key_…", "token": "The id of the operator's token, tok_…", "event": "The event's id.", "calendar": "The calendar's id."}
	if words[name] == "" {
		return capital(name) + "."
	}
	return words[name]
}
