package catalog

import (
	"fmt"
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

// node is one segment of the paths of the table. Its children are linked in the order
// of their segments.
type node struct {
	segment     string
	parent      *node
	first, last *node            // of its children
	any         *node            // the child that stands for every key
	next        *node            // of its parent's
	count       int              // of its children
	index       map[string]*node // its children, where they are many
	lists       [methodCount]int32
	free        bool
}

// few is how many children are looked through faster than looked up.
const few = 6

func (n *node) has(m method) bool { return n.lists[m] > 0 }

func (n *node) child(segment string) *node {
	if n.index != nil {
		return n.index[segment]
	}
	for c := n.first; c != nil; c = c.next {
		if c.segment == segment {
			return c
		}
	}
	return nil
}

// put adds a child that is not there yet.
func (n *node) put(c *node) {
	c.parent = n
	if c.segment == anyID {
		n.any = c
	}
	switch {
	case n.first == nil:
		n.first, n.last = c, c
	case n.last.segment < c.segment:
		n.last.next, n.last = c, c
	case n.first.segment > c.segment:
		c.next, n.first = n.first, c
	default:
		before := n.first
		for before.next.segment < c.segment {
			before = before.next
		}
		c.next, before.next = before.next, c
	}
	if n.count++; n.count == few+1 {
		n.index = make(map[string]*node, 4*few)
		for c := n.first; c != nil; c = c.next {
			n.index[c.segment] = c
		}
	} else if n.index != nil {
		n.index[c.segment] = c
	}
}

// tree makes the nodes of paths. They come in order, and what a path has in common with
// the one before is not looked for again.
type tree struct {
	root   *node
	before string          // the last path whose segments are what stands between its slashes
	way    []stop          // its segments
	room   []node          // nodes that are not in use yet
	keys   map[string]bool // the segments that look like keys
}

// stop is a segment of a path: its node, and where in the path it ends.
type stop struct {
	node *node
	end  int
}

func newTree() *tree { return &tree{root: &node{}, keys: map[string]bool{}} }

// node gives the node of a path of the table and makes it if need be. An ellipsis in a
// path stands for deeper folders, which segments flattens.
func (t *tree) node(path string) *node {
	same, kept := 0, 0
	for same < min(len(path), len(t.before)) && path[same] == t.before[same] {
		same++
	}
	if !plain(path, same) {
		n := t.root
		for _, s := range segments(strings.Replace(path, "/.../", "/", 1)) {
			n = t.child(n, s)
		}
		return n
	}
	for kept < len(t.way) && t.way[kept].end <= same && (t.way[kept].end == len(path) || path[t.way[kept].end] == '/') {
		kept++
	}
	t.way, t.before = t.way[:kept], path
	n, from := t.root, 0
	if kept > 0 {
		n, from = t.way[kept-1].node, t.way[kept-1].end
	}
	for from < len(path) {
		end := len(path)
		if i := strings.IndexByte(path[from+1:], '/'); i >= 0 {
			end = from + 1 + i
		}
		segment := path[from+1 : end]
		if segment[0] == '{' && segment[len(segment)-1] == '}' {
			segment = anyID
		}
		n, from = t.child(n, segment), end
		t.way = append(t.way, stop{n, end})
	}
	return n
}

// plain says whether the segments of a path are what stands between its slashes. Up to
// from it is known to be.
func plain(path string, from int) bool {
	if path == "" || path[0] != '/' || path[len(path)-1] == '/' || strings.Contains(path[max(0, from-len(deeper)):], deeper) {
		return false
	}
	for i := from; i < len(path); i++ {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '$', c == '-', c == '_', c == '{', c == '}', c == '/' && (i == 0 || path[i-1] != '/'):
		default:
			return false
		}
	}
	return true
}

// child gives a child of a node and makes it if need be.
func (t *tree) child(n *node, segment string) *node {
	segment = strings.TrimSuffix(segment, "()")
	if c := n.child(segment); c != nil {
		return c
	}
	if len(t.room) == 0 {
		t.room = make([]node, 512)
	}
	c := &t.room[0]
	t.room = t.room[1:]
	c.segment = segment
	n.put(c)
	if !worded(segment) {
		t.keys[segment] = true
	}
	return c
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
	if n.any == nil || !isKey(segs[0]) {
		return nil
	}
	return n.any.find(m, segs[1:])
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
	for c := n.first; c != nil; c = c.next {
		c.each(visit)
	}
}
