package judge

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// Rule is one of the rules that give a class. The first that fits decides.
type Rule struct {
	ID    string
	When  string // in words
	Class Class
	Why   string

	fits func(subject) bool
}

// subject is a permission as the rules see it.
type subject struct {
	name                       string
	family, action, constraint string
	kind                       data
	tenant                     bool // its reach: everybody's data, not the user's
	writes                     bool
	basic                      bool // outlines only
}

// data are the kinds of data that permissions open.
type data int

const (
	settings data = iota // directory and settings, and what is named nowhere else
	letters
	diaries
	defences
	company
	identity
)

// Rules are the rules of risk, in the order in which they are tried.
func Rules() []Rule {
	of := func(kind data, tenant, writes bool) func(subject) bool {
		return func(s subject) bool { return s.kind == kind && s.tenant == tenant && s.writes == writes }
	}
	return []Rule{
		{"P1", "the name is on the list of paths to more privilege", Critical, "it can give itself or others more rights, take over accounts, or switch protections off", isPath},
		{"P2", "a key to a whole service", Critical, "it does as much as the roles behind it", isKey},
		{"K1", "passwords and recovery keys of devices", Critical, "whoever reads them is the administrator of the machine, or opens its disk", isMachineKey},
		{"L1", "letters and documents of the tenant, write or send", Critical, "it changes what anybody wrote, or speaks for anybody, unseen", of(letters, true, true)},
		{"L2", "letters and documents of the tenant, read", High, "all correspondence is open to whoever steals one credential", of(letters, true, false)},
		{"L3", "letters and documents of the user, write or send", High, "it speaks and deletes in a person's name", of(letters, false, true)},
		{"L4", "letters and documents of the user, read", Medium, "it reads what one person may read", of(letters, false, false)},
		{"D1", "diaries of the tenant, read or write", High, "it shows where everybody is, with whom and about what; Microsoft rates reading higher than writing, which is a fault of the table", func(s subject) bool { return s.kind == diaries && s.tenant }},
		{"D2", "diaries of the user, write", High, "invitations go out in the person's name, addresses are changed", of(diaries, false, true)},
		{"D3", "diaries of the user, read", Medium, "it shows one person's days", of(diaries, false, false)},
		{"B1", "behaviour and defences of all, read or write", High, "it is a map for an attacker, and shows the conduct of employees", func(s subject) bool { return s.kind == defences && s.tenant }},
		{"B2", "behaviour and defences of the user alone", Medium, "it shows how one person signs in", func(s subject) bool { return s.kind == defences }},
		{"C1", "company and basics, read", Low, "it shows little more than an address book", func(s subject) bool { return s.kind == company && !s.writes }},
		{"C2", "company and basics, write", High, "it changes what everybody sees or may use", func(s subject) bool { return s.kind == company }},
		{"S1", "own identity", Low, "it shows who signed in; offline_access adds time, not data", func(s subject) bool { return s.kind == identity }},
		{"T1", "directory and settings, write, not on the list", High, "it changes things for all", func(s subject) bool { return s.writes }},
		{"T2", "directory and settings, read", Medium, "it shows who is in the tenant, or how it is set up", func(subject) bool { return true }},
	}
}

// Modifiers are what changes a class after its rule, for the page of rules.
func Modifiers() []Rule {
	return []Rule{
		{ID: "O1", When: "outlines only (ReadBasic) of letters and diaries", Why: "one class less"},
		{ID: "N1", When: "narrowed by name: Selected, OwnedBy, AppFolder, resource-specific consent", Why: "one class less than the unnarrowed one, never below medium while the granted role is unknown; delegated: medium"},
		{ID: "N2", When: "narrowed by an Exchange role with a scope, and no unscoped consent beside it", Why: "one class less; a promise in the text alone changes nothing"},
		{ID: "U1", When: "a name that the catalogue does not know", Class: High, Why: "nobody can say what it opens"},
	}
}

// Classify gives the class of a permission in a scheme, by which rule, and why.
func Classify(name string, scheme plan.Scheme) (Class, string, string) { return classify(name, scheme) }

// classify gives the class of a permission in a scheme, by which rule, and why.
func classify(name string, scheme plan.Scheme) (Class, string, string) {
	s := subjectOf(name, scheme)
	for _, r := range tried() {
		if !r.fits(s) {
			continue
		}
		switch {
		case r.ID == "P1" || r.ID == "P2":
		case narrowed(s):
			return narrow(s, r, scheme)
		case s.basic && (s.kind == letters || s.kind == diaries):
			return r.Class.Less(), r.ID + " O1", r.Why + "; outlines only"
		}
		return r.Class, r.ID, r.Why
	}
	return High, "U1", "nobody can say what it opens"
}

// narrow is the class of what a name narrows.
func narrow(s subject, r Rule, scheme plan.Scheme) (Class, string, string) {
	class := r.Class.Less()
	if class == Low || scheme == plan.Delegated && strings.HasSuffix(s.name, "Selected") {
		class = Medium
	}
	if s.name == "Application.ReadWrite.OwnedBy" {
		class = High
	}
	return class, "N1", "what its name narrows it to; unnarrowed: " + r.Why
}

// subjectOf takes a name apart.
func subjectOf(name string, scheme plan.Scheme) subject {
	s := subject{name: name}
	var rest string
	s.family, rest, _ = strings.Cut(name, ".")
	s.action, s.constraint, _ = strings.Cut(rest, ".")
	s.basic = strings.HasPrefix(s.action, "ReadBasic")
	s.writes = writes(s.action)
	s.kind = kindOf(s)
	s.tenant = scheme == plan.Application || s.kind != letters && s.kind != diaries && !(s.kind == defences && s.constraint == "")
	return s
}

