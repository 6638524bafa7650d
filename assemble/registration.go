package assemble

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// Cloud names one of Microsoft's clouds, "usgov", or another place by its
// endpoints.
type Cloud struct {
	Name  string `yaml:"-"`
	Login string `yaml:"login" form:"origin"`
	Graph string `yaml:"graph" form:"origin"`
	// Exchange may be left out: it is where Graph is, then.
	Exchange string `yaml:"exchange" form:"origin"`
}

// UnmarshalYAML reads a name or a pair of endpoints.
func (c *Cloud) UnmarshalYAML(raw []byte) error {
	if yaml.Unmarshal(raw, &c.Name) == nil {
		return nil
	}
	type endpoints Cloud
	return yaml.UnmarshalWithOptions(raw, (*endpoints)(c), yaml.Strict())
}

// AlsoText says that a cloud may be written as its name alone.
func (Cloud) AlsoText() {}

func (c Cloud) check(found *faults, at string) {
	var names []string
	for _, cloud := range graphwarden.Clouds() {
		names = append(names, cloud.Name)
	}
	found.word(at, c.Name, names...)
	found.when((c.Login == "") != (c.Graph == ""), at, "login and graph go together")
	found.when(c.Exchange != "" && c.Graph == "" && c.Login == "", at, "exchange goes with login and graph")
	for _, u := range []struct{ name, url string }{{"login", c.Login}, {"graph", c.Graph}, {"exchange", c.Exchange}} {
		parsed, err := url.Parse(u.url)
		found.when(u.url != "" && (err != nil || parsed.Scheme != "https" || strings.Trim(parsed.Path, "/") != ""), at+"."+u.name,
			"%q is not an origin such as https://graph.microsoft.com", u.url)
	}
}

func (c Cloud) cloud() graphwarden.Cloud {
	if known, found := graphwarden.CloudNamed(c.Name); found {
		return known
	}
	if c.Login == "" {
		return graphwarden.Global()
	}
	own := graphwarden.Cloud{Name: "own", Login: strings.TrimSuffix(c.Login, "/"), Graph: strings.TrimSuffix(c.Graph, "/"), Exchange: strings.TrimSuffix(c.Exchange, "/")}
	set(&own.Exchange, own.Graph)
	return own
}

// Registration is an app registration in the configuration.
type Registration struct {
	ClientID string `yaml:"client_id" need:"yes" form:"client"`
	// Mode is how it signs in: secret, certificate, or for a person code or device.
	// Left out, it follows from the file that is named.
	Mode        string `yaml:"mode" one:"secret certificate code device !password !ropc"`
	Secret      string `yaml:"secret_file"`
	Certificate string `yaml:"certificate_file"` // PEM, certificate and private key
	// SecretExpires is the date, 2006-01-02, on which the secret ends.
	SecretExpires string `yaml:"secret_expires" form:"date"`
	// People lets people sign in through it, each for themselves, for apps.
	People *People `yaml:"people"`
	// Username and Password are recognised to be refused.
	Username string `yaml:"username" schema:"-"`
	Password string `yaml:"password" schema:"-"`
}

func (r *Registration) check(found *faults, at string) {
	if r == nil {
		found.at(at+".client_id", "it is missing")
		return
	}
	found.when(r.ClientID == "", at+".client_id", "it is missing")
	r.People.check(found, at+".people", graphwarden.SignIn(r.Mode))
	if _, err := r.expires(); err != nil {
		found.at(at+".secret_expires", "%q is not a date such as 2027-01-31", r.SecretExpires)
	}
	found.when(r.SecretExpires != "" && r.Secret == "", at+".secret_expires", "there is no secret_file")
	if r.Mode == "password" || r.Mode == "ropc" || r.Username != "" || r.Password != "" {
		found.list = append(found.list, &misplaced{at: at, said: "it signs in with a person's name and password", refusal: &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "config.password",
			Say: "In the configuration, " + at + " wants to sign in with a person's name and password. Graphwarden does not: it hands the password to a program, fails with every second factor, and Microsoft is ending it.",
			Do:  "For a person write mode: code or mode: device and run graphwarden connect; for a service name a secret or a certificate and grant application permissions."}})
		return // which files that needs is another question
	}
	modes := []graphwarden.SignIn{graphwarden.BySecret, graphwarden.ByCertificate, graphwarden.ByCode, graphwarden.ByDevice}
	files := 0
	for _, file := range []string{r.Secret, r.Certificate} {
		if file != "" {
			files++
		}
	}
	switch mode := graphwarden.SignIn(r.Mode); {
	case r.Mode != "" && !slices.Contains(modes, mode):
		found.at(at+".mode", "%q is not one of secret, certificate, code and device%s", r.Mode, did(meant.Word(r.Mode, []string{"secret", "certificate", "code", "device"})))
	case mode.Delegated() && files > 1, !mode.Delegated() && files != 1:
		found.at(at, "exactly one of secret_file and certificate_file is needed")
	case mode == graphwarden.BySecret && r.Secret == "", mode == graphwarden.ByCertificate && r.Certificate == "":
		found.at(at, "mode %s needs its file", r.Mode)
	}
}

func (r *Registration) expires() (time.Time, error) {
	if r.SecretExpires == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, r.SecretExpires)
}

func (r *Registration) mode() graphwarden.SignIn {
	switch {
	case r.Mode != "":
		return graphwarden.SignIn(r.Mode)
	case r.Certificate != "":
		return graphwarden.ByCertificate
	}
	return graphwarden.BySecret
}

