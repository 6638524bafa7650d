// Package sim is a Microsoft 365 tenant on one machine: Entra's endpoints,
// Microsoft Graph, Exchange's administration and a way to steer them, behind one TLS address whatever the
// Host header. It promises that clients made for Microsoft 365 work against it
// unmodified, that the same seed makes the same tenant, and that what a client
// was told survives the process being killed when there is a journal. What it
// does not know it refuses as the real service would, and says so on its log.
package sim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra"
	"github.com/graphwarden/graphwarden/sim/exchange"
	"github.com/graphwarden/graphwarden/sim/graph"
	"github.com/graphwarden/graphwarden/sim/truth"
	"github.com/graphwarden/graphwarden/sim/weather"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Taken says whether an error is of a journal on which another simulator runs.
func Taken(err error) bool { return errors.Is(err, state.ErrTaken) }

// Options say what tenant is simulated and how. The zero value is a tenant of 25
// people in fair weather that leaves nothing behind.
type Options struct {
	Seed   uint64
	Users  int    // how many people; 0 means 25
	Domain string // "" means contoso.example
	Name   string // of the organisation; "" means Contoso
	// Journal is the file that the tenant's state is kept in; "" keeps nothing.
	Journal string
	// Truth is the file of the truth ledger, Record that of Graph's answers as
	// graphcheck -validate reads them; "" keeps them in memory and not at all.
	Truth  string
	Record string
	// Weather is a profile: "off" (or ""), "gentle" or "hard".
	Weather string
	// Trust is a PEM file with the certificates that the receivers of
	// notifications are trusted by, besides the system's.
	Trust string
	// HTTPNotifications admits receivers on plain http, on loopback only.
	HTTPNotifications bool
	// Dial reaches the receivers of notifications; nil means the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Hosts are further names that the certificate is to hold.
	Hosts []string
	// DeviceInterval is how long devices that wait for a sign-in are told to wait
	// between questions; 0 is what Entra says.
	DeviceInterval time.Duration
	// Now is the time outside; nil means time.Now.
	Now func() time.Time
	Log *slog.Logger // nil means silence
}

func (o Options) filled() Options {
	if o.Users == 0 {
		o.Users = 25
	}
	if o.Domain == "" {
		o.Domain = "contoso.example"
	}
	if o.Name == "" {
		o.Name = "Contoso"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// domainName says whether a name can stand behind the @ of an address (RFC 1035,
// section 2.3.1, with a digit in front as RFC 1123, section 2.1 allows).
func domainName(name string) bool {
	return len(name) <= 253 && regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`).MatchString(name)
}

// Sim is one simulated tenant.
type Sim struct {
	World   *world.World
	Entra   *entra.Entra
	Truth   *truth.Ledger
	Weather *weather.Weather

	options  Options
	graph    *graph.Graph
	clocks   *state.Table[time.Time]
	apps     []world.App
	users    []string // object ids of the people, the administrator first
	identity identity
	record   *record
	handler  http.Handler
	memory   *memory
}

// New makes the tenant, or takes it up again from its journal. Nothing is served
// over a network until Run; Handler works at once.
func New(o Options) (*Sim, error) {
	s := &Sim{options: o.filled(), memory: newMemory()}
	o = s.options
	if !domainName(o.Domain) {
		return nil, fmt.Errorf("the domain %q is no name of a domain, such as contoso.example", o.Domain)
	}
	trusted, err := trust(o.Trust)
	if err != nil {
		return nil, err
	}
	s.World = world.New(world.Options{Seed: o.Seed, Domain: o.Domain, Name: o.Name, Journal: o.Journal, Now: o.Now,
		Base: fmt.Sprintf("seed %d, %d users, %s at %s", o.Seed, o.Users, o.Name, o.Domain)})
	s.clocks = state.NewTable[time.Time](s.World.Store, "sim.clock")
	s.Truth = truth.New(s.World, o.Log)
	s.Entra = entra.New(s.World, o.Log)
	s.Entra.DeviceInterval = o.DeviceInterval
	s.Weather = weather.New(s.World.Clock().Now)
	if err := s.Weather.Set(weather.Settings{Seed: o.Seed, Profile: o.Weather}); err != nil {
		return nil, fmt.Errorf("setting the weather: %w", err)
	}
	s.graph, err = graph.New(graph.Options{World: s.World, Tokens: s.Entra, Witness: s.Truth, Limits: weather.NewLimits(),
		Weather: s.Weather, ValidationToken: s.Entra.ValidationToken, PlainHTTP: o.HTTPNotifications, Log: o.Log,
		Receivers: &http.Client{Transport: &http.Transport{DialContext: o.Dial, TLSClientConfig: &tls.Config{RootCAs: trusted}}}})
	if err != nil {
		return nil, err
	}
	if err := s.World.Open(s.found); err != nil {
		return nil, fmt.Errorf("opening the tenant: %w", err)
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin does what follows once the journal is replayed.
func (s *Sim) begin() error {
	o := s.options
	if err := s.Truth.Open(s.World, o.Truth, o.Journal != ""); err != nil {
		return err
	}
	var err error
	if s.identity, err = s.loadIdentity(o.Hosts); err != nil {
		return err
	}
	if s.record, err = openRecord(o.Record, o.Journal != ""); err != nil {
		return err
	}
	s.handler = s.routes()
	return nil
}

// Handler serves everything, without TLS.
func (s *Sim) Handler() http.Handler { return s.handler }

// routes sends each path to its part. Steering stands outside the weather. The
// Date of every answer (RFC 9110, section 6.6.1) is the tenant's time: by it a
// client finds that its clock and Microsoft's differ.
func (s *Sim) routes() http.Handler {
	api := s.record.wrap(s.Weather.Wrap(s.graph))
	sky := http.NewServeMux()
	sky.Handle("/", s.Weather.Wrap(s.Entra.Handler()))
	sky.Handle("/v1.0/", api)
	sky.Handle("/beta/", api)
	sky.Handle("/api/v2.0/", s.Weather.Wrap(s.graph.UploadHandler))
	admin := s.Weather.Wrap(exchange.New(exchange.Options{World: s.World, Mailboxes: s.graph.Mailboxes, Tokens: s.Entra, Witness: s.Truth, Log: s.options.Log}))
	sky.Handle("/adminapi/", admin)
	for _, later := range []string{"/EWS/", "/ews/", "/autodiscover/"} {
		sky.HandleFunc(later, s.notSimulated)
	}
	s.steering(sky)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.World.Clock().Now().Format(http.TimeFormat))
		sky.ServeHTTP(w, r)
	})
}

// notSimulated refuses the services that are not simulated.
func (s *Sim) notSimulated(w http.ResponseWriter, r *http.Request) {
	s.options.Log.WarnContext(r.Context(), "not simulated, refused", "method", r.Method, "host", r.Host, "path", r.URL.Path)
	http.Error(w, "404 - not found", http.StatusNotFound)
}

// Close gives back files. It does not end a Run that is under way.
func (s *Sim) Close() error {
	return errors.Join(s.Truth.Close(), s.record.close(), s.World.Close())
}

// trust reads the certificates that receivers are trusted by.
func trust(path string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if path == "" {
		return pool, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates to trust: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the certificates to trust: %s holds no PEM certificate", path)
	}
	return pool, nil
}
