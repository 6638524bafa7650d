package proxy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
	"github.com/graphwarden/graphwarden/seal"
)

// mark begins the tokens in the proxy's own links.
const mark = "gw1."

// link is a link of Microsoft's inside one of the proxy's: what continues an answer.
type link struct {
	option string // $skiptoken or $deltatoken
	sealed []byte
}

// sealed finds the proxy's token in a query that is nothing else: what it continues has
// said all that was asked. It gives the rest of the query.
func sealed(query string) (rest string, l *link, err error) {
	name, value, _ := strings.Cut(query, "=")
	token, found := strings.CutPrefix(value, mark)
	name, err = url.QueryUnescape(name)
	name = strings.ToLower(name)
	if err != nil || !found || name != "$skiptoken" && name != "$deltatoken" {
		return query, nil, nil // is judged like any other
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", nil, foreign(err)
	}
	return "", &link{name, raw}, nil
}

// foreign refuses a link that is none of the proxy's for this app.
func foreign(cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.link", Cause: cause,
		Say: "The link does not continue an answer that this app was given here.", Do: "Follow the whole @odata.nextLink or @odata.deltaLink of such an answer, without a change; or begin anew."}
}

// How long the proxy's links can be followed: pages, for as long as somebody reads them;
// what has changed, for as long as an app may be away.
const (
	pagesFor   = 24 * time.Hour
	changesFor = 30 * 24 * time.Hour
)

// content is what a link holds, sealed.
type content struct {
	Theirs string    `json:"theirs"` // Microsoft's link
	Made   time.Time `json:"made"`
	Policy string    `json:"policy"` // under which it was made
}

// about binds a link to who was given it and for what: nobody else's opens.
func about(call gate.Call, option string) seal.About {
	return seal.About{Tenant: "proxy " + option, Registration: call.App + " " + call.Flow + " " + call.Operation.Method() + " " + call.Operation.Template(), Account: call.Mailbox + " " + call.Args["path"]}
}

// policyOf names what a flow permits. A link goes on with all that was asked when it was
// made, options and what they read besides, and nothing of that is judged once more when it
// is followed: so it is not followed under another policy. Whether the flow may touch the
// mailbox is asked each time.
func policyOf(f flow.Flow) string {
	operations := []string{}
	for _, o := range f.Kind.Operations() {
		operations = append(operations, o.Name())
	}
	slices.Sort(operations)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t %t", operations, f.Registration, f.People, f.ShowsPrivate))
	return hex.EncodeToString(sum[:])
}

// close makes the proxy's own link of one of Microsoft's. One that Microsoft did not
// write with a token of its own is left out.
func (p *Proxy) close(a *asked, call gate.Call, theirs string) (string, error) {
	option := "$skiptoken"
	if u, err := url.Parse(theirs); err == nil && u.Query().Has("$deltatoken") {
		option = "$deltatoken"
	}
	plain, err := json.Marshal(content{theirs, p.config.Now().UTC(), policyOf(a.flow)})
	if err != nil {
		return "", err
	}
	raw, err := p.config.Sealer.Seal(seal.FromString(string(plain)), about(call, option))
	if err != nil {
		return "", err
	}
	return a.base + call.Args["path"] + "?" + option + "=" + mark + base64.RawURLEncoding.EncodeToString(raw), nil
}

// closeWithin makes the proxy's own link of one that continues a list within an answer: what
// $expand brought. Following it is an operation of its own, which the flow has to list. One
// that leads to anything else is none that can be followed.
func (p *Proxy) closeWithin(a *asked, call gate.Call, theirs string) (string, error) {
	target, _, _ := strings.Cut(theirs, "?")
	path, found := strings.CutPrefix(target, a.tenant.Cloud.Graph+"/"+string(a.version))
	form, err := canon.Parse(canon.Incoming{Method: http.MethodGet, Path: path})
	t := try{flow: a.flow, tenant: a.tenant, version: a.version}
	if err == nil {
		err = t.actsFor(a.person)
	}
	if err == nil {
		_, err = t.judge(form)
	}
	if !found || err != nil || t.owner != call.Mailbox {
		return a.base + call.Args["path"] + "?$skiptoken=" + mark, nil
	}
	return p.close(a, gate.Call{App: call.App, Flow: call.Flow, Operation: flow.Asked(a.version, form.Method, form.Template), Mailbox: t.owner, Args: flow.Args{"path": form.Path(t.owner)}}, theirs)
}

// open gives Microsoft's link that one of the proxy's holds, which was made under a policy.
func (p *Proxy) open(l *link, call gate.Call, policy string) (string, error) {
	secret, err := p.config.Sealer.Open(l.sealed, about(call, l.option))
	if err != nil {
		return "", foreign(err)
	}
	var held content
	secret.Reveal(func(plain []byte) { err = json.Unmarshal(plain, &held) })
	good := pagesFor
	if l.option == "$deltatoken" {
		good = changesFor
	}
	switch {
	case err != nil, held.Policy != policy:
		return "", old("What the flow permits has changed since the link was made.")
	case p.config.Now().Sub(held.Made) > good:
		return "", old(fmt.Sprintf("The link is older than %.0f days.", good.Hours()/24))
	}
	return held.Theirs, nil
}

// old refuses a link as Microsoft does one whose state is gone, so that apps begin anew by
// themselves.
func old(say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.link_old", Say: say, Do: "Begin anew, with the request that had the first page as its answer."}
}
