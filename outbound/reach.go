package outbound

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
)

// Reach opens a connection to the host of a URL as a client of o would, with TLS
// where the URL is https, and closes it. Nothing is asked there. What is in the
// way comes back as a Refusal.
func Reach(ctx context.Context, o Options, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading an address: %w", err)
	}
	d, err := o.dialer()
	if err != nil {
		return err
	}
	roots, err := o.roots()
	if err != nil {
		return err
	}
	host := HostPort(u)
	ctx, stop := context.WithTimeout(ctx, connectWait)
	defer stop()
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return Explain(err, host)
	}
	defer conn.Close()
	if u.Scheme != "https" {
		return nil
	}
	secured := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots, Time: o.Now, ServerName: u.Hostname()})
	return Explain(secured.HandshakeContext(ctx), host)
}

// HostPort is the host and the port of a URL, as Admit names them.
func HostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[u.Scheme == "https"]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
