package outlook

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Extensions are the open extensions of an item, each with its annotations
// (Microsoft Graph, openTypeExtension). They are never changed in place.
type Extensions []Doc

// openExtension is the only kind of extension that items have; extensionID is
// what its id begins with.
const (
	openExtension = "#microsoft.graph.openTypeExtension"
	extensionID   = "Microsoft.OutlookServices.OpenTypeExtension."
)

// Find gives an extension by its name or id.
func (x Extensions) Find(name string) (Doc, bool) {
	name = strings.TrimPrefix(name, extensionID)
	for _, d := range x {
		if Text(d, "extensionName") == name {
			return d, true
		}
	}
	return nil, false
}

// With gives the extensions with one more.
func (x Extensions) With(body Doc) (Extensions, error) {
	name := Text(body, "extensionName")
	if name == "" {
		return x, BadProperty("extensionName", "it is required.")
	}
	if _, there := x.Find(name); there {
		return x, Refuse(http.StatusConflict, "ErrorExtensionAlreadyExists", "An extension named '%s' already exists.", name)
	}
	d := maps.Clone(body)
	d["@odata.type"], d["id"] = openExtension, extensionID+name
	return append(slices.Clone(x), d), nil
}

// Changed gives the extensions with other data in one of them, which comes last;
// what is null in the body is removed.
func (x Extensions) Changed(name string, body Doc) (Extensions, error) {
	old, ok := x.Find(name)
	if !ok {
		return x, NotFound()
	}
	d := maps.Clone(old)
	maps.Copy(d, body)
	for _, fixed := range []string{"@odata.type", "id", "extensionName"} {
		d[fixed] = old[fixed]
	}
	maps.DeleteFunc(d, func(_ string, v any) bool { return v == nil })
	rest, err := x.Without(name)
	return append(rest, d), err
}

// Without gives the extensions without one of them.
func (x Extensions) Without(name string) (Extensions, error) {
	old, ok := x.Find(name)
	if !ok {
		return x, NotFound()
	}
	return slices.DeleteFunc(slices.Clone(x), func(d Doc) bool { return d["id"] == old["id"] }), nil
}
