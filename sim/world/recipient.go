package world

import (
	"slices"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/opath"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// DistinguishedName is what Exchange Online calls an object in its own directory.
func (w *World) DistinguishedName(o Object) string {
	return "CN=" + o.ID + ",OU=" + w.initialDomain() + ",OU=Microsoft Exchange Hosted Organizations,DC=SIMPR01A001,DC=PROD,DC=OUTLOOK,DC=COM"
}

// initialDomain is the onmicrosoft.com domain that every tenant begins with.
func (w *World) initialDomain() string {
	domains := w.Domains()
	return domains[len(domains)-1]
}

// Recipient says whether Exchange knows an object: a user, or a group that has an
// address. A plain security group is none of its recipients.
func Recipient(o Object) bool {
	return o.Type == "user" || o.Type == "group" && Text(o.Doc, "mail") != ""
}

// recipientProperties are the filterable properties that are simulated, by the
// property of Microsoft Graph that holds them ("Filterable properties for the
// RecipientFilter parameter").
func recipientProperties() map[string]string {
	return map[string]string{
		"externaldirectoryobjectid": "id", "alias": "mailNickname", "displayname": "displayName", "department": "department",
		"company": "companyName", "office": "officeLocation", "title": "jobTitle", "city": "city", "stateorprovince": "state",
		"countryorregion": "country", "windowsemailaddress": "mail", "primarysmtpaddress": "mail", "firstname": "givenName", "lastname": "surname",
		"userprincipalname": "userPrincipalName",
	}
}

// RecipientProperty says whether Exchange can filter recipients by a property, of
// those that are simulated.
func RecipientProperty(name string) bool {
	name = strings.ToLower(name)
	_, plain := recipientProperties()[name]
	return plain || name == "memberofgroup" || name == "emailaddresses" || name == "distinguishedname" || customAttribute(name) != ""
}

// customAttribute is where Graph keeps an attribute of the company's own.
func customAttribute(name string) string {
	number, ok := strings.CutPrefix(name, "customattribute")
	if n, err := strconv.Atoi(number); !ok || err != nil || n < 1 || n > 15 {
		return ""
	}
	return "extensionAttribute" + number
}

// Picks says whether a filter of recipients picks a user. Groups count with their
// direct members only (graph-facts §12.2).
func (w *World) Picks(tx *state.Tx, f opath.Filter, user string) bool {
	o, ok := w.Object(tx, user, "user")
	return ok && f.Matches(func(property string) []string { return w.recipientValues(tx, o, strings.ToLower(property)) })
}

func (w *World) recipientValues(tx *state.Tx, o Object, property string) []string {
	switch attribute := customAttribute(property); {
	case property == "memberofgroup":
		var out []string
		for g := range w.LinkedTo(tx, o.ID, Members) {
			if g.Type == "group" && Recipient(g) {
				out = append(out, w.DistinguishedName(g))
			}
		}
		return out
	case property == "emailaddresses":
		list, _ := o.Doc["proxyAddresses"].([]any)
		var out []string
		for _, v := range list {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
		return out
	case property == "distinguishedname":
		return []string{w.DistinguishedName(o)}
	case attribute != "":
		own, _ := o.Doc["onPremisesExtensionAttributes"].(Doc)
		return nonEmpty(Text(own, attribute))
	}
	return nonEmpty(Text(o.Doc, recipientProperties()[property]))
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
