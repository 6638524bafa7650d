package outlook

import "strings"

// Location is where an event takes place (Microsoft Graph, location).
type Location struct {
	Name        string `json:"name,omitempty"`
	Type        string `json:"type,omitempty"`
	Email       string `json:"email,omitempty"`
	URI         string `json:"uri,omitempty"`
	Address     Doc    `json:"address,omitempty"`
	Coordinates Doc    `json:"coordinates,omitempty"`
}

// locationTypes are the members of Graph's enumeration.
func locationTypes() []string {
	return []string{"default", "conferenceRoom", "homeAddress", "businessAddress", "geoCoordinates",
		"streetAddress", "hotel", "restaurant", "localBusiness", "postalAddress"}
}

// ReadLocation reads a location.
func ReadLocation(name string, v any) (Location, error) {
	d, ok := v.(Doc)
	if !ok {
		return Location{}, BadProperty(name, "a location is expected.")
	}
	l := Location{Name: Text(d, "displayName"), Email: Text(d, "locationEmailAddress"), URI: Text(d, "locationUri")}
	l.Address, _ = d["address"].(Doc)
	l.Coordinates, _ = d["coordinates"].(Doc)
	var err error
	l.Type, err = Enum(name+".locationType", d["locationType"], locationTypes()...)
	return l, err
}

// Doc writes the location with what Exchange adds to it: a name that the client
// chose is its own private id (documentation of Create event, responses).
func (l Location) Doc() Doc {
	d := Doc{"displayName": l.Name, "locationType": l.Type, "uniqueIdType": "unknown"}
	if l.Type == "" {
		d["locationType"] = "default"
	}
	if l.Name != "" {
		d["uniqueId"], d["uniqueIdType"] = l.Name, "private"
	}
	for name, value := range map[string]string{"locationEmailAddress": l.Email, "locationUri": l.URI} {
		if value != "" {
			d[name] = value
		}
	}
	if l.Address != nil {
		d["address"] = l.Address
	}
	if l.Coordinates != nil {
		d["coordinates"] = l.Coordinates
	}
	return d
}

// Place writes where something takes place that has these locations: the only
// one, or the names of all (documentation of Get event, example with several
// locations).
func Place(all []Location) Doc {
	switch len(all) {
	case 0:
		return Location{}.Doc()
	case 1:
		return all[0].Doc()
	}
	return Location{Name: PlaceName(all)}.Doc()
}

// PlaceName names all locations.
func PlaceName(all []Location) string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.Name
	}
	return strings.Join(names, "; ")
}

// LocationDocs writes the locations one by one.
func LocationDocs(all []Location) []any {
	docs := make([]any, len(all))
	for i, l := range all {
		docs[i] = l.Doc()
	}
	return docs
}
