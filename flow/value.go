package flow

import (
	"fmt"
	"strings"
)

// checkValue refuses a value that is not of its parameter's form. The forms
// leave no room for a slash, a query, or a system word like $count.
func checkValue(name, value string) error {
	var good bool
	switch name {
	case "mailbox", "subscription", "group", "principal", "application":
		good = isGUID(value)
	case "user":
		good = isGUID(value) || isPrincipalName(value)
	case "tenant":
		good = isGUID(value) || isDomain(value)
	case "calendar", "event", "message", "assignment", "grant":
		good = isOutlookID(value)
	}
	if !good {
		return fmt.Errorf("%q is not a value for {%s}", value, name)
	}
	return nil
}

// isGUID says whether s is a GUID in the form that Microsoft writes ids.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range []byte(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (r == '-') {
			return false
		}
		if r != '-' && !strings.ContainsRune("0123456789abcdefABCDEF", rune(r)) {
			return false
		}
	}
	return true
}

// IsDomain says whether s is a host name of at least two labels.
func IsDomain(s string) bool { return isDomain(s) }

// isDomain says whether s is a host name of at least two labels.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || strings.Trim(label, alphanumeric+"-") != "" {
			return false
		}
	}
	return len(labels) > 1 && len(s) <= 253
}

// isPrincipalName says whether s is a user principal name. A guest's holds
// "#EXT#" before its one at sign.
func isPrincipalName(s string) bool {
	local, domain, found := strings.Cut(s, "@")
	return found && local != "" && len(local) <= 256 && isDomain(domain) &&
		!strings.ContainsFunc(local, func(r rune) bool {
			return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\?$`, r)
		})
}

// isOutlookID says whether s is an id of an Outlook container: base64url, long.
func isOutlookID(s string) bool {
	return len(s) >= 16 && len(s) <= 1024 && strings.Trim(s, alphanumeric+"-_=") == ""
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
