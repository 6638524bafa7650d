package assemble

import (
	"net"
	"net/netip"
	"strings"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/flow"
)

// checkDoors refuses what nothing could listen at: one address for two, and one that
// other machines reach in plain text.
func (c *Config) checkDoors(found *faults) {
	all := []struct{ at, address string }{{"listen", c.Listen}, {"operate", c.OperateAt}, {"apps", c.AppsAt}}
	for i, one := range all {
		for _, other := range all[:i] {
			found.when(clash(one.address, other.address), one.at, "%s is the address of %s already; each needs one of its own", one.address, other.at)
		}
	}
	for _, door := range []api.Door{c.operateDoor(), c.appsDoor()} {
		if _, _, err := net.SplitHostPort(door.Address); err != nil {
			continue // is off, or has been told
		}
		if r := door.Plain(); r != nil {
			found.list = append(found.list, &misplaced{at: door.Setting, said: strings.TrimSuffix(r.Say, "."), refusal: r})
		}
	}
}

// clash says whether nobody can listen at both addresses.
func clash(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" || portA == "" {
		return false // any free port is another one each time
	}
	return hostA == hostB || everywhere(hostA) || everywhere(hostB)
}

// everywhere says whether a host stands for all addresses of this machine.
func everywhere(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// checkMailboxes refuses names that are none of mailboxes, and one that stands twice.
func (f *Flow) checkMailboxes(found *faults, at string) {
	had := map[string]bool{}
	for _, m := range f.Mailboxes {
		_, err := flow.GetUser().Build("", flow.Args{"user": m})
		found.when(err != nil, at+".mailboxes", "%q is not the name of a mailbox such as anna@contoso.com", m)
		key := strings.ToLower(m)
		found.when(err == nil && had[key], at+".mailboxes", "%s stands there twice", m)
		had[key] = true
	}
}
