package outlook

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Extended is an extended property: a MAPI property by its own name, with one
// value or several (Microsoft Graph, singleValueLegacyExtendedProperty).
type Extended struct {
	ID     string   `json:"id"`
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty"`
	Multi  bool     `json:"multi,omitempty"`
}

// extendedID is the form of an extended property's id: a type, and a namespace
// with a name or number, or a tag (documentation of extended properties).
var extendedID = regexp.MustCompile(`(?i)^[a-z0-9]+ (\{[0-9a-f-]{36}\} (Name \S.*|Id 0x[0-9a-f]{1,8})|0x[0-9a-f]{1,8})$`)

// ReadExtended reads extended properties into those that are there, each in
// place of an older one with its id. Multi says that they have several values.
func ReadExtended(there []Extended, name string, v any, multi bool) ([]Extended, error) {
	values, ok := v.([]any)
	if !ok {
		return nil, BadProperty(name, "a collection is expected.")
	}
	all := slices.Clone(there)
	for _, value := range values {
		d, _ := value.(Doc)
		x := Extended{ID: Text(d, "id"), Multi: multi}
		if !extendedID.MatchString(x.ID) {
			return nil, Refuse(http.StatusBadRequest, "ErrorInvalidPropertyId", "The extended property id '%s' is invalid.", x.ID)
		}
		var err error
		if multi {
			x.Values, err = Texts(name, d["value"])
		} else {
			x.Value, err = String(name, d["value"])
		}
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(o Extended) bool { return sameExtended(o.ID, x.ID) })
		all = append(all, x)
	}
	return all, nil
}

// sameExtended compares the ids of extended properties; type, namespace and
// number compare without case, names with it.
func sameExtended(a, b string) bool {
	at, bt := strings.SplitN(a, " Name ", 2), strings.SplitN(b, " Name ", 2)
	return strings.EqualFold(at[0], bt[0]) && slices.Equal(at[1:], bt[1:])
}

// ExtendedDocs writes the properties that have several values, or those that
// have one.
func ExtendedDocs(all []Extended, multi bool) []any {
	out := []any{}
	for _, x := range all {
		switch {
		case x.Multi != multi:
		case multi:
			out = append(out, Doc{"id": x.ID, "value": List(x.Values)})
		default:
			out = append(out, Doc{"id": x.ID, "value": x.Value})
		}
	}
	return out
}
