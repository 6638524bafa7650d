package judge

import (
	"fmt"
	"slices"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// misuse is a use that a permission cannot serve, whatever the plan says.
type misuse struct {
	names, use *find.Pattern
	kind, why  string
}

const cannotServe = "cannot serve the use"

// misuses are told by Microsoft's reference of each permission.
var misuses = sync.OnceValue(func() []misuse {
	return []misuse{
		{re(`^AuditLog\.Read`), re(`unified audit log`), cannotServe, "whether unified audit logging is on is a setting of Exchange Online (Get-AdminAuditLogConfig); Graph has no such flag"},
		{re(`^Organization\.Read`), re(`\broles\b|\bgroups\b`), cannotServe, "roles and groups are not opened by it; subscribed licences and branding are"},
		{re(`^Reports\.Read`), re(`self.?(?:service )?password ?reset|selfPasswordReset|mfa`), cannotServe, "usage reports do not say whether self-service reset is on; per user userRegistrationDetails does (AuditLog.Read.All)"},
		{re(`^SecurityEvents\.Read`), re(`risky sign-in`), cannotServe, "risky sign-ins are risk detections (IdentityRiskEvent.Read.All) or the sign-in log (AuditLog.Read.All)"},
		{re(`^User\.Read$`), re(`\bmfa\b|groups|licen[cs]es|all users|other users`), cannotServe, "it shows the signed-in user alone"},
		{re(`^openid$`), re(`session|continuous|maintain`), cannotServe, "a lasting session needs offline_access; openid serves the sign-in"},
		{re(`^Application\.ReadWrite`), re(`configurations? and settings|own settings|application settings`), cannotServe, "a product's own settings do not live in Entra; the permission adds secrets to any registration"},
		{re(`^(?:Mail|Calendars|Contacts)\.`), re(`customers?'? (?:e?-?mail|meeting|calendar)|customer (?:e?-?mail|meeting|calendar)`), "reaches something else", "what is opened belongs to the employees who sign in, not to customers"},
		{re(`^(?:User|Directory)\.ReadWrite\.All$`), re(`customer`), "too wide for the use", "it changes every account of the tenant, staff and administrators included"},
		{re(`^Application\.ReadWrite\.All$`), re(`list of applications|inventory`), "too wide for the use", "the use only reads a list"},
		{re(`^Directory\.AccessAsUser\.All$`), re(`.`), "too wide for the use", "it is everything that the signed-in person may do in the directory"},
		{re(`^user_impersonation$`), re(`.`), "too wide for the use", "it is every command that the signed-in person may run"},
		{re(`^Files\.(?:Read|ReadWrite)\.All$`), re(`sharepoint|librar`), "too wide for the use", "every file that the person can reach, for one library"},
	}
})

// disagree compares what a row says: name, title, description, scheme, use.
func disagree(c *catalog.Catalog, known func() vocabulary, a *Assessment, p *plan.Plan) {
	all := a.Permissions
	for i := range all {
		q := &all[i]
		if q.Status == plan.Negated || q.Status == plan.Example {
			continue
		}
		q.compareRow()
		q.compareTitle(c, known)
		q.serves(c)
		for _, m := range misuses() {
			if m.names.MatchString(q.Name) && m.use.MatchString(q.use) && q.use != "" {
				q.add([]string{"name", "use"}, m.kind, m.why)
			}
		}
		if q.use == "" && slices.Contains(q.flows, "people") {
			q.add([]string{"name", "use"}, "no use stated", "no line says what profiles are read for")
		}
		if q.FoundBy == plan.ByMisspelling {
			q.add([]string{"name", "catalogue"}, "no such permission", fmt.Sprintf("there is no permission %s; %s alone is spelt nearly so", q.Written, q.Name))
		}
		if kindOf(subjectOf(q.Name, q.Scheme)) == identity && q.Name != "User.Read" && sectionAPI(p, q.first()) {
			q.add([]string{"name", "section"}, "wrong API", "the scopes of OpenID belong to the sign-in")
		}
	}
}

func (q *Permission) add(between []string, kind, why string) {
	q.Disagreements = append(q.Disagreements, Disagreement{between, kind, why})
}

// compareRow compares the cells of a table's row.
func (q *Permission) compareRow() {
	r := q.row
	if r == nil {
		return
	}
	if q.Written == "" && q.Status == plan.Asked {
		q.add([]string{"name", "row"}, "name missing", unnamed(q.FoundBy, r.Shifted))
	}
	switch {
	case q.Status == plan.Meant:
		q.add([]string{"name", "title"}, "name and title disagree", "the row carries another name; its title means "+q.Name)
	case r.TitleOf != "" && r.TitleOf != q.Name && q.Written != "":
		q.add([]string{"name", "title"}, "name and title disagree", "the title is that of "+r.TitleOf)
	}
	if s := schemeOfDescription(r.Description); s != "" && s != q.Scheme {
		q.add([]string{"scheme", "description"}, "scheme contradicts", fmt.Sprintf("the description is Microsoft's for the %s permission; it is asked for as %s", s, q.Scheme))
	}
	if all().MatchString(r.Title) && own().MatchString(r.Description) && !others().MatchString(r.Description) {
		q.add([]string{"title", "description"}, "title and description disagree", "the title is of all users, the description of the signed-in user")
	}
}

// unnamed says how a row without a name was understood.
func unnamed(by plan.Found, shifted bool) string {
	why := fmt.Sprintf("the row names no permission; it was recognised by its %s", by)
	if shifted {
		why += ", and its cells stand one column too far to the left"
	}
	return why
}

var (
	all      = sync.OnceValue(func() *find.Pattern { return re(`\ball users?\b|all user's`) })
	own      = sync.OnceValue(func() *find.Pattern { return re(`the signed-in user's`) })
	others   = sync.OnceValue(func() *find.Pattern { return re(`on behalf of|all users|other users`) })
	noUser   = sync.OnceValue(func() *find.Pattern { return re(`without a signed.in user`) })
	asUser   = sync.OnceValue(func() *find.Pattern { return re(`on behalf of the signed.in user|signed.in user's`) })
	notGraph = sync.OnceValue(func() *find.Pattern { return re(`exchange|sharepoint`) })
)

// schemeOfDescription is the scheme that a copied description is written for.
func schemeOfDescription(s string) plan.Scheme {
	switch {
	case noUser().MatchString(s):
		return plan.Application
	case asUser().MatchString(s):
		return plan.Delegated
	}
	return plan.Unstated
}

// sectionAPI says whether a line stands under the heading of another API.
func sectionAPI(p *plan.Plan, line int) bool {
	for _, l := range p.Text {
		if l.Number == line {
			return notGraph().MatchString(l.Section)
		}
	}
	return false
}
