package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"syscall"

	"github.com/graphwarden/graphwarden"
)

// Door is an address that a face of the API is to answer at, and whose it is.
type Door struct {
	Whose   string // "operators'" or "apps'"
	Setting string // of the configuration
	Address string
	// Certificate is a PEM file with the certificate and its key, or "". An address
	// that others than this machine reach needs one.
	Certificate string
}

// Plain refuses a door that others than this machine reach, and that has no
// certificate; nil is none.
func (d Door) Plain() *graphwarden.Refusal {
	if onlyHere(d.Address) || d.Certificate != "" {
		return nil
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.plain",
		Say: fmt.Sprintf("The %s address %s is reachable from other machines, and has no certificate.", d.Whose, d.Address),
		Do:  fmt.Sprintf("Give %s an address of this machine only, such as 127.0.0.1:8081, or name a certificate with %s_certificate_file.", d.Setting, d.Setting)}
}

// Listen opens a door.
func Listen(ctx context.Context, d Door) (net.Listener, error) {
	address, certificate := d.Address, d.Certificate
	if plain := d.Plain(); plain != nil {
		return nil, plain
	}
	var shown *tls.Config
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, certificate)
		if err != nil {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "api.certificate", Cause: err,
				Say: fmt.Sprintf("The certificate of the %s address cannot be used: %v.", d.Whose, err),
				Do:  "Name a PEM file with the certificate, those that signed it, and its key."}
		}
		shown = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil && shown != nil:
		return tls.NewListener(l, shown), nil
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "api.port_in_use", Cause: err,
			Say: fmt.Sprintf("Another program listens at the %s address %s already.", d.Whose, address),
			Do:  fmt.Sprintf("End it, or choose another port with %s in the configuration.", d.Setting)}
	case errors.Is(err, fs.ErrPermission):
		return nil, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.port_forbidden", Cause: err,
			Say: fmt.Sprintf("This user may not listen at the %s address %s.", d.Whose, address), Do: "Choose a port above 1023."}
	}
	return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.address", Cause: err,
		Say: fmt.Sprintf("Nothing can listen at the %s address %s.", d.Whose, address),
		Do:  "Write an address of this computer and a port, such as 127.0.0.1:8081."}
}

// onlyHere says whether only this machine reaches an address. A name other than
// localhost may lead anywhere.
func onlyHere(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "localhost" {
		return err == nil
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
