package item

import (
	"encoding/json"
	"strings"
)

// Private says whether an event is for nobody but those who are in it: its
// sensitivity is private or confidential, or is one that we do not know (Graph's
// sensitivity has normal, personal, private and confidential). An event without
// one is normal, as in Graph.
func Private(raw json.RawMessage) bool {
	list, err := properties(raw)
	if err != nil {
		return true
	}
	for _, p := range list {
		if !strings.EqualFold(p.name, "sensitivity") || string(p.value) == "null" {
			continue
		}
		if s, ok := text(p.value); !ok || s != "normal" && s != "personal" {
			return true
		}
	}
	return false
}

// Mask gives what anybody may see of a private event: when it is, whether it
// occupies the time, and which series it belongs to. What is not on this list,
// or is not of the kind that Graph documents, is hidden.
func Mask(raw json.RawMessage) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	var kept []property
	for _, p := range list {
		switch p.name {
		case "id", "@odata.type", "@odata.etag", "type", "showAs", "sensitivity", "seriesMasterId", "occurrenceId":
			if _, ok := text(p.value); ok || string(p.value) == "null" {
				kept = append(kept, p)
			}
		case "isAllDay", "isCancelled":
			if v := string(p.value); v == "true" || v == "false" || v == "null" {
				kept = append(kept, p)
			}
		case "start", "end":
			kept = append(kept, property{p.name, maskTime(p.value)})
		}
	}
	return object(kept)
}

// maskTime keeps a dateTimeTimeZone's two texts.
func maskTime(raw json.RawMessage) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("null")
	}
	var kept []property
	for _, p := range list {
		if _, ok := text(p.value); ok && (p.name == "dateTime" || p.name == "timeZone") {
			kept = append(kept, p)
		}
	}
	return object(kept)
}
