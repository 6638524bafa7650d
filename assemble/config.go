package assemble

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/strict"
)

// Config is the configuration file, docs/configuration.md in Go. Paths in it
// are relative to the folder of the file.
type Config struct {
	// Database is the SQLite file, or the URL of a PostgreSQL database, whose
	// password stands in the file DatabasePassword unless the URL has it. Key is
	// the file with the key that seals tokens,
	// which should not lie in the folder that backups of the database go to.
	Database         string `yaml:"database" when:"start"`
	DatabasePassword string `yaml:"database_password_file" when:"start"`
	Key              string `yaml:"key" when:"start"`
	// Listen is where notifications are received, host:port.
	Listen string `yaml:"listen" form:"address" when:"start"`
	// PublicURL is how Microsoft reaches Listen; empty: no notifications, feeds
	// are swept.
	PublicURL string `yaml:"public_url" form:"web"`
	// OperateAt is where operators and the command line are answered, host:port,
	// or "off". Beyond this machine it needs OperateCertificate, a PEM file.
	OperateAt          string `yaml:"operate" form:"operate" when:"start"`
	OperateCertificate string `yaml:"operate_certificate_file" when:"start"`
	// OperatorToken is the file of their token; empty: operator.token beside the
	// database.
	OperatorToken string `yaml:"operator_token_file" when:"start"`
	// AppsAt is where apps are answered, with their keys, host:port; "off", and the
	// default. Beyond this machine it needs AppsCertificate, a PEM file. AppsRate is
	// how many requests each key may make in a minute.
	AppsAt          string `yaml:"apps" form:"operate" when:"start"`
	AppsCertificate string `yaml:"apps_certificate_file" when:"start"`
	AppsRate        int    `yaml:"apps_rate"`
	// Notices is where operators are told what is wrong, besides the log.
	Notices Notices `yaml:"notices"`
	// BackupWithin is how old the last backup may be before that is told; "0s" is
	// for those who back up by other means.
	BackupWithin *Duration `yaml:"backup_within"`
	// Integrity is how often the database is read through for damage.
	Integrity Integrity `yaml:"integrity"`
	// Ledger is where signed checkpoints of the ledger go.
	Ledger Ledger `yaml:"ledger"`
	// Grants is how often it is looked what registrations are granted.
	Grants Grants `yaml:"grants"`
	// Sweep is how often a feed is read that nothing wakes.
	Sweep Sweep `yaml:"sweep"`
	// Keep is how long changes are kept that every sink has acknowledged, for
	// replays; the newest of each item stays as long as the item.
	Keep Duration `yaml:"keep"`
	// Admit are addresses, host:port, on this machine or in private networks
	// that connections may go to all the same.
	Admit []string `yaml:"admit"`
	// Policies are files with rules in Cedar that forbid what flows permit.
	Policies []string           `yaml:"policies"`
	Tenants  map[string]*Tenant `yaml:"tenants"`
	// Callers are apps that show a token of Entra's in place of a key, by a name for each.
	Callers map[string]*Caller `yaml:"callers"`
	Flows   map[string]*Flow   `yaml:"flows" need:"yes"`

	folder string
	table  *catalog.Catalog // kept beside the file; nil: the one that came with the program
	file   string
	read   *strict.Reading // knows where each setting stands
	env    func(string) string
	rules  *policy.Rules
	ruled  map[string]string // the files with rules, each with what it is known again by
	sketch bool              // declare reads no secrets
	early  bool              // client secrets may be missing yet
}

// Sweep is how long a feed goes unread at most.
type Sweep struct {
	Woken Duration `yaml:"woken"` // while a subscription wakes it; default 15m
	Alone Duration `yaml:"alone"` // without one; default 5m
}

// Tenant is one Microsoft 365 organisation in the configuration.
type Tenant struct {
	ID    string `yaml:"id" need:"yes" form:"tenant"`
	Cloud Cloud  `yaml:"cloud"`
	CA    string `yaml:"ca"` // a PEM file with a CA to trust besides the system's
	// Audiences are what Graphwarden's own API is called in the tenant: its application
	// (client) id, and its Application ID URI. Tokens for it are taken in place of keys.
	Audiences     []string                 `yaml:"audiences"`
	Registrations map[string]*Registration `yaml:"registrations"`
}

