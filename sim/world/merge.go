package world

import "maps"

// Merge gives have with what set says over it. Members of a structured property
// that set does not name stay (OData 4.01 Part 1, 11.4.3). Neither is changed.
func Merge(have, set Doc) Doc {
	out := maps.Clone(have)
	for name, value := range set {
		old, wasDoc := have[name].(Doc)
		if over, isDoc := value.(Doc); isDoc && wasDoc {
			both := maps.Clone(old)
			maps.Copy(both, over)
			value = both
		}
		out[name] = value
	}
	return out
}
