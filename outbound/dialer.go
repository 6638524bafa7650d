package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// dialer opens connections that the guard lets pass.
type dialer struct {
	guard   guard
	admit   map[string]bool // exact host:port, lower case
	resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	stall   time.Duration
}

// NewDial makes the DialContext of something that speaks another protocol than
// HTTP, and waits as that protocol wants. exact are admitted besides o.Admit as
// they are: host:port, or the path of a socket on this machine.
func NewDial(o Options, exact ...string) (func(ctx context.Context, network, address string) (net.Conn, error), error) {
	d, err := o.dialer()
	if err != nil {
		return nil, err
	}
	d.stall = 0
	for _, address := range exact {
		d.admit[strings.ToLower(address)] = true
	}
	return d.DialContext, nil
}

// DialContext connects to host:port. What was admitted by name is dialled as it
// is. Any other host is resolved once, all its addresses are judged, and exactly
// those are dialled, so that a second answer of a name server changes nothing.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if d.admit[strings.ToLower(address)] {
		return d.connect(ctx, network, address)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address %q: %w", address, err)
	}
	addrs, err := d.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	// One inner address among outer ones is enough to refuse: a host that is
	// both is what DNS rebinding looks like.
	for _, a := range addrs {
		if what := d.guard.forbids(a); what != "" {
			return nil, refuseAddress(address, a, what)
		}
	}
	var failed error
	for _, a := range addrs {
		conn, err := d.connect(ctx, network, net.JoinHostPort(a.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// addresses gives what the host stands for: itself when it is an address.
func (d *dialer) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", host, err)
	}
	if len(addrs) == 0 {
		return nil, &net.DNSError{Err: "the name has no address", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

func (d *dialer) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, address)
	if err != nil || d.stall == 0 {
		return conn, err
	}
	return &watched{Conn: conn, stall: d.stall}, nil
}

func refuseAddress(address string, a netip.Addr, what string) error {
	return &graphwarden.Refusal{
		Kind: graphwarden.Denied, Code: "outbound.address",
		Say: fmt.Sprintf("%s leads to %s, which is not on the public internet: it is %s.", address, a, what),
		Do:  fmt.Sprintf("If it is meant, admit exactly %q in the configuration.", address),
	}
}

// watched breaks a connection on which nothing moves for too long, so that a
// peer that vanished, or one that sends a byte a minute, holds no worker. Every
// read and write begins the wait anew.
type watched struct {
	net.Conn
	stall time.Duration
}

// Read reads what comes within the wait.
func (w *watched) Read(p []byte) (int, error) {
	if err := w.SetReadDeadline(deadline(w.stall)); err != nil {
		return 0, err
	}
	return w.Conn.Read(p)
}

// Write writes what is taken within the wait.
func (w *watched) Write(p []byte) (int, error) {
	if err := w.SetWriteDeadline(deadline(w.stall)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

// deadline is read from the system's clock whatever clock the caller set: it is
// handed to the network, which knows no other.
func deadline(wait time.Duration) time.Time { return time.Now().Add(wait) }