// Flow is one flow in the configuration.
type Flow struct {
	App          string   `yaml:"app" need:"yes"`
	Kind         string   `yaml:"kind" need:"yes" one:"@kinds"`
	Tenant       string   `yaml:"tenant" need:"yes"`
	Registration string   `yaml:"registration" need:"yes"`
	Mailboxes    []string `yaml:"mailboxes"`
	Groups       []string `yaml:"groups" form:"guid"` // object ids; their members' mailboxes belong to the flow
	People       bool     `yaml:"people"`             // in place of both: those who sign in, each with their own mailbox
	Window       Window   `yaml:"window"`
	Presence     Presence `yaml:"presence"` // of kind presence
	Mail         Mail     `yaml:"mail"`     // of kind mail-send
	// Operations are what the app of a flow of kind graph may ask Graph for itself,
	// e.g. "GET /users/{id}/messages".
	Operations []string `yaml:"operations"`
	// Private is what the app is shown of private events when it reads them:
	// time-only (the default), full or drop, which kind graph does not have. A sink says
	// its own.
	Private string `yaml:"private" one:"time-only full drop"`
	// Direction is which way events go: in (the default), both, or out.
	Direction string `yaml:"direction" one:"in both out"`
	// Conflicts says who wins when app and Microsoft 365 changed the same event:
	// refuse (the default), microsoft-wins or app-wins.
	Conflicts string `yaml:"conflicts" one:"refuse microsoft-wins app-wins"`
	Sink      Sink   `yaml:"sink"`
	// Sinks are more of them, by name.
	Sinks map[string]*Sink `yaml:"sinks"`
}

// Window is what part of a calendar a flow reads: a span around now, or between
// two dates.
type Window struct {
	Past   Duration `yaml:"past"`             // default 30d
	Future Duration `yaml:"future"`           // default 365d
	From   string   `yaml:"from" form:"date"` // a date, 2006-01-02
	To     string   `yaml:"to" form:"date"`
}

// Duration is a length of time as people write it: "15m", "36h", "30d".
type Duration time.Duration

// String writes it as Go does, "36h0m0s".
func (d Duration) String() string { return time.Duration(d).String() }

// UnmarshalYAML reads a duration; "d" is a day of 24 hours.
func (d *Duration) UnmarshalYAML(raw []byte) error {
	var text string
	if err := yaml.Unmarshal(raw, &text); err != nil {
		return err
	}
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); n == 1 && err == nil && text == fmt.Sprintf("%dd", days) {
		*d = Duration(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a length of time such as 90s, 15m, 36h or 30d", text)
	}
	*d = Duration(span)
	return nil
}

// settle fills in what the file leaves out.
func (c *Config) settle() {
	set(&c.Database, "graphwarden.db")
	set(&c.Key, "graphwarden.key")
	set(&c.Listen, "127.0.0.1:8080")
	set(&c.OperateAt, "127.0.0.1:8081")
	set(&c.AppsAt, off)
	set(&c.AppsRate, 6000)
	if c.BackupWithin == nil {
		week := Duration(7 * 24 * time.Hour)
		c.BackupWithin = &week
	}
	c.Integrity.settle()
	set(&c.Keep, Duration(30*24*time.Hour))
	set(&c.Sweep.Woken, Duration(15*time.Minute))
	set(&c.Sweep.Alone, Duration(5*time.Minute))
	for _, f := range c.Flows {
		if f != nil {
			f.settlePresence()
			f.settleMail()
			f.settleThrough()
			set(&f.Direction, string(flow.In))
			set(&f.Window.Past, Duration(30*24*time.Hour))
			set(&f.Window.Future, Duration(365*24*time.Hour))
		}
	}
}

func set[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}

// path is a path of the file seen from where the program runs.
func (c *Config) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.folder, p)
}
