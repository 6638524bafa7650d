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

// Open says whether an event says of itself that it is not private. One that does not
// say it may be private all the same: it came without some of its properties.
func Open(raw json.RawMessage) bool { return !Private(raw) && textOf(raw, "sensitivity") != "" }

// Shown are the properties that Mask keeps of an event.
func Shown() []string {
	return []string{"id", "start", "end", "isAllDay", "isCancelled", "showAs", "type", "sensitivity", "seriesMasterId", "occurrenceId"}
}

// Unasked are the properties of a private event that an app may change which is shown
// its time only. Whether Microsoft takes them depends on nothing that is hidden, and
// nobody is sent what stands in the event: attendees would be. A new body would tell by
// its refusal whether the meeting is online, an answer who organizes it.
func Unasked() []string {
	return []string{"subject", "start", "end", "isAllDay", "location", "locations", "importance", "showAs", "categories", "isReminderOn", "reminderMinutesBeforeStart"}
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

// MaskChange is Mask for what delta tells: that an event is gone stays told.
func MaskChange(raw json.RawMessage) json.RawMessage {
	list, _ := properties(raw) // what is not to be read is masked away
	for _, p := range list {
		if p.name != "@removed" {
			continue
		}
		reason := quoted(textOf(p.value, "reason"))
		kept, err := properties(Mask(raw))
		if err != nil {
			break
		}
		return object(append(kept, property{p.name, json.RawMessage(`{"reason":` + string(reason) + `}`)}))
	}
	return Mask(raw)
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
