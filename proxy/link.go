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

// linkForm is the form of content. Links of another are old: of those of the first, nobody
// knows what they continue.
const linkForm = 2

// content is what a link holds, sealed.
type content struct {
	Theirs string    `json:"theirs"` // Microsoft's link
	Made   time.Time `json:"made"`
	Policy string    `json:"policy"` // under which it was made
	// Query is the canonical query of the request that it continues: what it goes on with
	// is judged and masked as the first page was.
	Query string `json:"query"`
}

// about binds a link to who was given it and for what: nobody else's opens.
func about(call gate.Call, option string) seal.About {
	return seal.About{Tenant: "proxy " + option, Registration: call.App + " " + call.Flow + " " + call.Operation.Method() + " " + call.Operation.Template(), Account: call.Mailbox + " " + call.Args["path"]}
}

// policyOf names what a flow permits. A link goes on with all that was asked when it was
// made, in the words that Microsoft has for it: so it is not followed under another policy.
// What was asked is judged again all the same, and whether the flow may touch the mailbox.
func policyOf(f flow.Flow) string {
	operations := []string{}
	for _, o := range f.Kind.Operations() {
		operations = append(operations, o.Name())
	}
	slices.Sort(operations)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %q %q %t %t", linkForm, operations, f.Registration, f.People, f.ShowsPrivate))
	return hex.EncodeToString(sum[:])
}

// close makes the proxy's own link of one of Microsoft's that continues the answer to a
// request with a query. One that Microsoft did not write with a token of its own is left out.
func (p *Proxy) close(a *asked, call gate.Call, query, theirs string) (string, error) {
	option := "$skiptoken"
	if u, err := url.Parse(theirs); err == nil && u.Query().Has("$deltatoken") {
		option = "$deltatoken"
	}
	plain, err := json.Marshal(content{Theirs: theirs, Made: p.config.Now().UTC(), Policy: policyOf(a.flow), Query: query})
	if err != nil {
		return "", err
	}
	raw, err := p.config.Sealer.Seal(seal.FromString(string(plain)), about(call, option))
	if err != nil {
		return "", err
	}
	return a.base + call.Args["path"] + "?" + option + "=" + mark + base64.RawURLEncoding.EncodeToString(raw), nil
}

// closeWithin makes the proxy's own link of one that continues a list within an answer: one
// that $expand named, by its name. Following it is an operation of its own: path and query
// are judged as if the app had asked for them itself, and what is sealed is written anew
// from that, with Microsoft's token. Whatever else calls itself such a link, an app could
// have written; it gets one that cannot be followed.
func (p *Proxy) closeWithin(a *asked, call gate.Call, list, theirs string) (string, error) {
	target, query, _ := strings.Cut(theirs, "?")
	path, found := strings.CutPrefix(target, a.tenant.Cloud.Graph+"/"+string(a.version))
	query, token := apart(query)
	form, err := canon.Parse(canon.Incoming{Method: http.MethodGet, Path: path, Query: query})
	t := p.trying(a.flow, a.version)
	if err == nil {
		err = t.actsFor(a.person)
	}
	if err == nil {
		_, err = t.judge(form)
	}
	if err == nil {
		query, err = t.query(form)
	}
	brought := func(template string) bool { return strings.HasSuffix(template, "/"+list) }
	if !found || err != nil || t.owner != call.Mailbox || !brought(form.Template) || !slices.ContainsFunc(a.form.Also, brought) {
		return nowhere(a, call), nil
	}
	if token != "" && query != "" {
		query += "&"
	}
	theirs = a.tenant.Cloud.Graph + "/" + string(a.version) + form.Path(t.owner) + "?" + query + token
	return p.close(a, gate.Call{App: call.App, Flow: call.Flow, Operation: flow.Asked(a.version, form.Method, form.Template), Mailbox: t.owner, Args: flow.Args{"path": form.Path(t.owner)}}, form.Query(), theirs)
}

// nowhere is a link that nobody can follow.
func nowhere(a *asked, call gate.Call) string {
	return a.base + call.Args["path"] + "?$skiptoken=" + mark
}

// apart takes the token by which Microsoft knows a place out of a query. Two stay where
// they are, and are judged like any other option.
func apart(query string) (rest, token string) {
	var asked []string
	for piece := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(piece, "=")
		name, err := url.QueryUnescape(name)
		value, bad := url.QueryUnescape(value)
		name = "$" + strings.TrimPrefix(strings.ToLower(name), "$")
		if err == nil && bad == nil && token == "" && (name == "$skiptoken" || name == "$deltatoken") {
			token = name + "=" + url.QueryEscape(value)
			continue
		}
		asked = append(asked, piece)
	}
	return strings.Join(asked, "&"), token
}

// continued opens the link that a request follows: Microsoft's, and the form of the request
// that it continues.
func (p *Proxy) continued(a *asked, t try, call gate.Call) (theirs string, form *canon.Request, err error) {
	call.Mailbox, call.Args = t.owner, flow.Args{"path": a.form.Path(t.owner)}
	held, err := p.open(a.link, call, policyOf(t.flow))
	if err != nil {
		return "", nil, err
	}
	form, err = p.parse(a, held.Query)
	return held.Theirs, form, err
}

// open gives what a link of the proxy's holds, which was made under a policy.
func (p *Proxy) open(l *link, call gate.Call, policy string) (held content, err error) {
	secret, err := p.config.Sealer.Open(l.sealed, about(call, l.option))
	if err != nil {
		return held, foreign(err)
	}
	secret.Reveal(func(plain []byte) { err = json.Unmarshal(plain, &held) })
	good := pagesFor
	if l.option == "$deltatoken" {
		good = changesFor
	}
	switch {
	case err != nil, held.Policy != policy:
		return held, old("What the flow permits has changed since the link was made.")
	case p.config.Now().Sub(held.Made) > good:
		return held, old(fmt.Sprintf("The link is older than %.0f days.", good.Hours()/24))
	}
	return held, nil
}

// old refuses a link as Microsoft does one whose state is gone, so that apps begin anew by
// themselves.
func old(say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.link_old", Say: say, Do: "Begin anew, with the request that had the first page as its answer."}
}
