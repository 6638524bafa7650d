package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
)

// inner are addresses that must never be connected to, as a host could be
// written or as a name server could answer: every range of IANA's special-purpose
// registries at both ends, and the spellings with which guards were fooled.
var inner = strings.Fields(`
	0.0.0.0 0.0.0.1 0.255.255.255
	10.0.0.0 10.0.0.1 10.255.255.255
	100.64.0.0 100.100.100.200 100.127.255.255
	127.0.0.0 127.0.0.1 127.1.2.3 127.255.255.255
	169.254.0.0 169.254.169.254 169.254.170.2 169.254.255.255
	172.16.0.0 172.20.10.5 172.31.255.255
	192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.192
	192.0.2.0 192.0.2.255 192.31.196.1 192.52.193.1 192.88.99.0 192.88.99.1
	192.168.0.0 192.168.1.1 192.168.255.255 192.175.48.1
	198.18.0.0 198.19.255.255 198.51.100.0 198.51.100.255
	203.0.113.0 203.0.113.255
	224.0.0.0 224.0.0.1 239.255.255.255
	240.0.0.0 255.255.255.254 255.255.255.255
	:: ::1 ::2 ::ffff:0:1 ::127.0.0.1 ::10.0.0.1
	::ffff:127.0.0.1 ::ffff:10.1.2.3 ::ffff:169.254.169.254 ::ffff:7f00:1 ::ffff:c0a8:101 ::ffff:0.0.0.0
	0:0:0:0:0:ffff:127.0.0.1 0000:0000:0000:0000:0000:0000:0000:0001
	64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::8.8.8.8 64:ff9b:1::1
	100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
	2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:1ff:ffff::1
	2001:db8::1 2001:db8:ffff::1
	2002:7f00:1::1 2002:a00:1::1 2002:c0a8:101::1 2002:808:808::1
	2620:4f:8000::1 3fff::1 3fff:fff::1
	4000::1 5f00::1 8000::1 fc00::1 fd00:ec2::254 fdff::1
	fe80::1 fe80::1%eth0 fe80::1%25eth0 febf::1 fec0::1 ff02::1 ff05::2 ff0e::1
	1fff:ffff::1 2001:db8::10.0.0.1`)

// outer are addresses just beside those, which must be reachable.
var outer = strings.Fields(`
	1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0
	126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0
	191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.167.255.255 192.169.0.0
	198.17.255.255 198.20.0.0 198.51.99.255 203.0.112.255 203.0.114.0 223.255.255.255
	2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1 2003::1
	2603:1030::1 2620:1ec::1 2a01:111::1 3ffe::1 ::ffff:8.8.8.8`)

// errDialled is what a test's network says when it is asked to connect.
var errDialled = errors.New("the network was asked to connect")

// get asks a client for a URL, and says what was dialled.
func get(t *testing.T, o outbound.Options, url string) (dialled []string, err error) {
	t.Helper()
	o.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return nil, errDialled
	}
	client, err := outbound.New(o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err == nil {
		_ = answer.Body.Close()
		t.Fatal("a request without a network was answered")
	}
	return dialled, err
}

// literal writes an address as the host of a URL.
func literal(address string) string {
	if strings.Contains(address, ":") {
		return "[" + strings.Replace(address, "%25", "%", 1) + "]"
	}
	return address
}

func refusedAddress(t *testing.T, name string, dialled []string, err error) {
	t.Helper()
	var r *graphwarden.Refusal
	if len(dialled) > 0 || !errors.As(err, &r) || r.Kind != graphwarden.Denied || r.Code != "outbound.address" {
		t.Errorf("%s: dialled %v, got %v", name, dialled, err)
	}
}

func TestNoAddressInsideANetworkIsDialled(t *testing.T) {
	if len(inner) < 100 {
		t.Fatalf("only %d cases", len(inner))
	}
	for _, address := range inner {
		host := strings.ReplaceAll(literal(address), "%", "%25") // RFC 6874
		dialled, err := get(t, outbound.Options{}, "https://"+host+":443/hook")
		refusedAddress(t, "written as "+address, dialled, err)

		if a, err := netip.ParseAddr(strings.Replace(address, "%25", "%", 1)); err == nil {
			answer := func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{a}, nil }
			dialled, err := get(t, outbound.Options{Resolve: answer}, "https://hooks.example.com/")
			refusedAddress(t, "resolved to "+address, dialled, err)
		}
	}
}

func TestTheInternetIsReached(t *testing.T) {
	for _, address := range outer {
		dialled, err := get(t, outbound.Options{}, "https://"+literal(address)+"/hook")
		if len(dialled) != 1 || !errors.Is(err, errDialled) {
			t.Errorf("%s: dialled %v, got %v", address, dialled, err)
		}
	}
}