// registrationName is unique over tenants, as custody wants it.
func registrationName(tenant, name string) string { return tenant + "/" + name }

// connect takes a registration with its credential, and the house's flows that
// obtain its tokens and, by the one called reader, find mailboxes.
func (c *Config) connect(d *declared, t graphwarden.Tenant, name string, r *Registration, now time.Time) error {
	registration := graphwarden.Registration{Name: registrationName(t.Name, name), Tenant: t.Name, ClientID: r.ClientID, Mode: r.mode()}
	connection := connect.Connection{Tenant: t, Registration: registration, People: r.People != nil}
	if file := c.credentialFile(r); file != "" && !c.sketch {
		reading := &reading{path: file, certificate: r.Certificate != "", now: func() time.Time { return now }}
		var err error
		if connection.Credential, err = reading.read(); errors.Is(err, fs.ErrNotExist) && c.early && !reading.certificate {
			connection.Credential, err = entra.Credential{Secret: seal.FromString("not there yet")}, nil
		}
		if err != nil {
			return err
		}
		reading.now = time.Now
		connection.Reload = reading.again
	}
	connection.Expires, _ = r.expires() // checked
	d.connections = append(d.connections, connection)
	d.house = append(d.house, flow.ForSignIn(registration))
	if !registration.Mode.Delegated() {
		d.house = append(d.house, flow.ForProbe(registration, nil))
	}
	if name == readerName {
		d.house = append(d.house, flow.ForReader(registration), flow.ForGrants(registration), flow.ForInventory(registration))
	}
	return nil
}

// CertificateFile is where the configuration wants a registration's certificate.
func (c *Config) CertificateFile(tenant, name string) (string, error) {
	at := "tenants." + tenant + ".registrations." + name
	t := c.Tenants[tenant]
	if t == nil || t.Registrations[name] == nil || t.Registrations[name].Certificate == "" {
		return "", wrong(at+".certificate_file", "it is missing, so there is no certificate to make")
	}
	return c.path(t.Registrations[name].Certificate), nil
}

// CredentialFile is the file that a registration's credential stands in, "" for a
// public client and for a registration that is not declared.
func (c *Config) CredentialFile(tenant, name string) string {
	if t := c.Tenants[tenant]; t != nil && t.Registrations[name] != nil {
		return c.credentialFile(t.Registrations[name])
	}
	return ""
}

// credentialFile is the file that the registration's credential stands in, "" for
// a public client.
func (c *Config) credentialFile(r *Registration) string {
	if r.Certificate != "" {
		return c.path(r.Certificate)
	}
	return c.path(r.Secret)
}

// reading reads a credential from its file, again once the file has changed.
type reading struct {
	path        string
	certificate bool
	now         func() time.Time

	mu   sync.Mutex
	last entra.Credential
	seen os.FileInfo
}

func (r *reading) read() (c entra.Credential, err error) {
	if r.certificate {
		c.Certificate, err = connect.LoadCertificate(r.path, r.now())
	} else {
		c.Secret, err = readSecret(r.path)
	}
	if err == nil {
		r.last = c
		r.seen, _ = os.Stat(r.path) // one that is gone again is read again
	}
	return c, err
}

// again gives the credential as it stands in the file now.
func (r *reading) again() (entra.Credential, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(r.path)
	if err == nil && r.seen != nil && os.SameFile(info, r.seen) && info.ModTime().Equal(r.seen.ModTime()) && info.Size() == r.seen.Size() {
		return r.last, nil
	}
	return r.read()
}

// scope says of each connection for a person which permissions its flows need.
func (c *Config) scope(d *declared) error {
	for i, n := range d.connections {
		if !n.Registration.Mode.Delegated() {
			continue
		}
		names, err := c.least(d, n.Registration)
		if err != nil {
			return err
		}
		d.connections[i].Scopes = names
	}
	return nil
}

// least are the permissions that a registration needs for all its flows together.
func (c *Config) least(d *declared, r graphwarden.Registration) ([]string, error) {
	var kinds []flow.Kind
	for _, f := range slices.Concat(d.flows, d.house) {
		if f.Registration == r.Name && !c.tries(f) {
			kinds = append(kinds, f.Kind)
		}
	}
	return policy.Together(schemeOf(r), kinds, d.table)
}

func schemeOf(r graphwarden.Registration) catalog.Scheme {
	if r.Mode.Delegated() {
		return catalog.DelegatedWork
	}
	return catalog.Application
}

// permissions are the least that each flow of a registration needs.
func (c *Config) permissions(d *declared, r graphwarden.Registration) ([]string, error) {
	scheme := schemeOf(r)
	var names []string
	for _, f := range slices.Concat(d.flows, d.house) {
		if f.Registration != r.Name || c.tries(f) {
			continue
		}
		needed, err := policy.PermissionsIn(scheme, f.Kind, d.table)
		if err != nil {
			return nil, err
		}
		names = append(names, needed...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func newCustody(d *declared, source connect.Source, s *store.Store, l *ledger.Ledger, sealer *seal.Sealer, now func() time.Time, holder string, turned turned) *connect.Custody {
	return connect.NewCustody(connect.CustodyConfig{Connections: d.connections, Source: source, Vault: steppedVault{s}, Standings: s, Leases: steppedLeases{s},
		Ledger: l, Sealer: sealer, Now: now, Holder: holder, Turned: turned})
}
