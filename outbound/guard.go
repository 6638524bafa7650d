package outbound

import "net/netip"

// block is a range of addresses that is not the public internet.
type block struct {
	prefix netip.Prefix
	what   string
}

// blocks gives the ranges that are refused, from IANA's special-purpose address
// registries (RFC 6890 and its updates). Of IPv6 only 2000::/3 is assigned to
// the internet (RFC 4291 §2.4), so everything outside it is refused at once and
// only the exceptions inside it are listed.
func blocks() []block {
	list := []struct{ prefix, what string }{
		{"0.0.0.0/8", "this network (RFC 791)"},
		{"10.0.0.0/8", "a private network (RFC 1918)"},
		{"100.64.0.0/10", "a carrier's shared address (RFC 6598)"},
		{"127.0.0.0/8", "this computer (RFC 1122)"},
		{"169.254.0.0/16", "link-local, where clouds keep their metadata (RFC 3927)"},
		{"172.16.0.0/12", "a private network (RFC 1918)"},
		{"192.0.0.0/24", "reserved for protocols (RFC 6890)"},
		{"192.0.2.0/24", "documentation (RFC 5737)"},
		{"192.31.196.0/24", "AS112 (RFC 7535)"},
		{"192.52.193.0/24", "AMT (RFC 7450)"},
		{"192.88.99.0/24", "a 6to4 relay (RFC 7526)"},
		{"192.168.0.0/16", "a private network (RFC 1918)"},
		{"192.175.48.0/24", "AS112 (RFC 7534)"},
		{"198.18.0.0/15", "benchmarking (RFC 2544)"},
		{"198.51.100.0/24", "documentation (RFC 5737)"},
		{"203.0.113.0/24", "documentation (RFC 5737)"},
		{"224.0.0.0/4", "multicast (RFC 1112)"},
		{"240.0.0.0/4", "reserved or broadcast (RFC 1112)"},
		{"2001::/23", "reserved for protocols, Teredo among them (RFC 2928, RFC 4380)"},
		{"2001:db8::/32", "documentation (RFC 3849)"},
		{"2002::/16", "6to4, which hides an IPv4 address (RFC 3056)"},
		{"2620:4f:8000::/48", "AS112 (RFC 7534)"},
		{"3fff::/20", "documentation (RFC 9637)"},
	}
	out := make([]block, len(list))
	for i, b := range list {
		out[i] = block{netip.MustParsePrefix(b.prefix), b.what}
	}
	return out
}

// guard judges addresses. It is immutable.
type guard struct {
	blocks []block
	global netip.Prefix // the part of IPv6 that is the internet
}

func newGuard() guard {
	return guard{blocks(), netip.MustParsePrefix("2000::/3")}
}

// forbids says what an address is when it is not the public internet, and ""
// when it is.
func (g guard) forbids(a netip.Addr) string {
	if !a.IsValid() {
		return "no address"
	}
	a = a.Unmap() // ::ffff:10.0.0.1 is 10.0.0.1
	for _, b := range g.blocks {
		if b.prefix.Contains(a) {
			return b.what
		}
	}
	if a.Is6() && !g.global.Contains(a) { // nor does it contain an address with a zone
		return "outside the internet's part of IPv6 (RFC 4291)"
	}
	return ""
}
