package canon

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// path walks the path through the schema and writes it anew: names as the schema
// spells them, casts that change nothing left out, keys as keys.
func (p *parser) path(path odata.Path) error {
	segments := make([]edm.Segment, len(path))
	for i, s := range path {
		segments[i] = edm.Segment{Text: s.Text, Key: s.Kind == odata.Key, Call: s.Call}
		for _, a := range s.Args {
			segments[i].Args = append(segments[i].Args, a.Name)
		}
		if s.Kind == odata.File || strings.HasSuffix(s.Text, ":") {
			return way("Files by their path are not let through.", "Address a file by its id.")
		}
	}
	target, err := p.model.Resolve(segments)
	if err != nil {
		return refused("proxy.path", "", err, "Write the path as Microsoft documents it for version 1.0.")
	}
	p.target = target
	if err := p.stays(); err != nil {
		return err
	}
	for i, s := range target.Steps {
		if s.Role == edm.RoleKey && !p.isKey(i) {
			return way(fmt.Sprintf("%q is no id, and no name that stands for one.", s.Name), "Address it by its id.")
		}
		p.request.steps = append(p.request.steps, written(s, path[i]))
	}
	p.request.Template = target.Template()
	return p.owner()
}

// written is a step as it is sent.
func written(s edm.Step, was odata.Segment) odata.Segment {
	switch s.Role {
	case edm.RoleKey:
		return odata.Segment{Kind: odata.Key, Text: s.Name}
	case edm.RoleOperation:
		name := s.Name[strings.LastIndexByte(s.Name, '.')+1:]
		return odata.Segment{Text: name, Call: len(s.Args) > 0, Args: named(was, s.Args)}
	case edm.RoleAlternate:
		return odata.Segment{Text: s.Name, Call: true, Args: named(was, s.Args)}
	}
	return odata.Segment{Text: s.Name}
}

// named gives arguments the names that the schema has for them.
func named(was odata.Segment, names []string) (args expr.Arguments) {
	for i, name := range names {
		args = append(args, expr.Argument{Name: name, Value: was.Args[i].Value})
	}
	return args
}

// stays refuses a path that goes on where it has left the things of its owner:
// behind a navigation to what is not contained in them (a manager, a member), and
// behind what a function found. What stands there has an address of its own, at
// which it is judged.
func (p *parser) stays() error {
	left := ""
	var typ *edm.Type
	for i, s := range p.target.Steps {
		switch {
		case left == "", s.Role == edm.RoleKey, s.Role == edm.RoleCast, s.Role == edm.RoleCount, s.Role == edm.RoleRef:
		default:
			return way(fmt.Sprintf("The path goes on behind %s, which leads to something else's things.", left), "Ask for what "+left+" gives, then go on from its own address.")
		}
		switch {
		case s.Role == edm.RoleOperation:
			left = s.Name[strings.LastIndexByte(s.Name, '.')+1:]
		case s.Role == edm.RoleNav || s.Role == edm.RoleAlternate && i > 0:
			if nav, ok := typ.Navigation(s.Name); !ok || !nav.ContainsTarget {
				left = s.Name
			}
		case s.Role == edm.RoleKey && i == 1 && p.target.Steps[0].Name == "directoryObjects":
			left = "an object of the directory" // of whatever kind
		}
		typ, _ = p.model.Type(s.Ref.Type)
	}
	return nil
}

// isKey says whether a step may be a key. A plain word may not: where the schema
// knows no such name, Graph might.
func (p *parser) isKey(i int) bool {
	text := p.target.Steps[i].Name
	if len(text) > longestKey || strings.ContainsAny(text, "/\\?") {
		return false
	}
	if strings.Trim(text, letters) != "" {
		return true
	}
	wellKnown := map[string]string{
		"microsoft.graph.mailFolder": "archive clutter conflicts conversationhistory deleteditems drafts inbox junkemail localfailures msgfolderroot outbox recoverableitemsdeletions scheduled searchfolders sentitems serverfailures syncissues",
		"microsoft.graph.site":       "root", // graph-facts §9
	}
	for _, word := range strings.Fields(wellKnown[p.target.Steps[i].Ref.Type]) {
		if strings.EqualFold(word, text) {
			return true
		}
	}
	return false
}

const (
	letters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	longestKey = 1024
)

// owner notes whose things the path leads to.
func (p *parser) owner() error {
	first := p.target.Steps[0]
	reach := Reach{Space: Space(first.Name), From: "path"}
	switch {
	case first.Role == edm.RoleBatch:
		return nil
	case first.Name == "me":
		reach.Space, p.request.owned = Me, 1
		p.request.Template = "/users/{id}" + strings.TrimPrefix(p.request.Template, "/me")
	case first.Name == "admin" && len(p.target.Steps) > 1 && p.target.Steps[1].Name == "exchange":
		return way("A mailbox is called there as nothing else calls it, so that nobody can say whose it is.", "Ask below /users/{id}.")
	case first.Role == edm.RoleAlternate:
		reach.Key = p.request.steps[0].Args[0].Value.Text
		p.request.Template = "/" + first.Name + "/{id}" + p.request.Template[strings.IndexByte(p.request.Template, ')')+1:]
	case len(p.target.Steps) > 1 && p.target.Steps[1].Role == edm.RoleKey:
		reach.Key = p.target.Steps[1].Name
	}
	if first.Name == "users" && reach.Key != "" {
		if p.request.owned = 2; first.Role == edm.RoleAlternate {
			p.request.owned = 1
		}
		var good bool
		if reach.Key, reach.Tenant, good = user(reach.Key); !good {
			return way(fmt.Sprintf("%q is no user's object id or principal name.", reach.Key), "Address a user by object id, or by principal name.")
		}
	}
	p.request.Reaches = append(p.request.Reaches, reach)
	return nil
}

// user reads the key of a user: an object id, which may have its tenant's behind an
// at sign, or a principal name (graph-facts §2.1). What looks like one and is none,
// by a second at sign, a dot or a blank at its end, letters of other scripts, is
// refused (R7).
func user(key string) (id, tenant string, good bool) {
	local, domain, found := strings.Cut(key, "@")
	switch {
	case !found:
		return key, "", isGUID(key)
	case isGUID(local) && isGUID(domain):
		return local, domain, true
	}
	return key, "", local != "" && len(key) <= 1000 && flow.IsDomain(domain) &&
		strings.Trim(local, letters+"0123456789'.-_!#^~+&=") == "" && local[len(local)-1] != '.'
}

// isGUID says whether s is a GUID in the form that Microsoft writes ids.
func isGUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}

func way(say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.way", Say: say, Do: do}
}
