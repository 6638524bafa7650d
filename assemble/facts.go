package assemble

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Facts are what a configuration says, each setting by the names that lead to it,
// and what follows from it: in a form that two configurations can be compared in,
// and without anything secret.
type Facts struct {
	Settings map[string]string `json:"settings"`
	Lists    map[string]List   `json:"lists"`
	// Names are those that the writer chose, by where they stand: "flows".
	Names map[string]List `json:"names"`
	// Permissions are the least that each registration needs for its flows.
	Permissions map[string]List `json:"permissions"`
}

// List is a list of a configuration.
type List = []string

// Facts tells what the configuration says.
func (c *Config) Facts() (Facts, error) {
	f := Facts{Settings: map[string]string{}, Lists: map[string]List{}, Names: map[string]List{}, Permissions: map[string]List{}}
	f.flatten("", reflect.ValueOf(c).Elem())
	f.Settings["database"] = c.DatabaseName()
	for name, sum := range c.ruled {
		f.Settings["policies."+named(name)] = sum
	}
	sketched := *c
	sketched.sketch = true
	d, err := sketched.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		return f, err
	}
	for _, connection := range d.connections {
		r := connection.Registration
		if f.Permissions[r.Name], err = c.least(d, r); err != nil {
			return f, err
		}
	}
	return f, nil
}

// WithoutSecrets is the configuration for whoever only asks what follows from it,
// such as what to register: a client secret need not be in its file yet.
func (c *Config) WithoutSecrets() *Config {
	early := *c
	early.early = true
	return &early
}

// flatten takes what a value says, by the names of the file.
func (f Facts) flatten(at string, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch {
	case v.Type() == reflect.TypeFor[Duration]():
		f.say(at, v.Interface().(Duration).written())
	case v.Type() == reflect.TypeFor[Cloud]():
		cloud := v.Interface().(Cloud)
		f.say(at, cloud.Name)
		f.say(at+".login", cloud.Login)
		f.say(at+".graph", cloud.Graph)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if field.IsExported() && name != "" && name != "-" {
				f.flatten(strings.TrimPrefix(at+"."+name, "."), v.Field(i))
			}
		}
	case v.Kind() == reflect.Map:
		for _, key := range v.MapKeys() {
			f.Names[at] = append(f.Names[at], key.String())
			f.flatten(at+"."+named(key.String()), v.MapIndex(key))
		}
		slices.Sort(f.Names[at])
	case v.Kind() == reflect.Slice && v.Len() > 0:
		var list List
		for i := range v.Len() {
			list = append(list, fmt.Sprint(v.Index(i)))
		}
		f.Lists[at] = list
	case v.Kind() != reflect.Slice && !v.IsZero():
		f.say(at, fmt.Sprint(v))
	}
}

func (f Facts) say(at, text string) {
	if text != "" {
		f.Settings[at] = text
	}
}

// written is a length of time as people write it.
func (d Duration) written() string {
	switch t := time.Duration(d); {
	case t == 0:
		return ""
	case t%(24*time.Hour) == 0:
		return fmt.Sprintf("%dd", t/(24*time.Hour))
	default:
		text := t.String()
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		return strings.TrimSuffix(text, "h0m") + map[bool]string{true: "h"}[strings.HasSuffix(text, "h0m")]
	}
}

// Fingerprint is the same for configurations that say the same, however they are
// written.
func (f Facts) Fingerprint() string {
	text, err := json.Marshal([]any{f.Settings, f.Lists, f.Names}) // maps are written in the alphabet's order
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// below are the facts under a name, by what follows it, lists with a line between
// their entries.
func (f Facts) below(at string) map[string]string {
	out := map[string]string{}
	for name, value := range f.Settings {
		if rest, is := strings.CutPrefix(name, at+"."); is {
			out[rest] = value
		}
	}
	for name, list := range f.Lists {
		if rest, is := strings.CutPrefix(name, at+"."); is {
			out[rest] = strings.Join(list, ", ")
		}
	}
	return out
}

// named is a name as it stands among others: in quotes when a dot is in it.
func named(name string) string {
	if strings.Contains(name, ".") {
		return strconv.Quote(name)
	}
	return name
}
