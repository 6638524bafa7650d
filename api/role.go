package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// reach says of which tenants a route of operators is, and so what a role at one
// tenant only is good for there.
type reach int

const (
	ofAll   reach = iota // of all at once, or of what belongs to none: such a role is not enough
	ofPath               // of the tenant in its path
	ofQuery              // of the tenant in its query; without one of all
	ofBody               // of the tenant in its body; without one of all
	ofOwn                // its list has those of the tenants where who asks has such a role
	ofNone               // of none, or of what nobody can name but who began it: one tenant is enough
)

// String says it as the documentation does.
func (w reach) String() string {
	return [...]string{"a role at all tenants", "the tenant of the path", "the tenant that is asked for", "the tenant of the body", "shows one's own tenants", "any tenant"}[w]
}

// right is who of the operators may ask a route.
type right struct {
	route string // by its name
	reach reach
	roles []graphwarden.Role
}

// rights are the one table of what operators may. A route that is not in it is asked
// by nobody with a personal token; a test wants each.
func rights() []right {
	const owner, runs, helpdesk, auditor, reviewer = graphwarden.Owner, graphwarden.Runs, graphwarden.Helpdesk, graphwarden.Auditor, graphwarden.Reviewer
	to := func(roles ...graphwarden.Role) []graphwarden.Role { return roles }
	everybody := graphwarden.Roles()
	return []right{
		{"getReadiness", ofNone, everybody}, {"getStatus", ofNone, everybody}, {"whoAmI", ofNone, everybody},
		{"getMetrics", ofAll, to(owner, runs, helpdesk, auditor)}, {"listNotices", ofAll, to(owner, runs, helpdesk, auditor)},
		{"listTenants", ofOwn, everybody}, {"listFlows", ofOwn, everybody}, {"listConnections", ofOwn, everybody},
		{"listFeeds", ofQuery, everybody}, {"listSkipped", ofQuery, everybody}, {"listPeople", ofQuery, everybody},
		{"followActivity", ofQuery, to(owner, runs, auditor)}, {"followFlow", ofAll, to(owner, runs)},

		{"getConfiguration", ofAll, to(owner, runs, auditor, reviewer)}, {"applyConfiguration", ofAll, to(owner, runs)}, {"rotateKey", ofAll, to(owner)},
		{"listOperators", ofAll, to(owner, auditor)}, {"createOperatorToken", ofAll, to(owner)}, {"revokeOperatorToken", ofAll, to(owner)},
		{"listApps", ofAll, to(owner, runs, helpdesk, auditor, reviewer)}, {"listAppKeys", ofAll, to(owner, runs, auditor, reviewer)}, {"getAppKey", ofAll, to(owner, runs, auditor, reviewer)},
		{"createAppKey", ofAll, to(owner, runs)}, {"rotateAppKey", ofAll, to(owner, runs)}, {"revokeAppKey", ofAll, to(owner, runs)},

		{"listDeliveries", ofAll, to(owner, runs, helpdesk, auditor)}, {"getDelivery", ofAll, to(owner, runs)}, {"listSinks", ofAll, to(owner, runs, helpdesk, auditor)},
		{"listReplays", ofAll, to(owner, runs, helpdesk, auditor)}, {"listWrites", ofAll, to(owner, runs, helpdesk, auditor)},
		{"replay", ofAll, to(owner, runs)}, {"stopReplay", ofAll, to(owner, runs)}, {"enableSink", ofAll, to(owner, runs)}, {"testSink", ofAll, to(owner, runs)},

		{"getConnection", ofPath, everybody}, {"getConsent", ofPath, everybody}, {"connect", ofPath, to(owner, runs)}, {"await", ofPath, to(owner, runs)}, {"askConsent", ofPath, to(owner, runs)},
		{"proveConnection", ofPath, to(owner, runs)}, {"revokeConnection", ofPath, to(owner, runs)}, {"revokeTenant", ofPath, to(owner, runs)}, {"rotateCredential", ofPath, to(owner, runs)},
		{"listUnused", ofPath, to(owner, runs)}, {"tidy", ofPath, to(owner, runs)}, {"beginSignIn", ofPath, to(owner, runs)}, {"finishSignIn", ofNone, to(owner, runs)}, {"forgetSignIn", ofNone, to(owner, runs)},

		{"getGrants", ofPath, to(owner, runs, auditor, reviewer)}, {"readGrants", ofPath, to(owner, runs, auditor, reviewer)}, {"applyGrants", ofPath, to(owner, runs)},
		{"getRestriction", ofPath, to(owner, runs, auditor, reviewer)}, {"restrict", ofPath, to(owner, runs)}, {"listTenantApps", ofPath, to(owner, runs, auditor, reviewer)},
		{"invitePerson", ofBody, to(owner, runs, helpdesk)}, {"getSignInOfPerson", ofNone, to(owner, runs, helpdesk)}, {"revokePerson", ofPath, to(owner, runs, helpdesk)},
	}
}

