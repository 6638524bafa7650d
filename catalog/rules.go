package catalog

import (
	"slices"
	"strings"
)

// rewrite says that an operation which the table lacks needs what another one
// needs. Rewrites concern only operations that the table and the corrections
// lack; the fewest that lead to a known operation are taken, in their order,
// each at most once.
type rewrite struct {
	name   string
	reason string
	source string
	// apply returns the other operation; false if the rule does not concern
	// this one. It leaves segs as they are.
	apply func(m method, segs []string) (method, []string, bool)
}

// namespace begins casts and qualified names of functions and actions.
const namespace = "microsoft.graph."

// rewrites is the table of the fallback rules.
func rewrites() []rewrite {
	return []rewrite{
		{"count", "the number of items tells less than the items",
			"Microsoft's list pages give $count the permissions of the list (group-list-members, user-list-transitivememberof)", countAsCollection},
		{"value", "the raw value is the item",
			"attachment-get, profilephoto-get: one permission table for the item and its $value", valueAsItem},
		{"reference", "a link tells less than the object it leads to",
			"OData 4.01 part 2, section 4.8", linkAsTarget},
		{"cast", "a cast narrows the collection",
			"user-list-memberof, group-list-members: the cast stands on the page of the collection", castAsCollection},
		{"qualified name", "a bound function may be called by its full name",
			"OData 4.01 part 2, section 4.5", qualifiedAsPlain},
		{"arguments", "the table names some functions without their arguments",
			"driveitem-delta, authenticationmethodsroot-usersregisteredbyfeature: one permission table with and without", dropArguments},
		{"occurrence as event", "occurrences of a series are events",
			"event-list-instances, event-update: an occurrence is addressed and changed as an event", occurrenceAsEvent},
		{"calendar of an event", "the event's calendar is a calendar of its owner",
			"calendar-get, calendarpermission-delete: one table for each way to the calendar", eventCalendarAsCalendar},
		{"calendar group", "a calendar in a group of calendars is a calendar",
			"calendar-get, event-get: one table for each way to the calendar", ungroupCalendar},
		{"default calendar", "the default calendar is one of the calendars",
			"event-list, calendar-get, calendar-update: one table for each way to the calendar", flipCalendar},
		{"events of a calendar", "an owner's events are those of the default calendar",
			"event-list, calendar-list-calendarview: one table for each way to the events", dropCalendar},
		{"owner", "/me is the signed-in user's /users/{id}",
			"every Outlook page lists both forms under one permission table", flipOwner},
		{"delta", "a delta round reads what the list reads",
			"event-delta, user-delta: the permissions of the list", deltaAsList},
		{"extension", "open extensions are read and written with their item",
			"opentypeextension-get, opentypeextension-post-opentypeextension: the item's permissions", extensionAsItem},
		{"item of its collection", "the table lists the collection only",
			"attachment-get, attachment-delete, calendar-update, approleassignment-get: the permissions of reading and adding", itemAsCollection},
	}
}

func countAsCollection(m method, segs []string) (method, []string, bool) {
	return m, trim(segs, 1), m == get && last(segs) == "$count"
}

func valueAsItem(m method, segs []string) (method, []string, bool) {
	return m, trim(segs, 1), last(segs) == "$value"
}

func linkAsTarget(m method, segs []string) (method, []string, bool) {
	return m, trim(segs, 1), m == get && last(segs) == "$ref"
}

func castAsCollection(m method, segs []string) (method, []string, bool) {
	out := slices.DeleteFunc(slices.Clone(segs), func(s string) bool { return isCast(s) })
	return m, out, len(out) < len(segs)
}

// isCast says whether the segment names one of the types that directory
// collections and attachments are cast to; other qualified names are functions
// and actions.
func isCast(segment string) bool {
	kind, ok := strings.CutPrefix(segment, namespace)
	if !ok {
		return false
	}
	switch kind {
	case "administrativeunit", "application", "device", "directoryobject", "directoryrole", "endpoint",
		"fileattachment", "group", "itemattachment", "orgcontact", "referenceattachment", "serviceprincipal", "user":
		return true
	}
	return false
}

func qualifiedAsPlain(m method, segs []string) (method, []string, bool) {
	plain, ok := strings.CutPrefix(last(segs), namespace)
	if !ok {
		return 0, nil, false
	}
	return m, append(slices.Clone(trim(segs, 1)), strings.TrimSuffix(plain, "()")+"()"), true
}

func dropArguments(m method, segs []string) (method, []string, bool) {
	function, arguments, ok := strings.Cut(last(segs), "(")
	if !ok || arguments == ")" {
		return 0, nil, false
	}
	return m, append(slices.Clone(trim(segs, 1)), function+"()"), true
}

