package judge

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/speech"
)

var ofWhat = sync.OnceValue(func() struct{ secret, verb, agent, consent *regexp.Regexp } {
	return struct{ secret, verb, agent, consent *regexp.Regexp }{
		secret:  regexp.MustCompile(`secret|\bkeys?\b|certificat|credential|geheim|schlüssel|zertifikat|hemmelig|hemlig|nøgle|nyckel|\bclés?\b|\bclaves?\b|secreto|certificado|sleutel|segret[oi]|segred|sekret|salaisuu|シークレット|密钥`),
		verb:    regexp.MustCompile(`^(?:never|does not|do not|will not|läuft|udløber|utløper|upphör|går|laeuft|löper|verlo|vervalt|n['’]expire|no (?:caduca|expira|vence)|nunca|jamais|não|non scad|nigdy|nie wygasa|ei |nikdy|永不)`),
		agent:   regexp.MustCompile(`\b(?:by|durch|von|vom|par|af|av|door|por)(?: (?:a|an|the|your|einem?|einen|den|der|un|une|le|la|votre|en|et|een|de))? $`),
		consent: regexp.MustCompile(`\bconsent|zustimm|einwillig|\bconsentement|samtyk|samtyc|toestemming|consentimiento`),
	}
})

// ofSecrets says whether what a sentence says at a stretch is said of a secret: it names one,
// or what it says it of is no word of its own, as in "it never expires".
func ofSecrets(lower string, from, to int) bool {
	begin := max(strings.LastIndex(lower[:from], ". "), strings.LastIndex(lower[:from], "\n"), 0)
	end := len(lower)
	if i := strings.Index(lower[to:], ". "); i >= 0 {
		end = to + i
	}
	if ofWhat().secret.MatchString(lower[begin:end]) || !ofWhat().verb.MatchString(lower[from:to]) {
		return true
	}
	return !speech.NamesAny(strings.TrimLeft(lower[begin:from], ". "))
}

// consents says whether an administrator is named as who consents: "the consent is given by
// a Global Administrator".
func consents(lower string, at int) bool {
	before := lower[max(0, at-160):at]
	if i := strings.LastIndexAny(before, ".;|\n"); i >= 0 {
		before = before[i+1:]
	}
	return ofWhat().agent.MatchString(before) && ofWhat().consent.MatchString(before)
}
