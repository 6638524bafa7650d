package item

import (
	"bytes"
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

// Without gives an item without the properties whose names are hidden; nil when it
// cannot be read.
func Without(raw json.RawMessage, hidden func(name string) bool) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return nil
	}
	return object(slices.DeleteFunc(list, func(p property) bool { return hidden(p.name) }))
}

// Map gives an item with its values as change gives them, and the item itself, byte for
// byte, where it changes none; "{}" when it cannot be read.
func Map(raw json.RawMessage, change func(name string, value json.RawMessage) json.RawMessage) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	changed := false
	for i, p := range list {
		list[i].value = change(p.name, p.value)
		changed = changed || !bytes.Equal(list[i].value, p.value)
	}
	if !changed {
		return raw
	}
	return object(list)
}

// ETag gives the version that an item says it is; "" when it says none.
func ETag(raw json.RawMessage) string { return textOf(raw, "@odata.etag") }

// ID gives the id of an item; "" when it says none.
func ID(raw json.RawMessage) string { return textOf(raw, "id") }

// Type gives the type that an item says it is of, as OData writes it; "" when it says none.
func Type(raw json.RawMessage) string { return textOf(raw, "@odata.type") }

// textOf gives a property that is a text; "" when there is none.
func textOf(raw json.RawMessage, name string) string {
	list, _ := properties(raw) // without any it says none
	for _, p := range list {
		if p.name != name {
			continue
		}
		if s, ok := text(p.value); ok {
			return s
		}
	}
	return ""
}