func occurrenceAsEvent(m method, segs []string) (method, []string, bool) {
	for i := 1; i+1 < len(segs); i++ {
		switch {
		case segs[i] == "instances" && i >= 2 && segs[i-2] == "events" && isKey(segs[i-1]):
			return m, slices.Concat(segs[:i-1], segs[i+1:]), true
		case segs[i] == "calendarview" && isKey(segs[i+1]):
			return m, slices.Concat(segs[:i], []string{"events"}, segs[i+1:]), true
		}
	}
	return 0, nil, false
}

func eventCalendarAsCalendar(m method, segs []string) (method, []string, bool) {
	_, at, ok := owner(segs)
	if !ok {
		return 0, nil, false
	}
	for i := at; i+2 < len(segs); i++ {
		if segs[i] == "events" && isKey(segs[i+1]) && segs[i+2] == "calendar" {
			return m, slices.Concat(segs[:at], segs[i+2:]), true
		}
	}
	return 0, nil, false
}

func flipOwner(m method, segs []string) (method, []string, bool) {
	kind, at, ok := owner(segs)
	switch {
	case !ok || kind == "groups":
		return 0, nil, false
	case kind == "me":
		return m, append([]string{"users", anyID}, segs[at:]...), true
	}
	return m, append([]string{"me"}, segs[at:]...), true
}

func ungroupCalendar(m method, segs []string) (method, []string, bool) {
	_, at, ok := owner(segs)
	if !ok || len(segs) < at+3 || segs[at] != "calendargroups" || !isKey(segs[at+1]) || segs[at+2] != "calendars" {
		return 0, nil, false
	}
	return m, slices.Concat(segs[:at], segs[at+2:]), true
}

func flipCalendar(m method, segs []string) (method, []string, bool) {
	_, at, ok := owner(segs)
	switch {
	case !ok || len(segs) <= at:
		return 0, nil, false
	case segs[at] == "calendar":
		return m, slices.Concat(segs[:at], []string{"calendars", anyID}, segs[at+1:]), true
	case segs[at] == "calendars" && len(segs) > at+1 && isKey(segs[at+1]):
		return m, slices.Concat(segs[:at], []string{"calendar"}, segs[at+2:]), true
	}
	return 0, nil, false
}

func dropCalendar(m method, segs []string) (method, []string, bool) {
	_, at, ok := owner(segs)
	switch {
	case !ok || len(segs) <= at+1:
		return 0, nil, false
	case segs[at] == "calendar":
		return m, slices.Concat(segs[:at], segs[at+1:]), true
	case segs[at] == "calendars" && len(segs) > at+2 && isKey(segs[at+1]):
		return m, slices.Concat(segs[:at], segs[at+2:]), true
	}
	return 0, nil, false
}

func deltaAsList(m method, segs []string) (method, []string, bool) {
	return m, trim(segs, 1), m == get && strings.TrimSuffix(last(segs), "()") == "delta"
}

func extensionAsItem(m method, segs []string) (method, []string, bool) {
	i := slices.Index(segs, "extensions")
	if i < 1 || len(segs) > i+2 || len(segs) == i+2 && !isKey(segs[i+1]) {
		return 0, nil, false
	}
	if m != get {
		m = patch
	}
	return m, segs[:i], true
}

// itemAsCollection lets reading an item need what listing needs, and changing
// or deleting one what adding one needs, in the named collections only.
func itemAsCollection(m method, segs []string) (method, []string, bool) {
	if len(segs) < 2 || !isKey(last(segs)) {
		return 0, nil, false
	}
	switch segs[len(segs)-2] {
	case "attachments", "calendars", "calendargroups":
		if m != get {
			m = post
		}
		return m, trim(segs, 1), true
	case "approleassignedto", "approleassignments", "members", "owners":
		return m, trim(segs, 1), m == get
	}
	return 0, nil, false
}

// owner finds whose things a path leads to: me, users or groups, and where the
// rest of the path begins.
func owner(segs []string) (kind string, rest int, ok bool) {
	switch {
	case len(segs) >= 1 && segs[0] == "me":
		return "me", 1, true
	case len(segs) >= 2 && (segs[0] == "users" || segs[0] == "groups") && isKey(segs[1]):
		return segs[0], 2, true
	}
	return "", 0, false
}

func last(segs []string) string {
	if len(segs) == 0 {
		return ""
	}
	return segs[len(segs)-1]
}

func trim(segs []string, n int) []string {
	return segs[:max(0, len(segs)-n)]
}
