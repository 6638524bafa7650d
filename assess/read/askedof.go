package read

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// askedOf tells of which API code asks for a permission: a registration names the API
// once, by its application id, and the permissions in the same brackets (Terraform,
// Bicep, PowerShell) or in the same command (az). An id alone does not tell, for another
// API may use the id of one of Graph's, and a name still less.
type askedOf struct {
	ids    map[string]string // of variables, in lower case, the application ids
	owners map[string]string // of Terraform's service principals, the application ids or what stands for them
	parent []int             // of each pair of brackets, the pair around it
	named  map[int]string    // what a pair of brackets names
	rows   map[*text]codeRow
}

// codeRow is what is known of a line of code.
type codeRow struct {
	steps    []step    // where it goes into other brackets
	commands []command // where commands begin in it
}

type step struct{ off, in int }

// command is one of a shell, with the API that it names.
type command struct {
	off int
	api string
}

type namings struct{ api, value, assign, owner, use, entry *regexp.Regexp }

var naming = sync.OnceValue(func() namings {
	const id = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`
	return namings{
		api:    regexp.MustCompile(`(?i)(?:\bresource_?app_?id\b["']?\s*[:=]\s*|-ResourceAppId\s+|--api[ =]\s*)(\S+)`),
		value:  regexp.MustCompile(`^` + id + `$`),
		assign: regexp.MustCompile(`(?i)\$?\b([a-z_][a-z0-9_]*)(?:\s+string)?\s*[:=]\s*["']?(` + id + `)\b`),
		owner:  regexp.MustCompile(`^\s*(?:resource|data)\s+"(azuread_service_principal|azuread_application)"\s+"([^"]+)"`),
		use:    regexp.MustCompile(`\b(azuread_service_principal|azuread_application)\.([A-Za-z0-9_-]+)(?:\[[^\]]*\])?\.(?:app_role_ids|oauth2_permission_scope_ids)\b`),
		entry:  regexp.MustCompile(`(?i)(?:^|[^-\w])id["']?\s*[:=]\s*["']?(` + id + `)\b|(?:^|[\s"'])(` + id + `)=(?:Role|Scope)\b|-ArgumentList\s+["'](` + id + `)["']`),
	}
})

// asksOf reads the code among blocks.
func asksOf(blocks []block) *askedOf {
	a := &askedOf{ids: map[string]string{}, owners: map[string]string{}, parent: []int{-1}, named: map[int]string{}, rows: map[*text]codeRow{}}
	var lines []*text
	for i := range blocks {
		if b := &blocks[i]; b.kind == code {
			lines = append(lines, b.cells[0])
			for _, m := range naming().assign.FindAllStringSubmatch(b.cells[0].String(), -1) {
				if name := strings.ToLower(m[1]); !property(name) {
					a.ids[name] = strings.ToLower(m[2])
				}
			}
		}
	}
	a.declared(lines)
	in, api := 0, ""
	for _, t := range lines {
		in, api = a.line(t, in, api)
	}
	return a
}

// line notes the brackets and the APIs of a line of code, or of several, which begins in a
// pair of brackets and maybe in a command, and says in which the next one does.
func (a *askedOf) line(t *text, in int, before string) (int, string) {
	s := t.String()
	r := codeRow{steps: []step{{0, in}}, commands: []command{{0, before}}}
	at := naming().api.FindAllStringSubmatchIndex(s, -1)
	next := 0
	for i := range len(s) {
		for next < len(at) && at[next][0] == i {
			if api := a.value(s[at[next][2]:at[next][3]]); api != "" {
				if strings.HasPrefix(strings.ToLower(s[i:]), "--api") {
					r.commands[len(r.commands)-1].api = api
				} else {
					a.named[in] = api
				}
			}
			next++
		}
		switch s[i] {
		case '(', '[', '{':
			a.parent = append(a.parent, in)
			in = len(a.parent) - 1
			r.steps = append(r.steps, step{i, in})
		case ')', ']', '}':
			in = max(0, a.parent[in])
			r.steps = append(r.steps, step{i, in})
		case '\n':
			if !goesOn(s[:i]) {
				r.commands = append(r.commands, command{i, ""})
			}
		}
	}
	a.rows[t] = r
	if !goesOn(s) {
		return in, ""
	}
	return in, r.commands[len(r.commands)-1].api
}

// goesOn says whether a command goes on in the next line.
func goesOn(s string) bool {
	end := strings.TrimRight(s, " \t")
	return strings.HasSuffix(end, `\`) || strings.HasSuffix(end, "`")
}

// value is the application id that an expression of code stands for; "" where that
// cannot be seen.
func (a *askedOf) value(s string) string {
	s = strings.ToLower(strings.Trim(s, "\"'`,;(){}[]$\\"))
	switch {
	case naming().value.MatchString(s):
		return s
	case strings.Contains(s, "azuread_application.") || strings.Contains(s, "azuread_service_principal."):
		return a.ofOwner(s)
	}
	return a.ids[s[strings.LastIndexByte(s, '.')+1:]]
}

// property says whether a name is one that many objects of code have, and so no variable's.
func property(name string) bool {
	switch strings.ReplaceAll(name, "_", "") {
	case "id", "appid", "clientid", "applicationid", "resourceappid", "resourceid", "objectid", "tenantid", "principalid":
		return true
	}
	return false
}

// ofOwner is the API of a registration or service principal that the code makes or looks
// up: one that it makes itself is none of Microsoft's.
func (a *askedOf) ofOwner(s string) string {
	s = strings.TrimPrefix(s, "data.")
	parts := strings.SplitN(s, ".", 3)
	if len(parts) < 2 {
		return ""
	}
	name, _, _ := strings.Cut(parts[0]+"."+parts[1], "[")
	return a.owners[name]
}

// declared finds Terraform's registrations and service principals, with their APIs.
func (a *askedOf) declared(lines []*text) {
	for _, t := range lines {
		m := naming().owner.FindStringSubmatch(t.String())
		if m == nil {
			continue
		}
		name := strings.ToLower(m[1] + "." + m[2])
		if m[1] == "azuread_application" && strings.HasPrefix(strings.TrimSpace(t.String()), "resource") {
			a.owners[name] = name
		}
	}
	for i, t := range lines {
		m := naming().owner.FindStringSubmatch(t.String())
		if m == nil {
			continue
		}
		name := strings.ToLower(m[1] + "." + m[2])
		for _, l := range lines[i+1 : min(len(lines), i+maxOwner)] {
			key, value, ok := strings.Cut(l.String(), "=")
			if strings.HasPrefix(strings.TrimSpace(l.String()), "}") {
				break
			}
			if k := strings.TrimSpace(key); ok && (k == "client_id" || k == "application_id") {
				if api := a.value(strings.TrimSpace(value)); api != "" {
					a.owners[name] = api
				}
				break
			}
		}
	}
}

// maxOwner is how many lines a declaration of a service principal is looked through.
const maxOwner = 20

// at is the API of which code asks for what stands at a byte of a line; "" where it does
// not say.
func (a *askedOf) at(t *text, off int) string {
	s := t.String()
	for _, m := range naming().use.FindAllStringSubmatchIndex(s, -1) {
		if m[0] <= off && off-m[1] < 4 { // app_role_ids["Mail.Read"]
			return a.owners[strings.ToLower(s[m[2]:m[3]]+"."+s[m[4]:m[5]])]
		}
	}
	r := a.rows[t]
	api := ""
	for _, c := range r.commands {
		if c.off <= off {
			api = c.api
		}
	}
	if api != "" {
		return api
	}
	in := 0
	for _, st := range r.steps {
		if st.off <= off {
			in = st.in
		}
	}
	for depth := 0; in >= 0 && depth < maxBrackets; in, depth = a.parent[in], depth+1 {
		if api := a.named[in]; api != "" {
			return api
		}
	}
	return ""
}

// knownAPI says whether the catalogue has the permissions of an API.
func knownAPI(id string) bool {
	switch id {
	case catalog.MicrosoftGraph, catalog.ExchangeOnline, catalog.SharePointOnline, azureADGraph:
		return true
	}
	return false
}

// ofAPI gives what a line of code asks for the API that the code asks of. What is asked
// of an API that the catalogue does not know is no permission of Graph's, whatever its id
// or name; it is listed as not placed, and so is an id that no permission has.
func (w *walker) ofAPI(t *text, hits []hit) []hit {
	s := t.String()
	seen := map[int]bool{}
	var out []hit
	for _, h := range hits {
		seen[h.from] = true
		switch api := w.apis.at(t, h.from); {
		case api == "" || h.unknown:
			out = append(out, h)
		case knownAPI(api):
			h.resource = api
			out = append(out, h)
		default:
			w.notOurs(t.line(h.from), h.written, api)
		}
	}
	for _, m := range naming().entry.FindAllStringSubmatchIndex(s, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] < 0 || seen[m[g]] {
				continue
			}
			switch id, api := s[m[g]:m[g+1]], w.apis.at(t, m[g]); {
			case api != "" && !knownAPI(api):
				w.notOurs(t.line(m[g]), id, api)
			case api != "" || g == 4:
				w.plan.Unplaced = append(w.plan.Unplaced, plan.Unplaced{Line: t.line(m[g]), Written: id, Why: "the catalogue knows no permission of this id"})
			}
		}
	}
	return out
}

// notOurs notes what is asked of an API that the catalogue does not know.
func (w *walker) notOurs(line int, written, api string) {
	w.plan.Unplaced = append(w.plan.Unplaced, plan.Unplaced{Line: line, Written: written, Why: "it is asked of the API " + api + ", whose permissions the catalogue does not know"})
}
