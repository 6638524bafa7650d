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

// Listen opens the operators' address. An address that others than this machine
// reach needs a certificate: a PEM file with the certificate and its key, or "".
func Listen(ctx context.Context, address, certificate string) (net.Listener, error) {
	if !onlyHere(address) && certificate == "" {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.plain",
			Say: fmt.Sprintf("Operators' address %s is reachable from other machines, and has no certificate.", address),
			Do:  "Write operate: 127.0.0.1:8081, or name a certificate with operate_certificate_file."}
	}
	var shown *tls.Config
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, certificate)
		if err != nil {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "api.certificate", Cause: err,
				Say: fmt.Sprintf("The certificate of the operators' address cannot be used: %v.", err),
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
			Say: fmt.Sprintf("Another program listens at the operators' address %s already.", address),
			Do:  "End it, or choose another port with operate in the configuration."}
	case errors.Is(err, fs.ErrPermission):
		return nil, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.port_forbidden", Cause: err,
			Say: fmt.Sprintf("This user may not listen at the operators' address %s.", address), Do: "Choose a port above 1023."}
	}
	return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.address", Cause: err,
		Say: fmt.Sprintf("Nothing can listen at the operators' address %s.", address),
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
