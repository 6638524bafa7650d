package proxy

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/seal"
)

// handles begins the paths of the addresses that an app is given in place of those of
// Microsoft's that let in whoever has them: of upload sessions, of files, and of where it is
// told how far a copy is (R17).
const handles = Prefix + "handles/"

// uploadURL is the member of an upload session that holds its address.
const uploadURL = "uploadUrl"

// isDownload says whether a member is the address of a file ("driveItem resource type").
func isDownload(member string) bool {
	return strings.HasPrefix(member, "@") && strings.HasSuffix(member, ".downloadUrl")
}

// Sorts of what a handle stands for.
const (
	upload   = "upload"
	download = "download"
	monitor  = "monitor"
)

// How long a handle can be used whose end Microsoft does not say. The address of a file is
// good for an hour at most ("driveItem resource type"); no copy is followed for longer than
// a day.
const (
	filesFor    = time.Hour
	monitorsFor = 24 * time.Hour
)

// handle is an address of Microsoft's that needs no token, and what an app did to be given
// it.
type handle struct {
	Theirs   string       `json:"theirs"`
	Sort     string       `json:"sort"`
	Until    time.Time    `json:"until"`
	Flow     string       `json:"flow"`
	Policy   string       `json:"policy"` // under which it was made
	Version  flow.Version `json:"version"`
	Method   string       `json:"method"` // of the operation, with its template
	Template string       `json:"template"`
	Mailbox  string       `json:"mailbox"` // that it touches; "" when none
	Path     string       `json:"path"`    // that was asked for
}

// heldBy binds a handle to the app that it was given: nobody else's opens.
func heldBy(app string) seal.About { return seal.About{Tenant: "proxy handle", Registration: app} }

// hold makes a handle of an address that Microsoft gave with the answer to a call.
func (p *Proxy) hold(a *asked, call gate.Call, sort, theirs string, until time.Time) (string, error) {
	plain, err := json.Marshal(handle{Theirs: theirs, Sort: sort, Until: until.UTC(), Flow: call.Flow, Policy: policyOf(a.flow),
		Version: a.version, Method: a.form.Method, Template: a.form.Template, Mailbox: call.Mailbox, Path: call.Args["path"]})
	if err != nil {
		return "", err
	}
	raw, err := p.config.Sealer.Seal(seal.FromString(string(plain)), heldBy(call.App))
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(a.base, Prefix+string(a.version)) + handles + base64.RawURLEncoding.EncodeToString(raw), nil
}

// release opens a handle of an app's.
func (p *Proxy) release(app, token string) (h handle, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return h, strange(err)
	}
	secret, err := p.config.Sealer.Open(raw, heldBy(app))
	if err != nil {
		return h, strange(err)
	}
	secret.Reveal(func(plain []byte) { err = json.Unmarshal(plain, &h) })
	if err != nil {
		return h, strange(err)
	}
	return h, nil
}

// strange refuses an address that is none of the proxy's for this app.
func strange(cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.handle", Cause: cause,
		Say: "This is no address that the app was given here.", Do: "Use the whole address, unchanged and with the same app's key; or ask for a new one."}
}

// gone refuses a handle as Microsoft does the address of what is no more, so that SDKs begin
// anew (graph-facts §9).
func gone(say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "proxy.handle_old", Say: say, Do: "Begin anew, with the request that gave the address."}
}

// good says whether a handle can still be used by who shows a key, and under which flow.
func (p *Proxy) good(key graphwarden.AppKey, person string, h handle) (f flow.Flow, err error) {
	flows := p.config.Flows(key.App)
	i := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == h.Flow })
	switch {
	case i < 0, flows[i].App != key.App, flows[i].Kind.Direction() != flow.Apps, policyOf(flows[i]) != h.Policy:
		return f, gone("What the flow permits has changed since the address was given.")
	case len(key.Flows) > 0 && !slices.Contains(key.Flows, h.Flow):
		return f, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.no_flow",
			Say: fmt.Sprintf("This key is not for the flow %q.", h.Flow), Do: "Use the key that the address was asked for with."}
	case !p.config.Now().Before(h.Until):
		return f, gone("The time of the address is over.")
	}
	f = flows[i]
	t := p.trying(f, h.Version)
	if f.People && person == "" {
		person = h.Mailbox // SDKs put pieces of a file without heads of the app's
	}
	if err := t.actsFor(person); err != nil {
		return f, err
	}
	if _, inside := t.names.byID[strings.ToLower(h.Mailbox)]; h.Mailbox != "" && !inside {
		return f, gone("The mailbox has left the flow since the address was given.")
	}
	return f, nil
}

// takes are the methods that a sort of handle takes.
func takes(sort string) []string {
	if sort == upload {
		return []string{http.MethodGet, http.MethodPut, http.MethodDelete}
	}
	return []string{http.MethodGet}
}