// rightsByRoute are the same by the name of the route.
func rightsByRoute() map[string]right {
	out := map[string]right{}
	for _, one := range rights() {
		out[one.route] = one
	}
	return out
}

// posts are the roles of an operator: whoever has the file of the owner's token owns
// the installation.
func (c Caller) posts() []graphwarden.Post {
	if c.Owner {
		return []graphwarden.Post{{Role: graphwarden.Owner}}
	}
	return c.Token.Posts
}

// sees says whether who asks may have what a route says of a tenant; "" is all of them.
func (k *asking) sees(tenant string) bool {
	if k.face == nil || k.face.apps {
		return false // an app is shown what its flows name
	}
	if k.caller.Owner {
		return true
	}
	may := k.face.rights[k.route.name]
	return slices.ContainsFunc(k.caller.posts(), func(p graphwarden.Post) bool {
		return slices.Contains(may.roles, p.Role) && (p.Tenant == "" || p.Tenant == tenant)
	})
}

// permitted refuses an operator what none of his roles is for.
func (f *face) permitted(k *asking, r *http.Request) error {
	if f.apps || k.route.who == anybody || k.route.name == "" || k.sees("") {
		return nil
	}
	may := f.rights[k.route.name]
	tenant := ""
	switch may.reach {
	case ofPath:
		tenant = r.PathValue("tenant")
	case ofQuery:
		tenant = r.URL.Query().Get("tenant")
	case ofBody:
		var err error
		if tenant, err = tenantOfBody(r, k.route); err != nil {
			return err
		}
	case ofOwn, ofNone:
		for _, p := range k.caller.posts() {
			if slices.Contains(may.roles, p.Role) {
				return nil
			}
		}
	}
	if tenant != "" && k.sees(tenant) {
		return nil
	}
	do := "It is for: " + inWords(may.roles) + "."
	if slices.ContainsFunc(k.caller.posts(), func(p graphwarden.Post) bool { return slices.Contains(may.roles, p.Role) }) {
		do += map[bool]string{true: " Ask for one of your tenants: " + strings.Join(k.tenants(), ", ") + ".", false: " It needs the role at all tenants."}[may.reach == ofPath || may.reach == ofQuery || may.reach == ofBody]
	}
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.role", Say: fmt.Sprintf("The roles of %s are not for this.", k.caller.Token.Operator), Do: do}
}

// tenantOfBody reads the tenant as the route's handler will.
func tenantOfBody(r *http.Request, rt route) (string, error) {
	raw, err := wholeBody(r)
	if err != nil {
		return "", err
	}
	in := reflect.New(reflect.TypeOf(rt.in))
	if json.Unmarshal(raw, in.Interface()) != nil {
		return "", nil // of no tenant, then
	}
	tenant := in.Elem().FieldByName("Tenant")
	if !tenant.IsValid() {
		return "", nil
	}
	return tenant.String(), nil
}

// tenants are those where who asks has a role that the route is for.
func (k *asking) tenants() (list []string) {
	for _, p := range k.caller.posts() {
		if slices.Contains(k.face.rights[k.route.name].roles, p.Role) && !slices.Contains(list, p.Tenant) {
			list = append(list, p.Tenant)
		}
	}
	return list
}

// ours leaves of a list what is of tenants that who asks may see.
func ours[T any](r *http.Request, list []T, tenant func(T) string) []T {
	k := asked(r)
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return !k.sees(tenant(x)) })
}

func inWords(roles []graphwarden.Role) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return strings.Join(out, ", ")
}

// Right is who may ask what, as the documentation shows it.
type Right struct{ Route, About, Roles, Tenants string }

// Rights are those of every route of operators, in the order of the routes.
func Rights() (list []Right) {
	f := everyRoute().operators
	for _, rt := range f.table {
		if rt.who == anybody {
			continue
		}
		may := f.rights[rt.name]
		list = append(list, Right{Route: rt.pattern, About: rt.about, Roles: inWords(may.roles), Tenants: may.reach.String()})
	}
	return list
}
