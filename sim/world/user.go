package world

import (
	"maps"
	"strings"
	"unicode"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// NewUser stores a user: what set says over what Entra fills in by itself. The
// user has neither licence nor password yet.
func (w *World) NewUser(tx *state.Tx, set Doc) Object { return w.EnrolUser(tx, tx.GUID(), set) }

// EnrolUser is NewUser with an object id of the caller's choice.
func (w *World) EnrolUser(tx *state.Tx, id string, set Doc) Object {
	d := Doc{
		"securityIdentifier": SID(id), "createdDateTime": Time(tx.Now()), "deletedDateTime": nil, "userType": "Member",
		"businessPhones": []any{}, "imAddresses": []any{}, "otherMails": []any{}, "proxyAddresses": []any{},
		"assignedLicenses": []any{}, "assignedPlans": []any{}, "provisionedPlans": []any{},
		"lastPasswordChangeDateTime": Time(tx.Now()), "signInSessionsValidFromDateTime": Time(tx.Now()),
		"identities": []any{Doc{"signInType": "userPrincipalName", "issuer": w.Domain, "issuerAssignedId": set["userPrincipalName"]}},
	}
	maps.Copy(d, set)
	return w.AddObject(tx, Object{ID: id, Type: "user", Doc: d})
}

// IsVerified says whether the tenant has proved that a domain is its own.
func (w *World) IsVerified(domain string) bool {
	for _, own := range w.Domains() {
		if strings.EqualFold(own, domain) {
			return true
		}
	}
	return false
}

// IsStrongPassword applies Entra's rule for cloud accounts: 8 to 256 characters
// of at least three of four kinds (Microsoft Entra, "Password policies and
// account restrictions").
func IsStrongPassword(text string) bool {
	var lower, upper, digit, symbol int
	for _, r := range text {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			symbol = 1
		}
	}
	n := len([]rune(text))
	return n >= 8 && n <= 256 && lower+upper+digit+symbol >= 3
}
