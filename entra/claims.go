package entra

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Claims are what Microsoft asks a new token to hold. The zero Claims ask for
// nothing.
type Claims struct {
	access map[string]json.RawMessage // of the claims parameter's member access_token
}

// Empty says whether nothing is asked for.
func (c Claims) Empty() bool { return len(c.access) == 0 }

// Names lists what is asked for, such as acrs or nbf.
func (c Claims) Names() []string { return slices.Sorted(maps.Keys(c.access)) }

// challenged finds the parameters that matter in a WWW-Authenticate header.
var challenged = regexp.MustCompile(`(?i)\b(error|claims)\s*=\s*"([^"]*)"`)

// Challenge reads the claims out of the WWW-Authenticate header of a 401. False
// means that it challenges for nothing, or not in a form that is understood
// (graph-facts §1.8: Base64 may be standard or for URLs, padded or not).
func Challenge(header string) (Claims, bool) {
	found := map[string]string{}
	for _, m := range challenged.FindAllStringSubmatch(header, -1) {
		found[strings.ToLower(m[1])] = m[2]
	}
	if !strings.EqualFold(found["error"], "insufficient_claims") {
		return Claims{}, false
	}
	text := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(found["claims"], "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return Claims{}, false
	}
	var asked struct {
		Access map[string]json.RawMessage `json:"access_token"`
	}
	if json.Unmarshal(raw, &asked) != nil || len(asked.Access) == 0 {
		return Claims{}, false
	}
	return Claims{asked.Access}, true
}

// text writes the claims parameter. It always says that we answer challenges
// (cp1), so that Microsoft may end a token early (graph-facts §1.8).
func (c Claims) text() string {
	access := map[string]json.RawMessage{}
	for name, value := range c.access {
		access[name] = value
	}
	access["xms_cc"] = json.RawMessage(`{"values":["cp1"]}`)
	text, err := json.Marshal(map[string]any{"access_token": access})
	if err != nil {
		return "" // raw JSON that was read as JSON can be written
	}
	return string(text)
}
