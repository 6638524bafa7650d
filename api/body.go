package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/mail"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/zone"
)

// What a body may have at most, where its type says nothing else.
const (
	longestText = 64 << 10 // characters
	longestList = 1000     // entries
	deepest     = 24       // objects and lists within each other
)

// decode reads a request's JSON body. What its type does not declare is refused
// with the field that it stands in and what to do.
func decode(r *http.Request, into any) error {
	of := reflect.TypeOf(into).Elem()
	if of != reflect.TypeOf(asked(r).route.in) { // else the frame has held it against its type
		if err := checkBody(r, of); err != nil {
			return err
		}
	}
	raw, err := wholeBody(r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return wrongBody("it is not understood")
	}
	sign(r, into)
	return nil
}

// sign writes into a body who sent it, where the frame knows it: nobody acts in
// another's name.
func sign(r *http.Request, body any) {
	of := reflect.ValueOf(body).Elem()
	if c := callerOf(r); !c.Operator || c.Owner || of.Kind() != reflect.Struct {
		return
	}
	if by := of.FieldByName("By"); by.IsValid() && by.Kind() == reflect.String {
		by.SetString(callerOf(r).operator())
	}
}

// checkBody holds a body against its type.
func checkBody(r *http.Request, of reflect.Type) error {
	raw, err := wholeBody(r)
	if err != nil {
		return err
	}
	if err := checkKind(r.Header); err != nil {
		return err
	}
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return wrongBody("it is empty", "Send one JSON object, {} where nothing is to be said.")
	case bytes.HasPrefix(raw, []byte("\ufeff")):
		return wrongBody("it begins with a byte order mark", "Send UTF-8 without one.")
	case !utf8.Valid(raw):
		return wrongBody("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	c := checker{d: d}
	if err := c.value(of, rules{}, "", 0); err != nil {
		return c.told(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return wrongBody("something follows its first value")
	}
	return nil
}

// checkKind refuses a body that is said to be something else than plain JSON in UTF-8.
func checkKind(h http.Header) error {
	no := func(field, say, do string) error {
		return &problem{status: http.StatusUnsupportedMediaType, refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body_kind", Field: field, Say: say, Do: do}}
	}
	if packed := strings.Join(h.Values("Content-Encoding"), ", "); packed != "" && !strings.EqualFold(packed, "identity") {
		return no("Content-Encoding", fmt.Sprintf("The request's body is packed (%s).", shortened(packed)), "Send it as it is, without Content-Encoding.")
	}
	kind := h.Get("Content-Type")
	if kind == "" {
		return nil
	}
	plain, more, err := mime.ParseMediaType(kind)
	if err != nil || plain != "application/json" {
		return no("Content-Type", "The request's body is not JSON.", "Send JSON, and say so: Content-Type: application/json.")
	}
	if set := more["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && !strings.EqualFold(set, "utf8") {
		return no("Content-Type", fmt.Sprintf("The request's body is said to be in %q.", shortened(set)), "Send UTF-8, which JSON is in: Content-Type: application/json.")
	}
	return nil
}

// wholeBody reads the body, which can be read again afterwards.
func wholeBody(r *http.Request) ([]byte, error) {
	raw, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &problem{status: http.StatusRequestEntityTooLarge, refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body_large", Field: place(""),
			Say: fmt.Sprintf("The request is larger than %d bytes.", large.Limit), Do: "Send less at once."}}
	case err != nil:
		return nil, wrongBody("it could not be read to its end")
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	return raw, nil
}

func wrongBody(why string, do ...string) error {
	r := &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.body", Field: place(""),
		Say: fmt.Sprintf("The request's body is wrong: %s.", why), Do: "Send one JSON object with the fields that the path knows."}
	if len(do) > 0 {
		r.Do = do[0]
	}
	return r
}

// wrongField refuses a value of a body, at its place such as attendees[2].email.
func wrongField(at, why, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.field", Field: at,
		Say: fmt.Sprintf("The field %s is wrong: %s.", at, why), Do: do}
}

