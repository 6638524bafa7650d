package assemble

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Hide takes secrets and people out of a text. A redact.Redactor's Text is one.
type Hide func(text string) string

// Outline writes the configuration, with what the environment and the defaults say,
// for somebody outside: numbers, times, choices and names as they are, everything
// else that people wrote only as far as hide lets it, and files not at all. What is
// not known here to be harmless is left out, so that a new setting is, too.
func (c *Config) Outline(hide Hide) ([]byte, error) {
	out := outlineOf(reflect.ValueOf(c).Elem(), "", hide)
	whole, is := out.(yaml.MapSlice)
	if !is {
		return nil, nil
	}
	for i := range whole {
		if whole[i].Key == "database" {
			whole[i].Value = hide(c.DatabaseName())
			if _, file := c.DatabaseFolder(); file {
				whole[i].Value = "[file]"
			}
		}
	}
	text, err := yaml.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("writing the configuration's outline: %w", err)
	}
	return text, nil
}

// harmless are settings whose text is a name, an id or a place, shown as far as hide
// lets it.
func harmless() []string {
	return []string{"id", "app", "kind", "tenant", "registration", "client_id", "mode", "direction", "conflicts", "private", "type", "by", "own", "fields", "kinds",
		"from", "to", "listen", "operate", "apps", "public_url", "url", "name", "login", "graph", "exchange", "groups", "mailboxes", "admit", "states", "redirect"}
}

// outlineOf is a value of the configuration; nil for what is not set.
func outlineOf(v reflect.Value, name string, hide Hide) any {
	if v.IsZero() {
		return nil
	}
	if s, is := v.Interface().(fmt.Stringer); is && v.Kind() != reflect.Struct {
		return s.String() // a Duration
	}
	switch v.Kind() {
	case reflect.Pointer:
		return outlineOf(v.Elem(), name, hide)
	case reflect.Struct:
		out := yaml.MapSlice{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			key, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if !f.IsExported() || key == "-" {
				continue
			}
			inner := outlineOf(v.Field(i), key, hide)
			switch more, is := inner.(yaml.MapSlice); {
			case is && strings.Contains(options, "inline"):
				out = append(out, more...)
			case inner != nil:
				out = append(out, yaml.MapItem{Key: key, Value: inner})
			}
		}
		return out
	case reflect.Map:
		out := yaml.MapSlice{}
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range names {
			out = append(out, yaml.MapItem{Key: hide(k.String()), Value: outlineOf(v.MapIndex(k), name, hide)})
		}
		return out
	case reflect.Slice:
		out := []any{}
		for i := range v.Len() {
			out = append(out, outlineOf(v.Index(i), name, hide))
		}
		return out
	case reflect.String:
		switch {
		case strings.HasSuffix(name, "_file") || name == "key" || name == "ca":
			return "[file]"
		case name == "mailboxes" && hide(v.String()) == v.String():
			return "[text]" // a mailbox that does not look like one
		case slices.Contains(harmless(), name):
			return hide(v.String())
		}
		return "[text]"
	}
	return v.Interface()
}
