package expr

import "strings"

// NameLen returns the length of the longest name, possibly qualified with
// namespaces, that s begins with. Names are ASCII: every name in Microsoft's
// schema is.
func NameLen(s string) int {
	i := 0
	for {
		if i >= len(s) || !isNameStart(s[i]) {
			return max(i-1, 0)
		}
		for i < len(s) && (isNameStart(s[i]) || isDigit(s[i])) {
			i++
		}
		if i >= len(s) || s[i] != '.' {
			return i
		}
		i++
	}
}

// IsName reports whether all of s is a name, possibly qualified.
func IsName(s string) bool { return s != "" && NameLen(s) == len(s) }

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Unqualified takes Microsoft's main namespace, or its alias, off a name. Names
// of other namespaces (microsoft.graph.security.alert) keep the rest.
func Unqualified(name string) string {
	for _, prefix := range []string{"microsoft.graph.", "graph."} {
		if len(name) > len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) {
			return name[len(prefix):]
		}
	}
	return name
}