// checker reads JSON beside its Go type.
type checker struct{ d *json.Decoder }

// told makes a refusal of what the decoder says.
func (c checker) told(err error) error {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return err
	}
	return wrongBody("it is not JSON")
}

func (c checker) value(t reflect.Type, r rules, at string, depth int) error {
	if depth > deepest {
		return wrongField(at, "it stands too deep", fmt.Sprintf("Nest at most %d objects and lists.", deepest))
	}
	nullable := t.Kind() == reflect.Pointer
	if nullable {
		t = t.Elem()
	}
	token, err := c.d.Token()
	if err != nil {
		return err
	}
	if r.object && token != json.Delim('{') {
		return wrongField(place(at), "it is not an object", "Send a JSON object.")
	}
	if token == nil && (nullable || isAny(t) || t.Kind() == reflect.Slice) {
		return nil // of a list, as Go writes an empty one
	}
	switch {
	case isAny(t) || t.Kind() == reflect.Map:
		return c.anything(token, t, at, depth)
	case t == timeType || isText(t):
		return checkText(token, t, r, at)
	}
	switch t.Kind() {
	case reflect.Struct:
		if token != json.Delim('{') {
			return wrongField(place(at), "it is not an object", "Send a JSON object.")
		}
		return c.object(t, at, depth)
	case reflect.Slice, reflect.Array:
		if token != json.Delim('[') {
			return wrongField(at, "it is not a list", "Send a JSON list, also of one.")
		}
		return c.list(t.Elem(), r, at, depth)
	case reflect.Bool:
		if _, ok := token.(bool); !ok {
			return wrongField(at, "it is neither true nor false", "Send true or false, without quotes.")
		}
		return nil
	}
	return checkNumber(token, t, r, at)
}

func place(at string) string {
	if at == "" {
		return "(the body)"
	}
	return at
}

func (c checker) object(t reflect.Type, at string, depth int) error {
	known := fieldsOf(t)
	seen := map[string]bool{}
	for c.d.More() {
		token, err := c.d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		inner := strings.TrimPrefix(at+"."+shortened(name), ".")
		i := slices.IndexFunc(known, func(f field) bool { return f.name == name })
		switch {
		case seen[name]:
			return wrongField(inner, "it stands there twice", "Send it once.")
		case i < 0:
			return unknownField(known, name, inner)
		}
		seen[name] = true
		if err := c.value(known[i].typ, known[i].rules, inner, depth+1); err != nil {
			return err
		}
	}
	if _, err := c.d.Token(); err != nil {
		return err
	}
	for _, f := range known {
		if f.rules.required && !seen[f.name] {
			return wrongField(strings.TrimPrefix(at+"."+f.name, "."), "it is missing", "Send it, too.")
		}
	}
	return nil
}

func unknownField(known []field, name, at string) error {
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	if near := nearest(name, names); near != "" {
		return wrongField(at, "it is not known here", fmt.Sprintf("Did you mean %s?", near))
	}
	return wrongField(at, "it is not known here", "Leave it out. Known are: "+strings.Join(names, ", ")+".")
}

func (c checker) list(of reflect.Type, r rules, at string, depth int) error {
	most, least := longestList, 0
	if r.max != nil {
		most = *r.max
	}
	if r.min != nil {
		least = *r.min
	}
	n := 0
	for ; c.d.More(); n++ {
		if n == most {
			return wrongField(at, fmt.Sprintf("it has more than %d entries", most), "Send fewer at once.")
		}
		if err := c.value(of, rules{oneOf: r.oneOf, format: r.format}, fmt.Sprintf("%s[%d]", at, n), depth+1); err != nil {
			return err
		}
	}
	if n < least {
		return wrongField(at, fmt.Sprintf("it has %d entries, fewer than %d", n, least), "Send more of them.")
	}
	_, err := c.d.Token()
	return err
}

