package assemble

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// faults collects what is wrong with a configuration. Whoever checks a part of it
// names every fault that he sees and goes on: nothing ends at the first one, and of
// what hangs on what is wrong already nothing is said.
type faults struct{ list []*misplaced }

// at takes a fault of the setting that the names lead to.
func (f *faults) at(setting, format string, args ...any) {
	f.list = append(f.list, wrong(setting, format, args...))
}

// when takes a fault if there is one.
func (f *faults) when(there bool, setting, format string, args ...any) {
	if there {
		f.at(setting, format, args...)
	}
}

// word takes a word that is none of those that a setting knows; "" is one that is
// left out. It says whether there was nothing to take.
func (f *faults) word(setting, word string, known ...string) bool {
	if word == "" || slices.Contains(known, word) {
		return true
	}
	among := "none of " + strings.Join(known, ", ")
	if len(known) == 2 {
		among = "neither " + strings.Join(known, " nor ")
	}
	f.at(setting, "%q is %s%s", word, among, did(meant.Word(word, known)))
	return false
}

// address takes what is no address of the web; "" is one that is left out.
func (f *faults) address(setting, text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	f.when(err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http", setting, "%q is not an address such as https://app.example/changes", text)
	// not said as it stands, because of the password
	f.when(err == nil && u.User != nil, setting, "it holds a name or a password, which everybody sees who sees the address; what is sent is signed instead")
}

// nameable takes a name in which another could be seen: "office/warehouse" is a sink,
// and "contoso/calendar" a registration.
func (f *faults) nameable(at, name string) {
	if strings.ContainsAny(name, "#@/") {
		one := wrong(at, "its name contains one of # @ /")
		one.name = true
		f.list = append(f.list, one)
	}
}

// ended is a sentence with its end: what asks has its own.
func ended(said string) string {
	if strings.HasSuffix(said, "?") {
		return said
	}
	return said + "."
}

// wrong is a fault of a setting.
func wrong(at, format string, args ...any) *misplaced {
	said := fmt.Sprintf(format, args...)
	return &misplaced{at: at, said: said, refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "config.wrong",
		Say: fmt.Sprintf("In the configuration, %s: %s", at, ended(said)), Do: "Mend it; docs/configuration.md explains each setting."}}
}
