package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// method is an index into a node's lists.
type method uint8

const (
	get method = iota
	post
	patch
	put
	del
	subscribe // receiving change notifications of a resource
	methodCount
)

func methodOf(letter byte) (method, error) {
	if i := strings.IndexByte("GPURD", letter); i >= 0 {
		return method(i), nil
	}
	return 0, fmt.Errorf("unknown method %q", letter)
}

func parseMethod(s string) (method, bool) {
	switch strings.ToUpper(s) {
	case "GET":
		return get, true
	case "POST":
		return post, true
	case "PATCH":
		return patch, true
	case "PUT":
		return put, true
	case "DELETE":
		return del, true
	}
	return 0, false
}

func (m method) String() string {
	return [methodCount]string{"GET", "POST", "PATCH", "PUT", "DELETE", "SUBSCRIBE"}[m]
}

// node is one segment of the paths of the table.
type node struct {
	segment  string
	parent   *node
	children []*node // ordered by segment
	lists    [methodCount]int32
	free     bool
}

func (n *node) has(m method) bool { return n.lists[m] > 0 }

func (n *node) child(segment string) *node {
	i, ok := n.search(segment)
	if !ok {
		return nil
	}
	return n.children[i]
}

func (n *node) search(segment string) (int, bool) {
	return slices.BinarySearchFunc(n.children, segment, func(c *node, s string) int {
		return strings.Compare(c.segment, s)
	})
}

// add returns the node of a path and makes it if need be.
func (n *node) add(segs []string) *node {
	for _, s := range segs {
		s = strings.TrimSuffix(s, "()")
		i, ok := n.search(s)
		if !ok {
			n.children = slices.Insert(n.children, i, &node{segment: s, parent: n})
		}
		n = n.children[i]
	}
	return n
}

// find returns the node of a path that has a list for the method. A word of
// the table goes before a key: /users/delta is the function, not a user
// called delta.
func (n *node) find(m method, segs []string) *node {
	if len(segs) == 0 {
		if n.has(m) {
			return n
		}
		return nil
	}
	if c := n.child(strings.TrimSuffix(segs[0], "()")); c != nil {
		if found := c.find(m, segs[1:]); found != nil {
			return found
		}
	}
	if !isKey(segs[0]) {
		return nil
	}
	if c := n.child(anyID); c != nil {
		return c.find(m, segs[1:])
	}
	return nil
}

// isKey says whether a segment of a request may be the key of an item. OData's
// own words, functions, casts, drive paths and steps up and down are not.
func isKey(segment string) bool {
	switch segment {
	case "", ".", "..", "delta":
		return false
	}
	return segment[0] != '$' && !strings.HasPrefix(segment, namespace) &&
		!strings.HasSuffix(segment, ")") && !strings.HasSuffix(segment, ":")
}

// template writes the node's path with {id} for every key and the names of the
// arguments of functions.
func (n *node) template() string {
	if n.parent == nil {
		return ""
	}
	if word, arguments, called := strings.Cut(n.segment, "("); called && strings.HasSuffix(arguments, ")") {
		arguments = strings.TrimSuffix(arguments, ")")
		names := strings.Split(arguments, ",")
		for i, name := range names {
			names[i] = name + "={" + name + "}"
		}
		return n.parent.template() + "/" + word + "(" + strings.Join(names, ",") + ")"
	}
	return n.parent.template() + "/" + strings.ReplaceAll(n.segment, anyID, "{id}")
}

// path are the segments that lead to the node.
func (n *node) path() []string {
	if n.parent == nil {
		return nil
	}
	return append(n.parent.path(), n.segment)
}

// each calls visit for every operation below the node.
func (n *node) each(visit func(*node, method)) {
	for m := range methodCount {
		if n.has(m) {
			visit(n, m)
		}
	}
	for _, c := range n.children {
		c.each(visit)
	}
}
