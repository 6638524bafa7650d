package world

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Found makes the tenant: its organisation, the service principals of Microsoft Graph
// and Exchange Online
// and the role of the Global Administrator. It is called in the base of
// state.Store.Open, once, before people and apps are added.
func (w *World) Found(tx *state.Tx) {
	w.AddObject(tx, Object{ID: w.TenantID, Type: "organization", Doc: Doc{
		"displayName": w.Name, "createdDateTime": Time(Founded()), "deletedDateTime": nil, "tenantType": "AAD",
		"countryLetterCode": "DK", "country": "Denmark", "city": "Copenhagen", "state": nil, "street": nil,
		"postalCode": nil, "preferredLanguage": "en", "onPremisesSyncEnabled": nil,
		"onPremisesLastSyncDateTime": nil, "businessPhones": []any{}, "marketingNotificationEmails": []any{},
		"securityComplianceNotificationMails": []any{}, "securityComplianceNotificationPhones": []any{},
		"technicalNotificationMails": []any{"it@" + w.Domain}, "assignedPlans": []any{}, "provisionedPlans": []any{},
		"defaultUsageLocation": nil, "partnerTenantType": nil, "privacyProfile": nil,
		"verifiedDomains": w.verifiedDomains(),
	}})
	w.addGraph(tx)
	w.addExchange(tx)
	for _, id := range []string{DirectoryReaders, GlobalAdministrator} { // in use in every tenant
		if t, ok := RoleTemplateOf(id); ok {
			w.ActivateRole(tx, t)
		}
	}
	w.PutSetting(tx, w.stableID("groupSetting", "unified"), nil)
}

// Domains gives the tenant's verified domains, the default one first.
func (w *World) Domains() []string {
	label, _, _ := strings.Cut(w.Domain, ".")
	initial := label + ".onmicrosoft.com"
	if initial == w.Domain {
		return []string{w.Domain}
	}
	return []string{w.Domain, initial}
}

func (w *World) verifiedDomains() []any {
	var out []any
	for i, name := range w.Domains() {
		out = append(out, Doc{"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": i == 0,
			"isInitial": strings.HasSuffix(name, ".onmicrosoft.com"), "name": name, "type": "Managed"})
	}
	return out
}

// MakeAdministrator gives a user or service principal the role of the Global
// Administrator.
func (w *World) MakeAdministrator(tx *state.Tx, principal string) {
	if role, ok := w.Object(tx, w.stableID("directoryRole", GlobalAdministrator)); ok {
		w.Link(tx, role, Members, principal)
	}
}

// InitialPassword is the password that a user has in the tenant as it is
// delivered; the same for the same seed.
func (w *World) InitialPassword(user string) string {
	return "Gw1!" + shapeSecret(w.Derive("password", user))[:12]
}

// Derive gives 32 bytes that follow from the seed and the names, for what must
// be the same whenever the tenant is started and cannot be guessed without it.
func (w *World) Derive(names ...string) []byte {
	in := binary.BigEndian.AppendUint64(nil, w.seed)
	sum := sha256.Sum256(append(in, strings.Join(names, "\x00")...))
	return sum[:]
}

func (w *World) stableID(names ...string) string { return StableID(w.seed, names...) }
