package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Options say how a client calls out. The zero Options reach the public internet
// only.
type Options struct {
	// Admit names what may be reached although it is not on the public internet,
	// each as exactly host:port, as the URL has it.
	Admit []string
	// CAFiles hold PEM certificates that are trusted besides the system's.
	CAFiles []string
	// Roots replaces the system's certificates; CAFiles add to it.
	Roots *x509.CertPool
	// Now is the clock that certificates are checked by; nil is the system's.
	Now func() time.Time
	// Resolve looks up a host; nil asks the system.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial opens a connection; nil uses the network. It stands behind the guard:
	// it is handed addresses that passed, or an admitted host:port as named.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// PerHost bounds the connections to one host:port; 0 means 64.
	PerHost int
	// Stall is how long nothing may move while a request or an answer is under
	// way, and how long an answer may take to begin; 0 means 100 s.
	Stall time.Duration
}

// The waits that nobody has needed to set.
const (
	connectWait   = 10 * time.Second
	handshakeWait = 10 * time.Second
	defaultStall  = 100 * time.Second
	defaultHosts  = 64
	headerLimit   = 256 << 10 // bytes of an answer's header
)

// New makes a client. A redirect comes back as the answer it is. The only error
// is a Refusal of kind Invalid: an unreadable CA file, or an entry of Admit that
// is not host:port.
func New(o Options) (*http.Client, error) {
	d, err := o.dialer()
	if err != nil {
		return nil, err
	}
	roots, err := o.roots()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		DialContext: d.DialContext,
		// HTTP/1.1, because DialContext is set and HTTP/2 not asked for: a cut
		// connection takes one call with it, not all.
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            roots,
			Time:               o.Now,
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
		},
		TLSHandshakeTimeout:    handshakeWait,
		ResponseHeaderTimeout:  d.stall,
		IdleConnTimeout:        d.stall,
		MaxConnsPerHost:        orDefault(o.PerHost, defaultHosts),
		MaxIdleConnsPerHost:    orDefault(o.PerHost, defaultHosts),
		MaxResponseHeaderBytes: headerLimit,
		// Pages are read as fast as Microsoft gives them; unpacking them would
		// cost more than everything else that is done with them.
		DisableCompression: true,
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func (o Options) dialer() (*dialer, error) {
	d := &dialer{
		guard: newGuard(), admit: map[string]bool{}, resolve: o.Resolve, dial: o.Dial,
		stall: orDefault(o.Stall, defaultStall),
	}
	if d.resolve == nil {
		d.resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if d.dial == nil {
		d.dial = (&net.Dialer{Timeout: connectWait}).DialContext
	}
	for _, address := range o.Admit {
		host, port, err := net.SplitHostPort(address)
		if err != nil || host == "" || port == "" || strings.ContainsAny(address, "*/ ") {
			return nil, &graphwarden.Refusal{
				Kind: graphwarden.Invalid, Code: "outbound.admit", Cause: err,
				Say: fmt.Sprintf("%q cannot be admitted: it is not one host and one port.", address),
				Do:  "Write it as host:port, for example 127.0.0.1:8443.",
			}
		}
		d.admit[strings.ToLower(address)] = true
	}
	return d, nil
}

// roots gives the certificates to trust; nil means the system's.
func (o Options) roots() (*x509.CertPool, error) {
	if len(o.CAFiles) == 0 {
		return o.Roots, nil
	}
	pool := o.Roots
	if pool == nil {
		var err error
		if pool, err = x509.SystemCertPool(); err != nil {
			return nil, badCA(o.CAFiles[0], err, "cannot be added to the system's certificates, which cannot be read")
		}
	}
	pool = pool.Clone()
	for _, path := range o.CAFiles {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, badCA(path, err, "cannot be read")
		}
		if !pool.AppendCertsFromPEM(raw) {
			return nil, badCA(path, nil, "holds no certificate")
		}
	}
	return pool, nil
}

func badCA(path string, cause error, what string) error {
	return &graphwarden.Refusal{
		Kind: graphwarden.Invalid, Code: "outbound.ca_file", Cause: cause,
		Say: fmt.Sprintf("The CA file %s %s.", path, what),
		Do:  "Name a file of PEM certificates that this user may read.",
	}
}

// orDefault gives v, or the default when v says nothing.
func orDefault[T int | time.Duration](v, otherwise T) T {
	if v <= 0 {
		return otherwise
	}
	return v
}
