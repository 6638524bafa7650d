package api

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// activityFilters are what the stream can be narrowed by; what is only of the ledger
// leaves out the log's lines, and the other way round.
func activityFilters() []param {
	return []param{{name: "kind", about: "only those of kinds", kind: list, oneOf: []string{"decision", "close", "act", "log"}},
		{name: "app", about: "only those of an app"}, {name: "flow", about: "only those of a flow"}, {name: "tenant", about: "only those of a tenant"},
		{name: "mailbox", about: "only those of a mailbox, by name or id"}, {name: "call", about: "only those of one call"},
		{name: "rule", about: "only what a rule decided"}, {name: "allowed", about: "only what was allowed, or refused", kind: flag},
		{name: "status", about: "only answers of a status, 429, or a class of them, 5xx", sample: "429"},
		{name: "level", about: "only lines of the log, of this level and above", oneOf: []string{"debug", "info", "warn", "error"}},
		{name: "text", about: "only those that have a text somewhere"}}
}

// ActivityFilters names what graphwarden logs tail can be narrowed by.
func ActivityFilters() (names []string) {
	for _, p := range activityFilters() {
		names = append(names, p.name)
	}
	return names
}

// wanted makes the filter of a query.
func wanted(query map[string][]string) func(Activity) bool {
	get := func(name string) string {
		if len(query[name]) == 0 {
			return ""
		}
		return query[name][0]
	}
	var kinds []string
	for _, k := range query["kind"] {
		kinds = append(kinds, strings.Split(k, ",")...)
	}
	least := slog.LevelDebug
	_ = least.UnmarshalText([]byte(get("level"))) // held against its values before
	is := func(name, value, about string) bool {
		want := get(name)
		return want == "" || strings.EqualFold(want, value) || value == "" && strings.EqualFold(want, about)
	}
	return func(x Activity) bool {
		ofLedger := get("call") + get("rule") + get("allowed") + get("status")
		switch {
		case len(kinds) > 0 && !slices.Contains(kinds, x.Kind), x.Kind == "log" && ofLedger != "", x.Kind != "log" && get("level") != "":
			return false
		case get("level") != "" && levelOf(x) < least:
			return false
		case get("allowed") != "" && (x.Allowed == nil || strconv.FormatBool(*x.Allowed) != get("allowed")):
			return false
		case !is("app", x.App, x.About["app"]), !is("flow", x.Flow, x.About["flow"]), !is("tenant", x.Tenant, x.About["tenant"]), !is("call", x.Call, ""), !is("rule", x.Rule, ""):
			return false
		case !is("mailbox", x.Mailbox, x.About["mailbox"]) && !is("mailbox", x.MailboxID, ""):
			return false
		case get("status") != "" && !ofStatus(x.Status, get("status")):
			return false
		}
		return get("text") == "" || x.has(strings.ToLower(get("text")))
	}
}

func levelOf(x Activity) (l slog.Level) {
	_ = l.UnmarshalText([]byte(x.Level)) // it was written by one
	return l
}

// ofStatus says whether a status is one, "429", or of a class, "4xx".
func ofStatus(status int, want string) bool {
	text := strconv.Itoa(status)
	return text == want || len(text) == 3 && strings.EqualFold(text[:1]+"xx", want)
}

// has says whether a text stands anywhere in it.
func (x Activity) has(text string) bool {
	all := []string{x.Call, x.Request, x.App, x.Flow, x.Tenant, x.Method, x.Path, x.Mailbox, x.MailboxID, x.Rule, x.Note, x.Message}
	for name, value := range x.About {
		all = append(all, name+"="+value)
	}
	return slices.ContainsFunc(all, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}
