package wire

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// Route is one operation of simulated Graph.
type Route struct {
	Method string
	// Path is the template, with keys in braces: "/users/{user}/events/{event}".
	// "/me" is "/users/{user}" with the caller's own id. A template whose last
	// segment is "$count" need not be given: the kernel counts lists.
	Path string
	// Type is the EDM type of the answer's resources, without namespace.
	Type string
	// Body is the EDM type that the request's body is checked against; an
	// action's body is checked against its parameters when Body is "action".
	// Without it the request has no body that is read.
	Body string
	// Query says what query options the operation takes.
	Query Offers
	// Default are, by type, the properties that are answered without $select; a
	// type that is not named is answered whole.
	Default map[string][]string
	// Expand gives the value of each navigation property that may be expanded.
	Expand map[string]Expander
	// Mailbox names the key whose user's mailbox the operation touches; the
	// kernel resolves it into Call.Mailbox and checks the access to it.
	Mailbox string
	// PermitAs is the path that permissions are looked up by, where it is not
	// Path itself.
	PermitAs string
	// AnyToken says that the handler asks for permission itself, see Call.May.
	AnyToken bool
	// Self says that an application may do it to itself without any permission.
	Self bool
	// Own says that the handler makes its own transactions.
	Own bool
	// Context stands behind "$metadata#" in place of what follows from Path.
	Context string
	Handle  func(*Call) (Answer, error)

	permits   permits
	operation *edm.Operation // where the path ends in one
}

// Expander gives the value of a navigation property of a resource: a Doc, a
// []Doc, or nil.
type Expander func(c *Call, d Doc) (any, error)

// Offers says what query options an operation takes (graph-facts §2.3).
type Offers struct {
	Filter, OrderBy, Search, Count bool
	Top, Skip, Expand              bool
	NoSelect                       bool
	// Page is the default size of a page, MaxPage the largest that $top may ask
	// for; zero means that the collection comes whole.
	Page, MaxPage int
	// Directory says that the collection follows the rules of directory objects:
	// advanced queries want ConsistencyLevel: eventual and $count=true, $skip is
	// not known, strings compare without case.
	Directory bool
	// Params are the operation's own parameters, e.g. "startDateTime".
	Params []string
}

// node is one level of the routing tree.
type node struct {
	literal map[string]*node // by lower-cased segment
	key     *node
	keyName string
	routes  map[string]*Route // by method
}

func (n *node) add(r *Route) error {
	at := n
	for _, s := range strings.Split(strings.TrimPrefix(r.Path, "/"), "/") {
		at = at.child(s)
	}
	if at.routes == nil {
		at.routes = map[string]*Route{}
	}
	if at.routes[r.Method] != nil {
		return fmt.Errorf("two routes for %s %s", r.Method, r.Path)
	}
	at.routes[r.Method] = r
	return nil
}

func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, "{") {
		if n.key == nil {
			n.key = &node{keyName: strings.Trim(segment, "{}")}
		}
		return n.key
	}
	if n.literal == nil {
		n.literal = map[string]*node{}
	}
	// A function's arguments tell the schema which function is meant, and are no
	// part of its name.
	name, _, _ := strings.Cut(strings.ToLower(expr.Unqualified(segment)), "(")
	if n.literal[name] == nil {
		n.literal[name] = &node{}
	}
	return n.literal[name]
}
