package calendar

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// openExtension is the only kind of extension that events have (Microsoft Graph,
// openTypeExtension); extensionID is what its id begins with.
const (
	openExtension = "#microsoft.graph.openTypeExtension"
	extensionID   = "Microsoft.OutlookServices.OpenTypeExtension."
)

// extend takes the extensions of a new event's body over.
func (c *Calendars) extend(e *Event, v any) error {
	values, _ := v.([]any)
	for _, value := range values {
		d, _ := value.(Doc)
		if err := addExtension(e, d); err != nil {
			return err
		}
	}
	return nil
}

func addExtension(e *Event, body Doc) error {
	name := outlook.Text(body, "extensionName")
	if name == "" {
		return outlook.BadProperty("extensionName", "it is required.")
	}
	if _, there := e.Extension(name); there {
		return outlook.Refuse(http.StatusConflict, "ErrorExtensionAlreadyExists", "An extension named '%s' already exists.", name)
	}
	d := maps.Clone(body)
	d["@odata.type"], d["id"] = openExtension, extensionID+name
	e.Extensions = append(e.Extensions, d)
	return nil
}

// Extension gives an event's open extension by its name or id.
func (e *Event) Extension(name string) (Doc, bool) {
	name = strings.TrimPrefix(name, extensionID)
	for _, d := range e.Extensions {
		if outlook.Text(d, "extensionName") == name {
			return d, true
		}
	}
	return nil, false
}

// AddExtension gives an event an open extension.
func (c *Calendars) AddExtension(tx *state.Tx, e *Event, body Doc) (Doc, error) {
	x := e.clone()
	x.Extensions = slices.Clone(x.Extensions)
	if err := addExtension(x, body); err != nil {
		return nil, err
	}
	c.store(tx, x, "extensions")
	return x.Extensions[len(x.Extensions)-1], nil
}

// ChangeExtension replaces the data of an open extension; without a body it is
// removed (documentation of openTypeExtension, update and delete).
func (c *Calendars) ChangeExtension(tx *state.Tx, e *Event, name string, body Doc) (Doc, error) {
	old, ok := e.Extension(name)
	if !ok {
		return nil, outlook.NotFound()
	}
	x := e.clone()
	x.Extensions = slices.DeleteFunc(slices.Clone(x.Extensions), func(d Doc) bool { return d["id"] == old["id"] })
	var changed Doc
	if body != nil {
		changed = maps.Clone(old)
		maps.Copy(changed, body)
		for _, fixed := range []string{"@odata.type", "id", "extensionName"} {
			changed[fixed] = old[fixed]
		}
		maps.DeleteFunc(changed, func(_ string, v any) bool { return v == nil })
		x.Extensions = append(x.Extensions, changed)
	}
	c.store(tx, x, "extensions")
	return changed, nil
}