// anything reads over a value of which nothing is declared. How long its texts may be
// whoever knows what it is says; the request has its limit.
func (c checker) anything(token json.Token, t reflect.Type, at string, depth int) error {
	if t.Kind() == reflect.Map && token != json.Delim('{') {
		return wrongField(place(at), "it is not an object", "Send a JSON object.")
	}
	nested := 0
	for {
		switch token {
		case json.Delim('{'), json.Delim('['):
			nested++
		case json.Delim('}'), json.Delim(']'):
			nested--
		}
		if depth+nested > deepest {
			return wrongField(at, "it stands too deep", fmt.Sprintf("Nest at most %d objects and lists.", deepest))
		}
		if nested == 0 {
			return nil
		}
		var err error
		if token, err = c.d.Token(); err != nil {
			return err
		}
	}
}

func checkNumber(token json.Token, t reflect.Type, r rules, at string) error {
	n, ok := token.(json.Number)
	if !ok {
		return wrongField(at, "it is not a number", "Send a number, without quotes.")
	}
	if t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32 {
		return nil
	}
	whole, err := n.Int64()
	switch {
	case err != nil || reflect.New(t).Elem().CanInt() && reflect.New(t).Elem().OverflowInt(whole):
		return wrongField(at, "it is not a whole number", "Send a whole number.")
	case r.min != nil && whole < int64(*r.min):
		return wrongField(at, fmt.Sprintf("it is below %d", *r.min), fmt.Sprintf("Send at least %d.", *r.min))
	case r.max != nil && whole > int64(*r.max):
		return wrongField(at, fmt.Sprintf("it is above %d", *r.max), fmt.Sprintf("Send at most %d.", *r.max))
	}
	return nil
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func checkText(token json.Token, t reflect.Type, r rules, at string) error {
	text, ok := token.(string)
	if !ok {
		return wrongField(at, "it is not a text", "Send a text in quotes.")
	}
	most := longestText
	if r.max != nil {
		most = *r.max
	}
	format := r.format
	if t == timeType {
		format = "date-time"
	}
	switch n := utf8.RuneCountInString(text); {
	case n > most:
		return wrongField(at, fmt.Sprintf("it has %d characters, more than %d", n, most), "Shorten it.")
	case r.min != nil && n < *r.min:
		return wrongField(at, fmt.Sprintf("it has %d characters, fewer than %d", n, *r.min), "Write it out.")
	case strings.ContainsFunc(text, func(c rune) bool { return unreadable(c) && c != '\n' && c != '\r' && c != '\t' }):
		return wrongField(at, "it has characters that cannot be read", "Leave out control characters and what is not Unicode.")
	case len(r.oneOf) > 0 && !slices.Contains(r.oneOf, text):
		do := "Send one of: " + strings.Join(r.oneOf, ", ") + "."
		if near := nearest(text, r.oneOf); near != "" {
			do = fmt.Sprintf("Did you mean %s?", near)
		}
		return wrongField(at, fmt.Sprintf("%q is not known", shortened(text)), do)
	}
	return checkFormat(format, text, at)
}

func checkFormat(format, text, at string) error {
	switch format {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return wrongField(at, fmt.Sprintf("%q is not a time with its zone", shortened(text)), "Write it as 2026-03-02T08:00:00Z.")
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return wrongField(at, fmt.Sprintf("%q is not a date", shortened(text)), "Write it as 2026-03-02.")
		}
	case "email":
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			return wrongField(at, fmt.Sprintf("%q is not an address of mail", shortened(text)), "Write it as anna@contoso.com.")
		}
	case "uuid":
		if !guid.MatchString(text) {
			return wrongField(at, fmt.Sprintf("%q is not a GUID", shortened(text)), "Write it as 6e7b768e-07e2-4810-8459-485f84f8f204.")
		}
	case "zone":
		if _, err := zone.Load(text); err != nil {
			return wrongField(at, fmt.Sprintf("%q is not a time zone", shortened(text)), "Write it as Europe/Berlin, W. Europe Standard Time or UTC.")
		}
	}
	return nil
}
