// Package redact takes secrets and people out of texts that leave the house, such as
// an archive for whoever helps with a fault. It promises that a secret that it was
// told never stands in what it gives, in any of the usual spellings; that what has the
// form of a secret goes, too; and that a person, a mailbox, an id or an address gets a
// number, the same in every text of one Redactor, so that a story can be followed
// without knowing whose it is. It refuses to guess in favour of showing: what looks
// like either goes.
package redact

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// shortest is how many bytes tell a secret from chance: shorter ones are looked for
// only as they are.
const shortest = 8

// Redactor redacts texts. It may be used from many goroutines.
type Redactor struct {
	rules []rule

	mu      sync.Mutex
	secrets []string // in each spelling, the longest first, so that none hides within another
	open    []string // what addresses that are shown begin with
	numbers map[string]string
	next    map[string]int
	counted map[string]int
}

// New makes a Redactor that knows nothing yet.
func New() *Redactor {
	return &Redactor{rules: rules(), numbers: map[string]string{}, next: map[string]int{}, counted: map[string]int{}}
}

// Secret makes known what must never show. Of several lines, each is one.
func (r *Redactor) Secret(plain []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range bytes.Lines(plain) {
		line = bytes.TrimSpace(line)
		if len(line) < shortest || bytes.HasPrefix(line, []byte("-----")) {
			continue
		}
		r.secrets = append(r.secrets, forms(line)...)
		if _, rest, found := bytes.Cut(line, []byte("_")); found && len(rest) >= shortest {
			r.secrets = append(r.secrets, forms(rest)...) // whsec_ and the like, without their prefix
		}
	}
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	r.secrets = slices.Compact(r.secrets)
}

// forms are the usual spellings of a secret: in the clear, escaped, in hexadecimal,
// and in base64 wherever it begins.
func forms(secret []byte) []string {
	out := []string{string(secret), url.QueryEscape(string(secret)), url.PathEscape(string(secret)), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret))}
	if quoted, err := json.Marshal(string(secret)); err == nil {
		out = append(out, string(quoted[1:len(quoted)-1]))
	}
	for offset := range 3 {
		for _, coding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			coded := coding.EncodeToString(append(make([]byte, offset), secret...))
			out = append(out, coded[(offset*8+5)/6:(offset+len(secret))*8/6])
		}
	}
	return out
}

// Open has addresses shown whole that begin with a text, such as those of documents.
func (r *Redactor) Open(address string) { r.open = append(r.open, address) }

// Counted says how many of each kind were taken out so far.
func (r *Redactor) Counted() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.counted)
}

// rule takes out what has a form.
type rule struct {
	kind string // what is written in its place, with a number where that is numbered
	form *regexp.Regexp
	with func(r *Redactor, found string) string // nil: a number
}

func hidden(r *Redactor, _ string) string { r.counted["secret"]++; return "[secret]" }

