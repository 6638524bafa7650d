package appkey

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/graphwarden/graphwarden"
)

// Networks reads networks such as 10.1.0.0/16, and addresses, which are networks of
// one. A network is written by its first address, so that nobody is let in from more
// than was meant.
func Networks(texts []string) (list []netip.Prefix, err error) {
	for i, text := range texts {
		n, err := netip.ParsePrefix(text)
		if a, one := netip.ParseAddr(text); one == nil && a.Zone() == "" {
			n, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil || n.Masked() != n || n.Addr().Is4In6() {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "appkey.network", Field: fmt.Sprintf("networks[%d]", i),
				Say: fmt.Sprintf("%q is no network.", text), Do: "Write its first address and how many bits all of its addresses share, such as 10.1.0.0/16, or one address."}
		}
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list, nil
}
