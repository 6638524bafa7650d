package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// conforms compares an answer with the documented one: the status, every property
// that the documentation shows, its kind, and its value where that is one of the
// service's own and not of the example's tenant.
func conforms(e example, a answer) error {
	if a.status != e.Response.Status {
		return fmt.Errorf("status %d, documented %d: %s", a.status, e.Response.Status, a.raw)
	}
	if len(e.Response.Body) == 0 || string(e.Response.Body) == "null" {
		if len(a.raw) > 0 {
			return fmt.Errorf("a body where none is documented: %s", a.raw)
		}
		return nil
	}
	var documented any
	if err := json.Unmarshal(e.Response.Body, &documented); err != nil {
		return err
	}
	if wrong := compare("", documented, any(a.doc)); len(wrong) > 0 {
		return fmt.Errorf("%s: %s", strings.Join(wrong, "; "), a.raw)
	}
	return nil
}

// fixed are the properties whose documented values are the service's, not the
// example's tenant's.
var fixed = regexp.MustCompile(`(^/error/(code|message)|/details/\d+/(target|code)|/signInAudience|/legalAgeGroupRule)$`)

// gone are properties of 2021 that v1.0's schema has no more, or as relations only.
var gone = regexp.MustCompile(`^/servicePrincipal/(publisherName|endpoints)$`)

// compare lists what is wrong with got beside the documented value.
func compare(at string, documented, got any) []string {
	switch d := documented.(type) {
	case nil:
		return nil // often only left out of the example
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T", at, got)}
		}
		var wrong []string
		for name, value := range d {
			have, there := g[name]
			switch {
			case gone.MatchString(at + "/" + name):
			case !there:
				wrong = append(wrong, at+"/"+name+" is missing")
			case name == "@odata.context":
				wrong = append(wrong, sameContext(at, value, have)...)
			default:
				wrong = append(wrong, compare(at+"/"+name, value, have)...)
			}
		}
		return wrong
	case []any:
		return compareLists(at, d, got)
	case string:
		g, ok := got.(string)
		if !ok && got != nil || fixed.MatchString(at) && g != d {
			return []string{fmt.Sprintf("%s is %v, documented %q", at, got, d)}
		}
		return nil
	}
	if got != nil && fmt.Sprintf("%T", documented) != fmt.Sprintf("%T", got) {
		return []string{fmt.Sprintf("%s is a %T, documented a %T", at, got, documented)}
	}
	return nil
}

func compareLists(at string, documented []any, got any) []string {
	g, ok := got.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %T, documented a list", at, got)}
	}
	if strings.HasSuffix(at, "/details") && len(g) != len(documented) {
		return []string{fmt.Sprintf("%s has %d entries, documented %d", at, len(g), len(documented))}
	}
	var wrong []string
	for i := range min(len(g), len(documented)) {
		wrong = append(wrong, compare(fmt.Sprintf("%s/%d", at, i), documented[i], g[i])...)
	}
	return wrong
}

func sameContext(at string, documented, got any) []string {
	_, want, _ := strings.Cut(fmt.Sprint(documented), "$metadata")
	if _, have, _ := strings.Cut(fmt.Sprint(got), "$metadata"); have != want {
		return []string{fmt.Sprintf("%s/@odata.context ends in %q, documented %q", at, have, want)}
	}
	return nil
}
