package wire

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// find reads the path and sets the call's route and keys.
func (k *Kernel) find(c *Call, raw string) error {
	path, err := odata.ParsePath(raw)
	if err != nil {
		return BadRequest("%s", err.Error())
	}
	c.path = raw
	if len(path) > 0 && path[0].Is("me") {
		if !c.Caller.Delegated() {
			return BadRequest("/me request is only valid with delegated authentication flow.")
		}
		c.me = true
		me := odata.Path{{Kind: odata.Name, Text: "users"}, {Kind: odata.Key, Text: c.Caller.User}}
		path = append(me, path[1:]...)
	}
	if n := len(path); n > 1 && path[n-1].Is("$count") {
		c.counting, path = true, path[:n-1]
	}
	s := search{args: map[string]string{}, alt: map[string]string{}}
	at := s.walk(&k.root, path)
	if at == nil {
		k.refused(c.Request.Context(), c)
		return NoSegment(s.stuck)
	}
	c.Route = at.routes[c.Method]
	if c.Route == nil || c.counting && c.Method != http.MethodGet {
		return Refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
	}
	c.Args, c.alt, c.Cast, c.lastKey = s.args, s.alt, s.cast, s.lastKey
	return nil
}

// search walks the routing tree along a path. A literal goes before a cast and a
// cast before a key; where one leads nowhere the next is tried.
type search struct {
	args, alt map[string]string
	cast      string
	lastKey   string
	stuck     string // the deepest segment that was not understood
	depth     int
}

func (s *search) walk(at *node, path odata.Path) *node {
	if len(path) == 0 {
		if at.routes == nil {
			return nil
		}
		return at
	}
	seg := path[0]
	for _, step := range []func(*node, odata.Segment, odata.Path) *node{s.literal, s.narrowed, s.keyed} {
		if found := step(at, seg, path[1:]); found != nil {
			return found
		}
	}
	if s.stuck == "" || len(path) < s.depth {
		s.stuck, s.depth = seg.Text, len(path)
	}
	return nil
}

// literal takes the segment for a name that the tree has here.
func (s *search) literal(at *node, seg odata.Segment, rest odata.Path) *node {
	next := at.literal[strings.ToLower(expr.Unqualified(seg.Text))]
	if seg.Kind != odata.Name || next == nil {
		return nil
	}
	return s.named(next, seg, rest)
}

// narrowed takes the segment for a cast.
func (s *search) narrowed(at *node, seg odata.Segment, rest odata.Path) *node {
	name := expr.Unqualified(seg.Text)
	if seg.Kind != odata.Name || seg.Call || name == seg.Text || s.cast != "" {
		return nil
	}
	s.cast = name
	found := s.walk(at, rest)
	if found == nil {
		s.cast = ""
	}
	return found
}

// keyed takes the segment for a key.
func (s *search) keyed(at *node, seg odata.Segment, rest odata.Path) *node {
	if at.key == nil || seg.Call {
		return nil
	}
	found := s.walk(at.key, rest)
	if found != nil {
		s.args[at.key.keyName] = seg.Text
		if s.lastKey == "" {
			s.lastKey = seg.Text
		}
	}
	return found
}

// named follows a literal segment with whatever stands in its parentheses: an
// alternate key of the collection, or a function's arguments.
func (s *search) named(next *node, seg odata.Segment, rest odata.Path) *node {
	if seg.Call && len(seg.Args) == 1 && next.key != nil {
		found := s.walk(next.key, rest)
		if found != nil {
			s.args[next.key.keyName] = seg.Args[0].Value.Text
			s.alt[next.key.keyName] = seg.Args[0].Name
			s.lastKey = seg.Args[0].Value.Text
		}
		return found
	}
	found := s.walk(next, rest)
	if found != nil {
		for _, a := range seg.Args {
			s.args[a.Name] = a.Value.Text
		}
	}
	return found
}
