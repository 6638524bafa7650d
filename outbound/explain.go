package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/graphwarden/graphwarden"
)

// Explain turns what an HTTP client returns instead of an answer into a refusal
// of kind Unreachable that a person can act on. A cancelled context and what is a
// refusal already come back as they are.
func Explain(err error, host string) error {
	var refusal *graphwarden.Refusal
	switch {
	case err == nil, errors.As(err, &refusal), errors.Is(err, context.Canceled):
		return err
	}
	say := func(code, what, do string) error {
		return &graphwarden.Refusal{
			Kind: graphwarden.Unreachable, Code: code,
			Say: fmt.Sprintf(what, host), Do: do, Cause: err,
		}
	}
	switch code := trouble(err); code {
	case "outbound.host_unknown":
		return say(code, "No address is known for the host %s.", "Check its spelling and this computer's name server.")
	case "outbound.refused":
		return say(code, "Nothing listens at %s.", "Check the address and the port, and that the server runs.")
	case "outbound.no_route":
		return say(code, "The network does not lead to %s.", "Check this computer's network, its firewall and its proxy.")
	case "outbound.timeout":
		return say(code, "%s does not answer in time.", "Check the network; if it is sound, the server is slow and the call will be tried again.")
	case "outbound.tls_untrusted":
		return say(code, "The certificate of %s is signed by nobody whom this computer trusts.", "If a proxy inspects your traffic, name its CA file in the configuration.")
	case "outbound.tls_name":
		return say(code, "The certificate of %s was issued for another host.", "Check the address; something may stand between this computer and the server.")
	case "outbound.tls_time":
		return say(code, "The certificate of %s is not valid at this time.", "Check this computer's clock; if it is right, the server's certificate has expired.")
	case "outbound.not_tls":
		return say(code, "%s does not speak TLS.", "Check the port, and whether the address should begin with http.")
	default:
		return say("outbound.broken", "The connection to %s broke off.", "It will be tried again; if it goes on, check the network.")
	}
}

// trouble names what kept a request from being answered.
func trouble(err error) string {
	if what := tlsTrouble(err); what != "" {
		return what
	}
	var dns *net.DNSError
	var slow net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "outbound.host_unknown"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "outbound.refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.As(err, &dns):
		return "outbound.no_route"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return "outbound.timeout"
	}
	return "outbound.broken"
}

// tlsTrouble names what was wrong with the other side's TLS, "" when nothing was.
func tlsTrouble(err error) string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "outbound.tls_untrusted"
	case errors.As(err, &name):
		return "outbound.tls_name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "outbound.tls_time"
	case errors.As(err, &invalid):
		return "outbound.tls_untrusted"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "outbound.not_tls"
	}
	return ""
}