// TestOtherSpellingsAreNames shows that spellings which some resolvers take for
// an address are looked up, and judged by what they turn out to be.
func TestOtherSpellingsAreNames(t *testing.T) {
	spellings := strings.Fields(`0177.0.0.1 0x7f.0.0.1 0x7f000001 2130706433 017700000001 127.1 127.0.1 127.0.0.1.
		localhost localhost. LOCALHOST ip6-localhost 127.0.0.1.nip.io 00000127.0.0.1 127.0.0.01 metadata.google.internal`)
	for _, host := range spellings {
		asked := ""
		o := outbound.Options{Resolve: func(_ context.Context, name string) ([]netip.Addr, error) {
			asked = name
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}}
		dialled, err := get(t, o, "http://"+host+"/")
		refusedAddress(t, host, dialled, err)
		if !strings.EqualFold(asked, host) {
			t.Errorf("%s was looked up as %q", host, asked)
		}
	}
}

func TestOneInnerAddressAmongManyRefusesTheHost(t *testing.T) {
	answer := []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("2001:4860:4860::8888"), netip.MustParseAddr("10.0.0.1")}
	o := outbound.Options{Resolve: func(context.Context, string) ([]netip.Addr, error) { return answer, nil }}
	dialled, err := get(t, o, "https://both.example.com/")
	refusedAddress(t, "both", dialled, err)

	answer = answer[:2]
	dialled, err = get(t, o, "https://both.example.com/")
	if want := []string{"8.8.8.8:443", "[2001:4860:4860::8888]:443"}; len(dialled) != 2 || dialled[0] != want[0] || dialled[1] != want[1] {
		t.Errorf("dialled %v (%v), want each in turn", dialled, err)
	}
}

// TestTheAddressThatIsJudgedIsTheOneDialled answers differently every time, as a
// rebinding name server with a TTL of 0 does.
func TestTheAddressThatIsJudgedIsTheOneDialled(t *testing.T) {
	asked := 0
	o := outbound.Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		if asked++; asked == 1 {
			return []netip.Addr{netip.MustParseAddr("8.8.4.4")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}}
	dialled, _ := get(t, o, "http://rebind.example.com/")
	if asked != 1 || len(dialled) != 1 || dialled[0] != "8.8.4.4:80" {
		t.Errorf("looked up %d times, dialled %v", asked, dialled)
	}
}

func TestOnlyTheExactHostAndPortAreAdmitted(t *testing.T) {
	o := outbound.Options{
		Admit:   []string{"127.0.0.1:8443", "Graph.Sim:443"},
		Resolve: func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{netip.IPv6Loopback()}, nil },
	}
	for _, url := range []string{"https://127.0.0.1:8443/x", "https://graph.sim/x", "https://GRAPH.sim:443/x"} {
		if dialled, err := get(t, o, url); len(dialled) != 1 || !errors.Is(err, errDialled) {
			t.Errorf("%s was admitted: dialled %v, got %v", url, dialled, err)
		}
	}
	for _, url := range []string{
		"https://127.0.0.1/", "https://127.0.0.1:8444/", "http://127.0.0.1:80/", "https://127.0.0.2:8443/",
		"https://[::1]:8443/", "https://[::ffff:127.0.0.1]:8443/", "https://localhost:8443/", "https://graph.sim:8443/",
		"https://graph.sim.:443/", "https://evil.graph.sim/", "http://graph.sim/",
	} {
		dialled, err := get(t, o, url)
		refusedAddress(t, url, dialled, err)
	}
}

func TestAnAdmissionThatIsNotOneHostAndPortIsRefused(t *testing.T) {
	for _, admit := range []string{"", "127.0.0.1", ":8443", "127.0.0.1:", "*:443", "10.0.0.0/8:443", "https://127.0.0.1:8443", "127.0.0.1:8443 10.0.0.1:1", "::1:8443"} {
		_, err := outbound.New(outbound.Options{Admit: []string{admit}})
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Kind != graphwarden.Invalid {
			t.Errorf("admitting %q: %v", admit, err)
		}
	}
}

func TestAnotherProtocolPassesTheSameGuard(t *testing.T) {
	var dialled []string
	dial, err := outbound.NewDial(outbound.Options{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, network+" "+address)
		return nil, errDialled
	}}, "db.internal:5432", "/run/postgresql/.s.PGSQL.5432")
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range []struct {
		network, address string
		passes           bool
	}{
		{"tcp", "db.internal:5432", true},
		{"unix", "/run/postgresql/.s.PGSQL.5432", true},
		{"tcp", "127.0.0.1:5432", false},
		{"unix", "/run/other.sock", false},
	} {
		dialled = nil
		_, err := dial(t.Context(), call.network, call.address)
		if passed := errors.Is(err, errDialled); passed != call.passes || passed != (len(dialled) == 1) {
			t.Errorf("%s %s: %v, dialled %v", call.network, call.address, err, dialled)
		}
	}
}
