package item

import (
	"crypto/sha256"
	"encoding/json"
	"strings"
)

// Gist stands for what an event says apart from its version, from what never changes, and
// from what is null: Microsoft shows these in some answers and not in others. Two events of the same gist say
// the same. What is no event has the zero Gist.
func Gist(body json.RawMessage) [32]byte { return gist(body, func(map[string]any) {}) }

// GistUnanswered is the Gist of an invitation apart from what follows from an answer.
func GistUnanswered(body json.RawMessage) [32]byte {
	return gist(body, func(event map[string]any) {
		delete(event, "responseStatus")
		delete(event, "showAs")
		delete(event, "type") // a date that is answered is an exception
		delete(event, "originalStart")
		attendees, _ := event["attendees"].([]any)
		for _, a := range attendees {
			if person, ok := a.(map[string]any); ok {
				delete(person, "status")
				delete(person, "proposedNewTime")
			}
		}
	})
}

func gist(body json.RawMessage, without func(event map[string]any)) [32]byte {
	var event map[string]any
	if json.Unmarshal(body, &event) != nil || len(event) == 0 {
		return [32]byte{}
	}
	for name, value := range event {
		if value == nil || strings.Contains(name, "@odata.") || strings.HasPrefix(name, "singleValueExtendedProperties") {
			delete(event, name)
		}
	}
	for _, name := range []string{"changeKey", "lastModifiedDateTime", "cancelledOccurrences", "exceptionOccurrences",
		"transactionId", "createdDateTime", "webLink"} {
		delete(event, name)
	}
	without(event)
	plain, err := json.Marshal(event) // of a map it is in order
	if err != nil {
		return [32]byte{}
	}
	return sha256.Sum256(plain)
}
