package read

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
)

// foreign says whether a name is that of another API, which a reader could take
// for one of Graph's or for a misspelling of it. Sources: Microsoft's references of
// Power BI, Defender for Endpoint, the Office 365 Management APIs, Intune, Azure
// and Dynamics; Google's and others' are told by their form.
func foreign(word string) bool {
	l := strings.ToLower(word)
	family, _, _ := strings.Cut(l, ".")
	return foreigners().families[family] || foreigners().names[l]
}

// foreigners are the families and the names of other APIs.
var foreigners = sync.OnceValue(func() struct{ families, names map[string]bool } {
	set := func(words string) map[string]bool {
		out := map[string]bool{}
		for w := range strings.FieldsSeq(words) {
			out[w] = true
		}
		return out
	}
	return struct{ families, names map[string]bool }{set(foreignFamilies), set(foreignNames)}
})

const foreignFamilies = `dataset dashboard report workspace capacity dataflow gateway pipeline storageaccount
content lakehouse warehouse notebook eventstream kqldatabase semanticmodel connection item onelake fabric
machine alert advancedquery vulnerability ti score software url ip securityrecommendation remediationtasks
securityconfiguration securitybaselinesassessment event library activityfeed vault secret
environmentmanagement appmanagement powerapps flows approvals.manage dynamics crm businesscentral
automation financials incident`

const foreignNames = `tenant.read.all tenant.readwrite.all app.read.all file.read.all servicehealth.read
user.export.all device.write`

// otherAPIs are the words by which people name APIs whose permissions are called
// like Graph's.
const otherAPIs = `power ?bi|defender|windowsdefender|dynamics|azure service management|azure devops|key vault|management api|activity feed|yammer|viva engage|intune api|power ?apps|power ?automate api|log analytics|service bus|azure storage`

// foreignAPI says whether a heading or a cell names an API that is none of those whose
// permissions the catalogue knows.
func foreignAPI(s string) bool {
	l := strings.ToLower(s)
	return len(l) < 80 && apiOf(s) == "" && others().In(l, l)
}

var others = sync.OnceValue(func() *find.Pattern { return find.Lower(otherAPIs) })

// ownAPIs are the words by which people name the API of their own product.
const ownAPIs = `\bour (?:own )?(?:\w+ )?api\b|\bown api\b|\bcustom api\b|\beigene[nrs]? (?:\w+-?)?api\b|\bunsere[nrs]? (?:eigenen? )?(?:\w+-?)?api\b`

var ownOnes = sync.OnceValue(func() *find.Pattern { return find.Lower(ownAPIs) })

// ownAddress says whether a scope's address is that of a registration's own API: nobody
// at Microsoft answers at api://.
func ownAddress(raw string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(raw), "api://")
	_, name, _ := strings.Cut(rest, "/")
	return ok && name != "" && !strings.HasSuffix(name, ".default")
}

// otherFirms are those whose products people connect beside Microsoft 365.
const otherFirms = `\bgoogle|\bslack\b|salesforce|\bzoom\b|\bgithub\b|\batlassian\b|\bhubspot\b|\bdropbox\b|\bzendesk\b|\bservicenow\b|\baws\b|\bokta\b`

var firms = sync.OnceValue(func() *find.Pattern { return find.New(otherFirms) })
