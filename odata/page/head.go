package page

// Head is what the local copy needs to know of an item; fields are empty when
// the item has no such member.
type Head struct {
	ID        string
	ETag      string // @odata.etag
	ChangeKey string
	Type      string // @odata.type
	// Removed is the reason in @removed: "deleted", or "changed" for what went
	// out of sight or was deleted softly (graph-facts.md section 3.2).
	Removed string
}

// ReadHead reads the head of one raw item. The error is a *SyntaxError: the
// item is not one JSON object, or one of these members is neither a string nor
// null, or has two values.
func ReadHead(raw []byte) (Head, error) {
	var h Head
	s := &scanner{b: raw}
	err := s.members(func(name []byte) (bool, error) {
		switch string(name) {
		case "id":
			return true, s.once(&h.ID)
		case ETag:
			return true, s.once(&h.ETag)
		case "changeKey":
			return true, s.once(&h.ChangeKey)
		case Type:
			return true, s.once(&h.Type)
		case Removed:
			return true, h.removed(s)
		}
		return false, nil
	})
	if err != nil {
		return Head{}, err
	}
	return h, nil
}

// removed reads {"reason": "..."}.
func (h *Head) removed(s *scanner) error {
	start := s.at
	if !s.is('{') || !s.value(1) {
		return s.fault("malformed @removed")
	}
	inner := &scanner{b: s.b[start:s.at]}
	err := inner.members(func(name []byte) (bool, error) {
		if string(name) == "reason" {
			return true, inner.once(&h.Removed)
		}
		return false, nil
	})
	if err != nil || h.Removed == "" {
		s.at = start
		return s.fault("@removed without one reason")
	}
	return nil
}
