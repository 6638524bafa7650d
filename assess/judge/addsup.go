package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
)

// The kinds of findings about consents that reach every mailbox.
const (
	unscoped = "unscoped"
	addsUp   = "adds up"
)

// scoping are the words of a plan that gives an app roles in Exchange with a scope.
var scoping = sync.OnceValue(func() *find.Pattern {
	return re(`RBAC for Applications|New-ManagementRoleAssignment|New-ManagementScope|CustomResourceScope|RecipientAdministrativeUnitScope|\bmanagement scopes?\b|\bexchange roles?\b.{0,60}\bscopes?\b|\bapplication (?:mail|calendars|contacts|mailboxsettings)\.\w+`)
})

// exchangeRole is a role in Exchange by name, with the permission that it stands for.
var exchangeRole = sync.OnceValue(func() *find.Pattern {
	return re(`\bapplication ((?:mail|calendars|contacts|mailboxsettings)\.[a-z.]+[a-z])\b.{0,80}`)
})

// addedUp makes of an unscoped consent, in a plan that gives the app roles in Exchange
// with a scope as well, what it comes to: both add up, so that the role restricts
// nothing. Lines that name roles speak of their permissions, others of all.
func addedUp(p *plan.Plan, all []Finding) []Finding {
	byRole, general := map[string][]int{}, []int(nil)
	for i := range p.Text {
		l := &p.Text[i]
		if !l.Has(scoping()) {
			continue
		}
		on := onLine(l, scoping())
		if m := exchangeRole().Words(l.Text); m != nil {
			name := strings.ToLower(m[1])
			byRole[name] = append(byRole[name], on)
		} else {
			general = append(general, on)
		}
	}
	for i := range all {
		f := &all[i]
		at := byRole[strings.ToLower(f.About)]
		if f.Kind == unscoped && len(byRole) == 0 {
			at = general
		}
		if f.Kind != unscoped || len(at) == 0 {
			continue
		}
		f.Lines, f.Kind = unique(append(slices.Clone(f.Lines), at...)), addsUp
		f.Why = "the consent in Entra to " + f.About + " reaches every mailbox, the role in Exchange some: both add up, so that the role restricts nothing"
		f.Instead = "the role alone: remove the consent in Entra"
	}
	return all
}
