package item

import (
	"encoding/json"
	"slices"
)

// Select gives an item with the chosen properties, its id and its annotations of
// type and version. Without any it gives the item as it is.
func Select(raw json.RawMessage, fields []string) json.RawMessage {
	if len(fields) == 0 {
		return raw
	}
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	kept := slices.DeleteFunc(list, func(p property) bool {
		switch p.name {
		case "id", "@odata.type", "@odata.etag":
			return false
		}
		return !slices.Contains(fields, p.name)
	})
	return object(kept)
}

// ETag gives the version that an item says it is; "" when it says none.
func ETag(raw json.RawMessage) string {
	list, _ := properties(raw) // without any it says none
	for _, p := range list {
		if s, ok := text(p.value); ok && p.name == "@odata.etag" {
			return s
		}
	}
	return ""
}
