package published

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// limits of single values, well above what Microsoft publishes.
const (
	longestName  = 150
	longestTitle = 400
	longestPath  = 600
	most         = 10_000  // permissions
	mostPaths    = 400_000 // methods on paths, over all permissions
)

// check refuses what is not understood, or could break the text of the facts.
func (p Permissions) check() error {
	if len(p) > most {
		return fmt.Errorf("there are %d permissions, more than any table has", len(p))
	}
	shape, pairs := nameShape(), 0
	for _, name := range slices.Sorted(maps.Keys(p)) {
		one := p[name]
		if !shape.MatchString(name) || len(name) > longestName {
			return fmt.Errorf("%.80q is no name of a permission", name)
		}
		if one.AuthorizationType != "oAuth2" && one.AuthorizationType != "RSC" {
			return fmt.Errorf("%s: there is no authorization type %.40q", name, one.AuthorizationType)
		}
		if len(one.Schemes) == 0 {
			return fmt.Errorf("%s has no scheme", name)
		}
		for key, s := range one.Schemes {
			if !isScheme(key) {
				return fmt.Errorf("%s: there is no scheme %.40q", name, key)
			}
			if s.Level < 0 || s.Level > 4 {
				return fmt.Errorf("%s: the privilege level is %d, not 1 to 4", name, s.Level)
			}
			for _, title := range []string{s.Title, s.UserTitle} {
				if !printable(title) || len(title) > longestTitle {
					return fmt.Errorf("%s: the title %.40q cannot be shown", name, title)
				}
			}
		}
		for _, set := range one.PathSets {
			n, err := set.check(one)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if pairs += n; pairs > mostPaths {
				return fmt.Errorf("there are more than %d operations", mostPaths)
			}
		}
	}
	return nil
}

func (set pathSet) check(p permissionOf) (pairs int, err error) {
	for _, key := range set.SchemeKeys {
		if _, has := p.Schemes[key]; !has {
			return 0, fmt.Errorf("a set of paths is for %.40q, a scheme that the permission has not", key)
		}
	}
	for _, m := range set.Methods {
		if _, err := letter(m); err != nil {
			return 0, err
		}
	}
	for path, value := range set.Paths {
		if !isPath(path) {
			return 0, fmt.Errorf("%.80q is no path", path)
		}
		least, _, err := marks(value)
		if err != nil {
			return 0, fmt.Errorf("path %s: %w", path, err)
		}
		for key := range least {
			if !slices.Contains(set.SchemeKeys, key) {
				return 0, fmt.Errorf("path %s is marked for %.40q, for which the set is not", path, key)
			}
		}
	}
	return len(set.Methods) * len(set.Paths), nil
}

// check refuses ids that are none; Microsoft's list has one with a digit too many. Other clouds' schemes do not matter.
func (d Deployments) check() error {
	if len(d) > most {
		return fmt.Errorf("there are ids of %d permissions, more than any table has", len(d))
	}
	shape, id := nameShape(), regexp.MustCompile(`^[0-9a-fA-F-]{36,40}$`)
	for _, name := range slices.Sorted(maps.Keys(d)) {
		for _, one := range d[name] {
			switch {
			case !one.public():
			case !shape.MatchString(name) || len(name) > longestName:
				return fmt.Errorf("%.80q is no name of a permission", name)
			case one.ID != "" && !id.MatchString(one.ID):
				return fmt.Errorf("%s: %.60q is no id", name, one.ID)
			case !isScheme(one.Scheme):
				return fmt.Errorf("%s: there is no scheme %.40q", name, one.Scheme)
			}
		}
	}
	return nil
}

func nameShape() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]*$`) }

func isScheme(key string) bool {
	return key == "DelegatedWork" || key == "DelegatedPersonal" || key == "Application"
}

// isPath says whether a path is one of Graph's: of visible ASCII letters and single
// spaces (between the arguments of functions), with no step up.
func isPath(path string) bool {
	if !strings.HasPrefix(path, "/") || len(path) > longestPath || strings.Contains(path, "/../") || strings.HasSuffix(path, "/..") || strings.Contains(path, "//") {
		return false
	}
	return strings.IndexFunc(path, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// printable says whether a title can be shown as it is: no control characters but
// white space, nothing that turns the direction of writing.
func printable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError
	}) < 0
}