// writes says whether an action changes, sends or may do anything.
func writes(action string) bool {
	switch {
	case strings.HasPrefix(action, "ReadWrite"), strings.HasPrefix(action, "Read_"):
		return strings.HasPrefix(action, "ReadWrite")
	case strings.HasPrefix(action, "Read"), action == "":
		return false
	}
	return true
}

// families gives the kinds of data by the first words of names.
var families = sync.OnceValue(func() map[string]data {
	out := map[string]data{}
	for kind, list := range map[data]string{
		letters:  "Mail MailboxItem MailboxFolder Files Sites Lists ListItems Notes Chat ChatMessage ChannelMessage CallRecordings CallTranscripts OnlineMeetingRecording OnlineMeetingTranscript EWS IMAP POP SMTP AllSites MyFiles",
		diaries:  "Calendars Contacts Tasks Bookings BookingsAppointment OnlineMeetings People Schedule MailboxSettings Presence",
		defences: "AuditLog AuditLogsQuery IdentityRiskEvent IdentityRiskyUser IdentityRiskyServicePrincipal IdentityRiskyAgent SecurityEvents SecurityAlert SecurityIncident ThreatHunting eDiscovery UserAuthenticationMethod BitlockerKey DeviceLocalCredential CallRecords",
		company:  "Organization OrganizationalBranding Domain LicenseAssignment Place",
	} {
		for f := range strings.FieldsSeq(list) {
			out[f] = kind
		}
	}
	return out
})

// isIdentity says whether a permission shows who signed in, and no more.
func isIdentity(name string) bool {
	switch name {
	case "openid", "profile", "email", "offline_access", "User.Read":
		return true
	}
	return false
}

func kindOf(s subject) data {
	if isIdentity(s.name) {
		return identity
	}
	if s.basic && (s.family == "User" || s.family == "Group" || s.family == "People" || s.family == "TeamMember" || s.family == "Team") {
		return company
	}
	if strings.HasPrefix(s.family, "UserAuthMethod-") || strings.HasPrefix(s.family, "AuditLogsQuery-") {
		return defences
	}
	return families()[s.family] // settings for those that are not listed
}

// narrowed says whether the name itself holds a permission to a part.
func narrowed(s subject) bool {
	for _, end := range []string{"Selected", "OwnedBy", "AppFolder", "CreatedByApp", "Group", "Chat", "User"} {
		if s.constraint == end || strings.HasSuffix(s.constraint, "."+end) || s.action == end {
			return end != "User" || !strings.HasPrefix(s.name, "Exchange")
		}
	}
	return false
}

// isKey says whether a permission opens a whole service.
func isKey(s subject) bool {
	switch s.name {
	case "full_access_as_app", "Exchange.ManageAsApp", "Exchange.Manage", "user_impersonation", "Sites.FullControl.All", "AllSites.FullControl":
		return true
	}
	return false
}

// isMachineKey says whether a permission gives out passwords or recovery keys of devices; the
// basic forms give out neither.
func isMachineKey(s subject) bool {
	return (s.family == "DeviceLocalCredential" || s.family == "BitlockerKey") && !s.basic
}

// isWhole says whether a permission opens all that somebody may do, or a whole service,
// so that its name tells of no use.
func isWhole(name string) bool {
	return strings.Contains(name, "AccessAsUser") || isKey(subject{name: name})
}

// paths are the permissions that lead to more privilege; a star stands for any rest.
const paths = `AppRoleAssignment.ReadWrite.All Application.ReadWrite.All AgentIdentityBlueprint.AddRemoveCreds.All Synchronization.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All
RoleManagement.ReadWrite.* RoleAssignmentSchedule.ReadWrite.Directory RoleEligibilitySchedule.ReadWrite.Directory
RoleManagementPolicy.ReadWrite.* PrivilegedAccess.ReadWrite.* PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup
PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup EntitlementManagement.ReadWrite.All
Directory.ReadWrite.All Directory.AccessAsUser.All User.ReadWrite.All User-PasswordProfile.ReadWrite.All
User.ManageIdentities.All User.EnableDisableAccount.All User.DeleteRestore.All UserAuthenticationMethod.ReadWrite.All
UserAuthMethod-*.ReadWrite.All Group.ReadWrite.All GroupMember.ReadWrite.All
Policy.ReadWrite.ConditionalAccess Policy.ReadWrite.Authorization Policy.ReadWrite.PermissionGrant
Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.SecurityDefaults Policy.ReadWrite.CrossTenantAccess
Policy.ReadWrite.ApplicationConfiguration Policy.ReadWrite.ConsentRequest Policy.ReadWrite.FedTokenValidation
Domain.ReadWrite.All Domain-InternalFederation.ReadWrite.All IdentityProvider.ReadWrite.All
OnPremDirectorySynchronization.ReadWrite.All PublicKeyInfrastructure.ReadWrite.All
DeviceManagementConfiguration.ReadWrite.All DeviceManagementScripts.ReadWrite.All
DeviceManagementManagedDevices.PrivilegedOperations.All DeviceManagementRBAC.ReadWrite.All`

// Paths lists the permissions that lead to more privilege, a star for any rest.
func Paths() []string { return strings.Fields(paths) }

var (
	tried   = sync.OnceValue(Rules) // once for all permissions
	leading = sync.OnceValue(Paths)
)

func isPath(s subject) bool {
	for _, p := range leading() {
		before, after, star := strings.Cut(p, "*")
		if p == s.name || star && strings.HasPrefix(s.name, before) && strings.HasSuffix(s.name, after) && len(s.name) > len(before)+len(after) {
			return true
		}
	}
	return false
}
