package item

import "encoding/json"

// MaskSchedule gives an answer to getSchedule without what a person wrote: of each
// item whether it occupies the time, and when. Graph says of an item whether it is
// private and not whether it is confidential, so that it is of all of them.
func MaskSchedule(raw json.RawMessage) json.RawMessage {
	return inList(raw, "value", MaskPerson)
}

// MaskPerson is MaskSchedule for what is told of one person.
func MaskPerson(raw json.RawMessage) json.RawMessage { return inList(raw, "scheduleItems", maskBusy) }

// maskBusy keeps what anybody may know of a scheduleItem.
func maskBusy(raw json.RawMessage) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	var kept []property
	for _, p := range list {
		switch p.name {
		case "@odata.type", "status":
			if _, ok := text(p.value); ok {
				kept = append(kept, p)
			}
		case "isPrivate":
			if v := string(p.value); v == "true" || v == "false" {
				kept = append(kept, p)
			}
		case "start", "end":
			kept = append(kept, property{p.name, maskTime(p.value)})
		}
	}
	return object(kept)
}

// inList changes each member of a list that is a property of an object.
func inList(raw json.RawMessage, name string, change func(json.RawMessage) json.RawMessage) json.RawMessage {
	list, err := properties(raw)
	if err != nil {
		return json.RawMessage("{}")
	}
	for i, p := range list {
		if p.name != name {
			continue
		}
		var members []json.RawMessage
		if json.Unmarshal(p.value, &members) != nil {
			members = nil
		}
		out := []byte{'['}
		for n, m := range members {
			if n > 0 {
				out = append(out, ',')
			}
			out = append(out, change(m)...)
		}
		list[i].value = append(out, ']')
	}
	return object(list)
}
