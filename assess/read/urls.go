package read

import (
	"iter"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// mayAddress says whether an address can be in a text in lower case.
func mayAddress(lower string) bool {
	for _, w := range []string{"://", "urn:", "spn:", ".com/", "graph.windows.net/"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// addresses finds the scopes in authorize and consent addresses and the addresses
// of scopes. What another address holds is no permission.
func (b *book) addresses(s string, taken []bool) []hit {
	var hits []hit
	for _, at := range forms().url.FindAllStringIndex(s, -1) {
		raw := strings.TrimRight(s[at[0]:at[1]], ".,;:)]}")
		to := at[0] + len(raw)
		if !take(taken, at[0], to) {
			continue
		}
		for _, h := range b.address(raw) {
			h.from, h.to = at[0], to
			hits = append(hits, h)
		}
	}
	return hits
}

// address gives the permissions that one address asks for.
func (b *book) address(raw string) []hit {
	if l := strings.ToLower(raw); strings.Contains(l, "scope=") {
		return b.scopes(raw)
	}
	h, ok := b.scopeAddress(raw)
	if !ok {
		return nil
	}
	return []hit{h}
}

// responses are what the authorize addresses in a text ask for beside scopes
// (response_type, RFC 6749, section 3.1.1), as words parted by spaces.
func responses(s string) []string {
	if !strings.Contains(s, "response_type") {
		return nil
	}
	var out []string
	for _, at := range forms().url.FindAllStringIndex(s, -1) {
		for key, value := range parameters(strings.TrimRight(s[at[0]:at[1]], ".,;:)]}")) {
			if strings.EqualFold(key, "response_type") {
				out = append(out, strings.ToLower(value))
			}
		}
	}
	return out
}

// parameters are those of an address's query, decoded.
func parameters(raw string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		query := raw
		if _, q, ok := strings.Cut(raw, "?"); ok {
			query = q
		}
		query, _, _ = strings.Cut(query, "#")
		for pair := range strings.SplitSeq(strings.ReplaceAll(query, "&amp;", "&"), "&") {
			key, value, _ := strings.Cut(pair, "=")
			value = strings.ReplaceAll(value, "+", " ")
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

// scopes are those of an authorize or consent address: delegated, all of them.
func (b *book) scopes(raw string) []hit {
	var hits []hit
	for key, value := range parameters(raw) {
		if !strings.EqualFold(key, "scope") && !strings.EqualFold(key, "scopes") {
			continue
		}
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' || r == '+' }) {
			hits = append(hits, b.scope(word)...)
		}
	}
	return hits
}

// scope is one of an address's scopes.
func (b *book) scope(word string) []hit {
	if strings.Contains(word, "://") {
		h, ok := b.scopeAddress(word)
		if !ok {
			return nil
		}
		h.delegate = true
		return []hit{h}
	}
	g, ok := b.resolve(word)
	if !ok {
		if looksLike(word) {
			return []hit{{written: word, unknown: true}}
		}
		return nil
	}
	if g.how == plan.ByName {
		g.how = plan.ByURL
	}
	return []hit{{guess: g, written: word, delegate: true}}
}

// scopeAddress resolves https://graph.microsoft.com/Mail.Read.
func (b *book) scopeAddress(raw string) (hit, bool) {
	_, rest, ok := strings.Cut(raw, "://")
	if !ok {
		rest = raw
	}
	host, name, _ := strings.Cut(rest, "/")
	if ownAddress(raw) {
		return hit{written: raw, unknown: true, own: true}, true
	}
	resource := resourceOf(host)
	name = strings.Trim(name, "/")
	if resource == "" || name == "" || strings.Contains(name, "/") || name == ".default" {
		return hit{}, false
	}
	g, ok := b.resolve(name)
	if !ok {
		return hit{}, false
	}
	if g.how == plan.ByName {
		g.how = plan.ByURL
	}
	return hit{guess: g, written: raw, resource: resource}, true
}

// azureADGraph is the resource of the API that was retired.
const azureADGraph = "00000002-0000-0000-c000-000000000000"

// resourceOf is the API that answers at a host.
func resourceOf(host string) string {
	switch h := strings.ToLower(host); {
	case h == "graph.microsoft.com" || strings.HasPrefix(h, "graph.microsoft."):
		return catalog.MicrosoftGraph
	case h == "outlook.office.com", h == "outlook.office365.com", h == "ps.outlook.com":
		return catalog.ExchangeOnline
	case h == "graph.windows.net":
		return azureADGraph
	case strings.HasSuffix(h, ".sharepoint.com"), h == "microsoft.sharepoint-df.com":
		return catalog.SharePointOnline
	}
	return ""
}
