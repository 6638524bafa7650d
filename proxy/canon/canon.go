// Package canon gives each request to Microsoft Graph its one form. Whatever way
// a request is spelt, it is parsed once, every name of it is looked up in
// Microsoft's schema, and what is judged and sent is written anew from that. It
// promises that a request says in that form which operation it is and every
// object that it leads to, and that what it does not understand is refused:
// unknown names, ways from one owner's things to another's, options and members
// that the schema does not have.
package canon

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata"
)

// Incoming is a request as it came, still escaped, below the version of the API.
type Incoming struct {
	Method string
	Path   string // "/users/anna@contoso.com/events"; the leading slash may be missing
	Query  string // without the question mark
	Body   []byte // JSON; none where the method takes none
	// Bases are the addresses that references in a body may begin with, each with the
	// version and a slash: "https://graph.microsoft.com/v1.0/".
	Bases []string
}

// Request is a request in its one form.
type Request struct {
	Method string
	// Template is the path as the schema spells it, with {id} for each key:
	// "/users/{id}/events/{id}". What begins with /me begins with /users/{id} here.
	Template string
	// Also are the templates of what is read besides, by $expand, $filter and their
	// like: reading each of them is an operation of its own.
	Also []string
	// Reaches are the objects that it leads to, the owner of the path's things first.
	Reaches []Reach
	// Named are what its body refers to by a path: each is judged as if it were read.
	Named []Named
	// Items are the requests of a $batch, none of which is judged yet; nil: it is none.
	Items []Item
	// Writes says that it may change something: it is neither a GET nor an action that
	// only looks.
	Writes bool
	// Answer is what is answered, by the schema: what is put into a collection, by itself.
	Answer edm.Ref

	steps odata.Path
	owned int // how many steps say whose things the path leads to, where that is a user
	query *odata.Query
	body  map[string]any

	private Private
}

// Space is a kind of object that a request may lead to.
type Space string

// The spaces.
const (
	Me      Space = "me"      // who is signed in; Key is empty
	Users   Space = "users"   // Key is an object id or a principal name
	Mail    Space = "mail"    // a mailbox by one of its addresses
	Objects Space = "objects" // any object of the directory, by its id
	Folders Space = "folders" // a folder of the owner's mailbox
)

// Reach is one object that a request leads to.
type Reach struct {
	// Space is one of the spaces above, or the entity set that the path begins with.
	Space Space
	Key   string
	// Tenant is the id behind the at sign of users/{id}@{tenant}, which Graph writes.
	Tenant string
	// From says where it stands: "path", "$expand", "schedules[0]".
	From string
}

// Parse gives a request its form, or refuses it with a *graphwarden.Refusal.
func Parse(in Incoming) (*Request, error) {
	path, err := odata.ParsePath(in.Path)
	if err != nil {
		return nil, refused("proxy.path", "", err, "Write the path as Microsoft documents it.")
	}
	query, err := odata.ParseQuery(in.Query)
	if err != nil {
		return nil, refused("proxy.query", "", err, "Write the query as Microsoft documents it.")
	}
	p := &parser{model: edm.Load(), bases: in.Bases, request: &Request{Method: in.Method, query: query}}
	for _, part := range []func() error{
		func() error { return p.path(path) },
		p.method,
		p.options,
		func() error { return p.content(in.Body) },
		p.keeps,
		p.privately,
	} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	return p.request, nil
}

// Named is a request that a body names: a reference, or what a subscription is about.
type Named struct {
	From string // where it stands
	*Request
}

type parser struct {
	model   *edm.Model
	request *Request
	target  edm.Target
	bases   []string
	types   []string       // of what is read besides
	chosen  []*odata.Query // that choose properties of events, and not their sensitivity
}

// Path is the path to send, with the owner's object id in its place; the id is not
// used where the path does not begin with a user.
func (r *Request) Path(owner string) string {
	var out odata.Path
	if r.owned > 0 {
		out = odata.Path{{Text: "users"}, {Kind: odata.Key, Text: owner}}
	}
	return append(out, r.steps[r.owned:]...).String()
}

// Query is the query to send.
func (r *Request) Query() string { return r.query.String() }

// Body is the body to send: what was judged, written anew. Nil is none.
func (r *Request) Body() ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	return encode(r.body)
}

// method refuses what the path does not take.
func (p *parser) method() error {
	last := p.target.Last()
	p.request.Answer = last.Ref
	if p.request.Method == http.MethodPost && p.target.Op == nil {
		p.request.Answer.Collection = false
	}
	takes := []string{http.MethodGet}
	switch {
	case last.Role == edm.RoleBatch:
		takes = []string{http.MethodPost}
	case p.target.Op != nil && p.target.Op.Action:
		takes = []string{http.MethodPost}
	case last.Role == edm.RoleOperation, last.Role == edm.RoleCount:
	case last.Role == edm.RoleRef && last.Ref.Collection:
		takes = append(takes, http.MethodPost, http.MethodDelete)
	case last.Role == edm.RoleRef:
		takes = append(takes, http.MethodPut, http.MethodDelete)
	case last.Role == edm.RoleValue:
		takes = append(takes, http.MethodPut, http.MethodPatch)
	case last.Role == edm.RoleProperty:
		takes = append(takes, http.MethodPatch, http.MethodPut)
	case last.Role == edm.RoleCast:
	case last.Ref.Collection:
		takes = append(takes, http.MethodPost)
	default:
		takes = append(takes, http.MethodPatch, http.MethodDelete, http.MethodPut)
	}
	for _, m := range takes {
		if m == p.request.Method {
			p.request.Writes = m != http.MethodGet && !p.looks()
			return nil
		}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.method",
		Say: p.request.Template + " takes " + strings.Join(takes, ", ") + ".", Do: "Use one of these methods, in capitals."}
}

// keeps refuses what is answered with an address that lets in whoever has it, and that nobody
// could put another in the place of: a picture of a file, a view of one, a file to be
// fetched elsewhere.
func (p *parser) keeps() error {
	for _, name := range append(p.types, p.target.Last().Ref.Type) {
		file := p.action() == "createDownloadUrl"
		if typ, known := p.model.Type(name); known && !file {
			_, file = typ.Property("downloadUrl")
		}
		switch strings.TrimPrefix(name, edm.Namespace) {
		case "thumbnailSet", "thumbnail", "itemPreviewInfo":
			file = true
		}
		if file {
			return way("The answer has addresses that let in whoever has them.", "Ask for the file itself.")
		}
	}
	return nil
}

// looks says that the path ends in an action that changes nothing and takes a body only
// for the length of what it asks (Microsoft Graph reference, each action's page).
func (p *parser) looks() bool {
	switch p.action() {
	case "getSchedule", "findMeetingTimes", "getMailTips", "getByIds", "translateExchangeIds", "getMemberGroups", "getMemberObjects", "checkMemberGroups", "checkMemberObjects":
		return true
	}
	return false
}

// action names the action that the path ends in; "" is none.
func (p *parser) action() string {
	if p.target.Op == nil || !p.target.Op.Action {
		return ""
	}
	return p.target.Op.Name[strings.LastIndexByte(p.target.Op.Name, '.')+1:]
}

// refused says that a part of a request is not understood.
func refused(code, field string, err error, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: code, Field: field, Say: sentence(err.Error()), Do: do}
}

func sentence(s string) string { return strings.TrimSuffix(s, ".") + "." }
