package proxy

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
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

// about binds a link to who was given it, for what, and whether its answers are masked:
// nobody else's opens.
func about(call gate.Call, option string, masks bool) seal.About {
	if masks {
		option += " masked"
	}
	return seal.About{Tenant: "proxy " + option, Registration: call.App + " " + call.Flow + " " + call.Operation.Method() + " " + call.Operation.Template(), Account: call.Mailbox + " " + call.Args["path"]}
}

// close makes the proxy's own link of one of Microsoft's. One that Microsoft did not
// write with a token of its own is left out.
func (p *Proxy) close(a *asked, call gate.Call, theirs string) (string, error) {
	option := "$skiptoken"
	if u, err := url.Parse(theirs); err == nil && u.Query().Has("$deltatoken") {
		option = "$deltatoken"
	}
	raw, err := p.config.Sealer.Seal(seal.FromString(theirs), about(call, option, a.masks))
	if err != nil {
		return "", err
	}
	return a.base + call.Args["path"] + "?" + option + "=" + mark + base64.RawURLEncoding.EncodeToString(raw), nil
}

// open gives Microsoft's link that one of the proxy's holds.
func (p *Proxy) open(l *link, call gate.Call, masks bool) (theirs string, err error) {
	secret, err := p.config.Sealer.Open(l.sealed, about(call, l.option, masks))
	if err != nil {
		return "", foreign(err)
	}
	secret.Reveal(func(plain []byte) { theirs = string(plain) })
	return theirs, nil
}