// rules are tried in this order on what the ones before left.
func rules() []rule {
	return []rule{
		{"secret", regexp.MustCompile(`-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)`), hidden},
		{"secret", regexp.MustCompile(`\b(whsec|gwk|gwop|gwp|sk|xox[a-z])_[A-Za-z0-9+/=_-]{8,}|\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,4}`), hidden},
		{"secret", regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}`), hidden},
		{"secret", regexp.MustCompile(`(?i)["']?\b[a-z_-]*(secret|password|passwd|pwd|token|assertion|signature|api_?key|authorization)\b["']?\s*[:=]\s*("[^"]*"|'[^']*'|[^\s&"',;}\]]+)`), named},
		{"address", regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'<>\x60]+`), address},
		{"person", regexp.MustCompile(`[\p{L}\p{N}._%+'#-]+(@|%40)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+`), nil},
		{"id", regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`), nil},
		{"user", regexp.MustCompile(`(/home/|/Users/|[A-Z]:\\Users\\|\brun by )[^\s/\\"',.;]+`), user},
		{"id", regexp.MustCompile(`[A-Za-z0-9+_=-]{40,}`), long},
		{"ip", regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}\b`), machine},
	}
}

// named hides the value of what is called a secret, unless it is hidden already.
func named(r *Redactor, found string) string {
	at := strings.IndexAny(found, ":=")
	value := strings.TrimSpace(found[at+1:])
	if strings.Trim(value, `"'`) == "" || strings.HasPrefix(strings.Trim(value, `"'`), "[") || value == "true" || value == "false" || value == "null" {
		return found
	}
	r.counted["secret"]++
	if strings.HasPrefix(value, `"`) {
		return found[:at+1] + ` "[secret]"`
	}
	return found[:at+1] + "[secret]"
}

// address ends an address at its host: paths and queries hold tokens and names.
func address(r *Redactor, found string) string {
	for _, o := range r.open {
		if strings.HasPrefix(found, o) {
			return found
		}
	}
	scheme, rest, _ := strings.Cut(found, "://")
	host, path := rest, ""
	if at := strings.IndexAny(rest, "/?#"); at >= 0 {
		host, path = rest[:at], rest[at:]
	}
	short := scheme + "://" + host[strings.LastIndexByte(host, '@')+1:]
	if path != "" && path != "/" {
		short += "/…"
	}
	if short != found {
		r.counted["address"]++
	}
	return short
}

// user hides the name of the person at a computer.
func user(r *Redactor, found string) string {
	for _, before := range []string{"/home/", "/Users/", `\Users\`, "run by "} {
		if at := strings.Index(found, before); at >= 0 {
			return found[:at+len(before)] + r.number("user", found[at+len(before):])
		}
	}
	return found
}

// long numbers what no word is: Exchange's ids, hashes, keys in base64.
func long(r *Redactor, found string) string {
	upper := strings.IndexFunc(found, unicode.IsUpper)
	if upper < 0 && len(strings.FieldsFunc(found, func(c rune) bool { return !unicode.IsDigit(c) })) < 4 {
		return found // the name of a metric
	}
	return r.number("id", found)
}

// machine numbers the addresses of machines, but for this one.
func machine(r *Redactor, found string) string {
	a, err := netip.ParseAddr(found)
	if err != nil || a.IsLoopback() || a.IsUnspecified() {
		return found
	}
	return r.number("ip", found)
}

// number gives what is found its number, "[person 3]".
func (r *Redactor) number(kind, found string) string {
	key := kind + " " + strings.ToLower(strings.ReplaceAll(found, "%40", "@"))
	r.counted[kind]++
	if r.numbers[key] == "" {
		r.next[kind]++
		r.numbers[key] = fmt.Sprintf("[%s %d]", kind, r.next[kind])
	}
	return r.numbers[key]
}

// Text redacts a text.
func (r *Redactor) Text(text string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.secrets {
		if n := strings.Count(text, s); n > 0 {
			r.counted["secret"] += n
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	for _, x := range r.rules {
		text = x.form.ReplaceAllStringFunc(text, func(found string) string {
			if x.with != nil {
				return x.with(r, found)
			}
			return r.number(x.kind, found)
		})
	}
	return text
}

// JSON writes a value as JSON, each text and each name of a map in it redacted.
func (r *Redactor) JSON(value any) ([]byte, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return r.Raw(raw)
}

// Raw is JSON of a value that is written already.
func (r *Redactor) Raw(raw []byte) ([]byte, error) {
	var tree any
	from := json.NewDecoder(bytes.NewReader(raw))
	from.UseNumber()
	if err := from.Decode(&tree); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	err := to.Encode(r.Tree(tree))
	return out.Bytes(), err
}

// Tree redacts what was read of JSON: maps, lists and texts.
func (r *Redactor) Tree(value any) any {
	switch v := value.(type) {
	case string:
		return r.Text(v)
	case []any:
		for i := range v {
			v[i] = r.Tree(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			if text, is := inner.(string); is && text != "" && secretName(name) {
				inner = "[secret]"
			}
			out[r.Text(name)] = r.Tree(inner)
		}
		return out
	}
	return value
}

// secretName says whether what has a name must be a secret.
func secretName(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{"secret", "password", "token", "assertion", "signature", "api_key", "authorization"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
